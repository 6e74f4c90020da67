"""A build of a site's head, so that what is deployed has the values of now.

Sources: the official description (netlify/open-api, swagger.yml): `createSiteBuild`: without a branch it is a
production deploy, with another than the main one a branch deploy; `clear_cache`; the build names its deploy, and
`listSiteDeploys` the states. `stop_builds`: Netlify does not build the site. Netlify's CLI: a deploy is over with
`ready` or `error` (src/utils/deploy/util.ts), its page (src/commands/deploy/deploy.ts), and where the published deploy
is `locked` no other is published. `skipped` is a deploy of which nothing was built.
"""

from __future__ import annotations

from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.netlify.site import Row, number_of, row_of, rows_of
from rotate.systems.netlify.system import ALL, OF_BRANCH, PRODUCTION, SERVICE

READY, SKIPPED = "ready", "skipped"
ENDED = ("error", "rejected", SKIPPED)
WITHOUT = "Leave `redeploy` out, deploy it as you usually do, and give it time for that:\n\n    overlap: 24h"


class SiteDeployment:
    """Implements `ports.Deployment`: the production of a site, or one of its branches."""

    def __init__(self, address: Address, means: Means) -> None:
        self._client, self._means, self._address = Client(SERVICE, means), means, address
        self._context = address.options.get("context", ALL)
        self._branch = self._context.removeprefix(OF_BRANCH) if self._context.startswith(OF_BRANCH) else ""
        self.unit = f"the {self._branch or PRODUCTION} deploy of {address.where} at Netlify"

    def ready(self) -> None:
        """It must be one deploy of a site that Netlify builds and publishes.

        Raises:
            Refused: no build can be started for it, or what it makes would not be published.
        """
        if why := self._unbuilt() or self._held(self._site()):
            message = f"What runs with {self._address} cannot be deployed anew by this program: {why}."
            raise Refused("redeploy-impossible", message, WITHOUT)

    def start(self) -> str:
        """Build anew, without the cache: it may hold what an earlier build made with the value before."""
        query = {"clear_cache": "true", **({"branch": self._branch} if self._branch else {})}
        doing = f"start {self.unit}"
        answer = self._client.ask(Ask("POST", f"{self._path}/builds", doing, query, again=False))
        number = row_of(answer, doing, Outcome.UNKNOWN).get("deploy_id")
        if not isinstance(number, str) or not number:
            raise words.unexpected(SERVICE, doing, "without the id of the deploy", Outcome.UNKNOWN)
        return number

    def look(self, started: str) -> Deploy:
        """Say how far it is; where it came to nothing, how far the newest is that began later."""
        doing = f"look at the deploy {started} of {self._address.where}"
        path = f"/deploys/{quote(started, safe='')}"
        ours = row_of(self._client.ask(Ask("GET", path, doing)), doing)
        if ours.get("id") != started:
            raise words.unexpected(SERVICE, doing, "with another deploy")
        if _state(ours, doing) in ENDED:
            ours = self._later(ours, doing)
        state = _state(ours, doing)
        told = f"Netlify calls the deploy {ours.get('id')} `{state}`"
        if state in ENDED:
            return Deploy(Stage.FAILED, f"{told} (https://app.netlify.com/projects/{ours.get('name')}/deploys)")
        if state != READY:
            return Deploy(Stage.RUNNING, told)
        site = self._site()
        if not self._shown(site) or _published(site, ours):
            return Deploy(Stage.DONE, told)
        return Deploy(Stage.RUNNING, f"{told}, and has not published it yet")

    def _later(self, ours: Row, doing: str) -> Row:
        """Give the newest deploy of the same branch that began later; this one where none did."""
        query = {"branch": self._branch} if self._branch else {"production": "true"}
        rows = rows_of(self._client.ask(Ask("GET", f"{self._path}/deploys", doing, query)), doing)
        later = [one for one in rows if _began(one) > _began(ours) > ""]
        return max(later, key=_began, default=ours)

    @property
    def _path(self) -> str:
        return f"/sites/{number_of(self._client, self._means, self._address)}"

    def _site(self) -> Row:
        doing = f"look at the site {self._address.where}"
        return row_of(self._client.ask(Ask("GET", self._path, doing)), doing)

    def _unbuilt(self) -> str:
        """Say why no one build makes all that runs with the value."""
        if "/" not in self._address.where:
            return "all sites of the account share it"
        if self._context in (ALL, PRODUCTION) or self._branch:
            return ""
        return f"there is no one deploy of the context `{self._context}`"

    def _shown(self, site: Row) -> bool:
        """Say whether it is the production: it is over once it is published."""
        return self._branch in ("", _inside(site, "build_settings").get("repo_branch"))

    def _held(self, site: Row) -> str:
        """Say why Netlify would not build it, or not publish it."""
        settings = _inside(site, "build_settings")
        if not settings.get("repo_url"):
            return "the site is not connected to a Git repository, so that somebody else builds it"
        if settings.get("stop_builds") is True:
            return "builds of the site are stopped"
        if self._shown(site) and _inside(site, "published_deploy").get("locked") is True:
            return "a deploy of the site is locked, so that no other is published"
        return ""


def _inside(row: Row, name: str) -> Row:
    inner = row.get(name)
    return inner if isinstance(inner, dict) else {}


def _state(deploy: Row, doing: str) -> str:
    state = SKIPPED if deploy.get(SKIPPED) is True else deploy.get("state")
    if not isinstance(state, str):
        raise words.unexpected(SERVICE, doing, "without its state")
    return state


def _began(deploy: Row) -> str:
    """Give when a deploy began, in the form that all have in common; nothing where that is not told."""
    return str(deploy.get("created_at") or "")


def _published(site: Row, deploy: Row) -> bool:
    """Say whether a deploy is what the site shows, or one that began later is."""
    now = _inside(site, "published_deploy")
    return now.get("id") == deploy.get("id") or _began(now) > _began(deploy) > ""
