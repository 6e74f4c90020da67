"""A fresh build of the commit that runs in production, so that the project takes the values that are stored now.

A redeploy of an existing deployment (`deploymentId`) would not do: "All project settings and environment variables are
inherited from the original" (@vercel/sdk 1.28.35, `CreateDeploymentRequestBody.deploymentId`). So the deployment that
is in production is asked for its `gitSource`, and that very commit is built anew: no code goes live that did not run.

Sources: the types of @vercel/sdk 1.28.35. `POST /v13/deployments` with `forceNew=1` "to bypass deployment deduplication
and always trigger a fresh build"; `readyState`; `readySubstate`: STAGED has "never seen production traffic", ROLLING is
"in the process"; `autoAssignCustomDomains` of a project. As Vercel's Terraform provider has it (client/deployment.go),
a deployment is over once `aliasAssigned`, and failed by `aliasError` or `checksConclusion` too.
"""

from __future__ import annotations

from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused, one_line
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service.description import Ask
from rotate.systems.vercel.address import PRODUCTION, SHARED
from rotate.systems.vercel.api import Api, as_row, text

FAILED = frozenset({"ERROR", "CANCELED", "BLOCKED"})
# What the read of a deployment and the request for one call alike; a pull request's number is not taken.
SOURCE = (
    "type",
    "repoId",
    "org",
    "repo",
    "host",
    "projectId",
    "workspaceUuid",
    "repoUuid",
    "owner",
    "slug",
    "ref",
    "sha",
)
INSTEAD = (
    "Leave out `redeploy`, and let the previous key stay valid until all was deployed anyway:\n\n    overlap: 7d\n\n"
    "Or start the deployment in a step of your own, and revoke with a later run."
)


class Production:
    """Implements `ports.Deployment`."""

    def __init__(self, address: Address, means: Means) -> None:
        self._api, self._address = Api(means), address
        self._path = f"/v9/projects/{quote(address.where, safe='')}"
        self.unit = f"the production deployment of the Vercel project {address.where}"
        self._looking = f"look at {self.unit}"

    def ready(self) -> None:
        """Raise `Refused` where no fresh build can be started of what uses the variable."""
        if self._address.where == SHARED:
            raise self._cannot("several projects may use it, and none of them is the place")
        if self._address.options.get("target") != PRODUCTION:
            raise self._cannot("a fresh build is started for production alone, and it is not a variable of that")
        project = self._project()
        if project.get("autoAssignCustomDomains") is False:
            raise self._cannot("the project's domains are not assigned to a new deployment until somebody promotes it")
        self._source(project)

    def start(self) -> str:
        """Build anew the commit that is in production."""
        project, doing = self._project(), f"start {self.unit} anew"
        body = {
            "name": text(project, "name", self._looking),
            "project": text(project, "id", self._looking),
            "target": PRODUCTION,
            "gitSource": self._source(project),
        }
        query = {"forceNew": "1", "skipAutoDetectionConfirmation": "1"}
        row = self._api.row(Ask("POST", "/v13/deployments", doing, query, body, again=False))
        return text(row, "id", doing, Outcome.UNKNOWN)

    def look(self, started: str) -> Deploy:
        """Say how far it is; of one that was cancelled since a later one took its place, how far that one is."""
        row = self._deployment(started)
        if row.get("readyState") == "CANCELED" and (later := self._after(started, row)):
            started, row = later, self._deployment(later)
        state, sub = str(row.get("readyState")), row.get("readySubstate")
        told = one_line(f"Vercel calls it {state}; `vercel inspect {started} --logs` shows more")
        if state in FAILED:
            return Deploy(Stage.FAILED, told)
        if row.get("aliasError") or row.get("checksConclusion") == "failed":
            return Deploy(
                Stage.FAILED, f"{told}; its checks failed, or the project's domains could not be assigned to it"
            )
        done = state == "READY" and row.get("aliasAssigned") is True and sub in (None, "PROMOTED")
        return Deploy(Stage.DONE if done else Stage.RUNNING, told)

    def _project(self) -> dict[str, object]:
        return self._api.row(Ask("GET", self._path, self._looking))

    def _deployment(self, number: str) -> dict[str, object]:
        return self._api.row(Ask("GET", f"/v13/deployments/{quote(number, safe='')}", self._looking))

    def _source(self, project: dict[str, object]) -> dict[str, object]:
        """Give the commit that is in production."""
        targets = project.get("targets")
        running = targets.get(PRODUCTION) if isinstance(targets, dict) else None
        if not isinstance(running, dict):
            raise self._cannot("nothing of the project is deployed to production")
        source = self._deployment(text(running, "id", self._looking)).get("gitSource")
        told = source if isinstance(source, dict) else {}
        found = {key: told[key] for key in SOURCE if told.get(key) is not None}
        if not found.get("type"):
            raise self._cannot("what is in production was not built from a commit in Git, but uploaded")
        return found

    def _after(self, started: str, row: dict[str, object]) -> str:
        """Give the newest deployment for production, if it was created later than this one."""
        query = {"projectId": self._address.where, "target": PRODUCTION, "limit": "1"}
        listed = self._api.row(Ask("GET", "/v7/deployments", self._looking, query)).get("deployments")
        newest = as_row(listed[0], self._looking) if isinstance(listed, list) and listed else {}
        created, ours = newest.get("created"), row.get("createdAt")
        later = isinstance(created, int) and isinstance(ours, int) and created > ours
        return str(newest.get("uid")) if later and newest.get("uid") != started else ""

    def _cannot(self, why: str) -> Refused:
        message = f"What runs with {self._address} cannot be started anew: {why}."
        return Refused("redeploy-impossible", message, INSTEAD)
