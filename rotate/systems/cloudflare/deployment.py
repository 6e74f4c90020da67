"""A new deployment of a Pages project that is built from a Git repository.

Sources: Cloudflare's documentation, pages/configuration/api ("Triggering a new build"): a `POST` without a body builds
the head of the production branch anew. PyPI `cloudflare` 5.9.0 (`types/pages`): a project of direct uploads has no
`source`, and a deployment of it needs the files again (`manifest`); `latest_stage` tells how far it is, the last being
`deploy`; one that is skipped or canceled may have been superseded by a later one. That a *retry* takes new values is
written nowhere, so it is not used.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Refused
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.systems.cloudflare.account import Account, Row, objects, unexpected
from rotate.systems.cloudflare.system import PREVIEW, PRODUCTION

LAST, DONE, ENDED = "deploy", "success", ("failure", "canceled", "skipped")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
WITHOUT = "Leave `redeploy` out, deploy it as you usually do, and give it time for that:\n\n    overlap: 24h"


class PagesDeployment:
    """Implements `ports.Deployment`."""

    def __init__(self, address: Address, means: Means) -> None:
        self._account, self._project = Account(means), address.where.partition("/")[2]
        self._environment = address.options.get("environment", PRODUCTION)
        self._path = f"/pages/projects/{quote(self._project, safe='')}"
        self.unit = f"the Pages project {self._project} ({self._environment})"

    def ready(self) -> None:
        """It must be the production of a project that Cloudflare builds.

        Raises:
            Refused: it is a preview, of which there is one for every branch, or files that somebody uploads.
        """
        if self._environment == PREVIEW:
            message = f"{self.unit} cannot be deployed anew by this program: there is a preview for every branch."
            raise Refused("redeploy-impossible", message, WITHOUT)
        source = self._account.row(Ask("GET", self._path, f"look at {self.unit}")).get("source")
        if not source:
            message = f"{self.unit} cannot be deployed anew by this program: its files are uploaded by somebody else."
            raise Refused("redeploy-impossible", message, WITHOUT)

    def start(self) -> str:
        """Build the head of the production branch."""
        one = Ask("POST", f"{self._path}/deployments", f"deploy {self.unit}", again=False)
        number = self._account.row(one).get("id")
        if not isinstance(number, str) or not number:
            raise unexpected(one, "without the id of a deployment")
        return number

    def look(self, started: str) -> Deploy:
        """Say how far it is; where it was dropped, how far the newest is that began later."""
        path, doing = f"{self._path}/deployments", f"look at the deployment {started} of {self.unit}"
        ours = self._account.row(Ask("GET", f"{path}/{quote(started, safe='')}", doing))
        if _stage(ours) is not Stage.FAILED:
            return _told(ours)
        one = Ask("GET", path, doing, {"env": self._environment})
        return _told(max(ours, *objects(self._account.ask(one).result, one), key=_begun))


def _status(deployment: Row) -> tuple[str, str]:
    """Give the name of its latest stage, and how that is."""
    stage = deployment.get("latest_stage")
    return (str(stage.get("name")), str(stage.get("status"))) if isinstance(stage, dict) else ("", "")


def _begun(deployment: Row) -> datetime:
    return moment(deployment.get("created_on")) or LONG_AGO


def _stage(deployment: Row) -> Stage:
    if deployment.get("is_skipped") is True:
        return Stage.FAILED
    name, status = _status(deployment)
    if status in ENDED:
        return Stage.FAILED
    return Stage.DONE if (name, status) == (LAST, DONE) else Stage.RUNNING


def _told(deployment: Row) -> Deploy:
    stage = _stage(deployment)
    skipped = f", and was skipped ({deployment.get('skip_reason')})" if deployment.get("is_skipped") is True else ""
    name, status = _status(deployment)
    number = deployment.get("id")
    return Deploy(stage, f"Cloudflare tells of the deployment {number} that its stage `{name}` is `{status}`{skipped}")
