"""What runs with a variable of Render: a service, or every service that is linked to the group; deployed anew.

Sources: Render's description of its API ("Trigger deploy", "List deploys", `deployStatus`); recorded answers
(render-oss/terraform-provider-render: 201 with the deploy; 202 without a body, of cron jobs; its
internal/provider/common/client.go takes the one of the latest `createdAt` for the newest); the changelog of 28 May
2025: a deploy that is under way is overridden by the next one, or the next one waits for it, as the workspace says.
Render's own skill for agents (render-oss/skills, render-env-vars): only a build "picks up build-time changes", so there
is a build, of the commit that is deployed already: nobody asked for newer code. Render does not say that a restart
takes new values.
"""

from __future__ import annotations

import re
from datetime import datetime

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.systems.render.holder import PAGE, path_of
from rotate.systems.render.system import GROUP, SERVICE, SERVICE_ID

Row = dict[str, object]
DEPLOY_ID = re.compile(r"dep-[A-Za-z0-9-]+")
LIVE, CRON, QUEUED = "live", "/services/crn-", 202
UNDERWAY = frozenset({"created", "queued", "build_in_progress", "update_in_progress", "pre_deploy_in_progress"})
# What was live until a later one was: by itself no failure, and no proof either.
ENDED = frozenset({"build_failed", "update_failed", "canceled", "pre_deploy_failed", "deactivated"})
# A deploy that Render queued has no id yet: it is one of those after this one.
AFTER = "after "


class Deploys:
    """Implements `ports.Deployment`. What it starts is told by `service=deploy`, one word for each service."""

    def __init__(self, address: Address, means: Means) -> None:
        self._client, self._address, self._means = Client(SERVICE, means), address, means
        linked = f"every service linked to {address.where.removeprefix(GROUP)}"
        self.unit = linked if address.where.startswith(GROUP) else f"the service {address.where} of Render"
        self._done = set[str]()

    def ready(self) -> None:
        """Look whether each service is there and is not suspended."""
        for path in self._services():
            row = self._row(path, f"look at {self.unit}")
            if row.get("suspended") == "suspended":
                raise Refused(
                    "redeploy-suspended",
                    f"{row.get('name')} ({path.rpartition('/')[2]}) is suspended, and cannot be deployed with the new "
                    "value. Nothing was written.",
                    "Resume it, or rotate without `redeploy`: when it is resumed, Render deploys it.",
                )

    def start(self) -> str:
        """Start a deploy of each service."""
        return "\n".join(f"{path}={self._begin(path)}" for path in self._services())

    def look(self, started: str) -> Deploy:
        """Say how far all of them are: the first that failed, else the first that is still at work."""
        found = [self._look(one) for one in started.splitlines() if one not in self._done]
        open_ = [one for one in found if one.stage is not Stage.DONE]
        failed = next((one for one in open_ if one.stage is Stage.FAILED), None)
        return failed or next(iter(open_), Deploy(Stage.DONE))

    def _services(self) -> list[str]:
        """Give the paths of the services."""
        path = path_of(self._client, self._address, self._means)
        if not path.startswith("/env-groups/"):
            return [path]
        doing = f"look for {self.unit}"
        links = self._row(path, doing).get("serviceLinks")
        found = [str(one.get("id")) for one in links if isinstance(one, dict)] if isinstance(links, list) else []
        if not isinstance(links, list) or len([one for one in found if SERVICE_ID.fullmatch(one)]) < len(links):
            raise words.unexpected(SERVICE, doing, "without the services that are linked")
        return [f"/services/{one}" for one in found]

    def _begin(self, path: str) -> str:
        doing = f"deploy {path.rpartition('/')[2]}"
        newest = self._deploys(path, doing)
        at_work = next((one for one in newest if one.get("status") in {LIVE, *UNDERWAY}), {})
        commit = at_work.get("commit")
        number = commit.get("id") if isinstance(commit, dict) else None
        # A cron job takes no commit.
        body = {"commitId": number} if number and not path.startswith(CRON) else {}
        answer = self._client.ask(Ask("POST", f"{path}/deploys", doing, body=body, again=False))
        if answer.status == QUEUED:
            return f"{AFTER}{newest[0]['id'] if newest else ''}"
        row = answer.json()
        if not isinstance(row, dict) or not DEPLOY_ID.fullmatch(str(row.get("id"))):
            raise words.unexpected(SERVICE, doing, "not with a deploy", Outcome.UNKNOWN)
        return str(row["id"])

    def _look(self, one: str) -> Deploy:
        """Look at one deploy; where it ended without being live, or was queued, at those that began after it."""
        path, _, number = one.partition("=")
        doing = f"look at the deploy of {path.rpartition('/')[2]}"
        rows, since, known = list[Row](), "", number.removeprefix(AFTER)
        if known:
            row = self._row(f"{path}/deploys/{known}", doing)
            rows, since = [row] if known == number else [], _made(row, doing).isoformat()
        if not rows or rows[0].get("status") in ENDED:
            # What a rollback runs with is not documented: it proves nothing.
            rows += [one for one in self._deploys(path, doing, since) if one.get("trigger") != "rollback"]
        judged = _judged(rows, path.rpartition("/")[2])
        if judged.stage is Stage.DONE:
            self._done.add(one)
        return judged

    def _row(self, path: str, doing: str) -> Row:
        row = self._client.ask(Ask("GET", path, doing)).json()
        if not isinstance(row, dict):
            raise words.unexpected(SERVICE, doing, "not with an object")
        return row

    def _deploys(self, path: str, doing: str, since: str = "") -> list[Row]:
        """Give the latest deploys of a service, or those after a moment, the newest first."""
        query = {"limit": str(PAGE), **({"createdAfter": since} if since else {})}
        page = self._client.ask(Ask("GET", f"{path}/deploys", doing, query)).json()
        found = [one.get("deploy") if isinstance(one, dict) else None for one in page] if isinstance(page, list) else []
        rows = [one for one in found if isinstance(one, dict) and DEPLOY_ID.fullmatch(str(one.get("id")))]
        if not isinstance(page, list) or len(rows) < len(page):
            raise words.unexpected(SERVICE, doing, "not with a list of deploys")
        dated = [(_made(one, doing), one) for one in rows]
        # An earlier one that is still live must never pass for a later one, whatever the filter lets through.
        later = [one for one in dated if not since or one[0] > datetime.fromisoformat(since)]
        return [row for _, row in sorted(later, key=lambda one: one[0], reverse=True)]


def _made(row: Row, doing: str) -> datetime:
    """Give when a deploy was made."""
    if (made := moment(row.get("createdAt"))) is None:
        raise words.unexpected(SERVICE, doing, "with a deploy without the time of its start")
    return made


def _judged(rows: list[Row], service: str) -> Deploy:
    """Judge a deploy and those that took its place. One that Render has queued and does not show yet is at work."""
    if any(one.get("status") == LIVE for one in rows):
        return Deploy(Stage.DONE)
    ended = [one for one in rows if one.get("status") in ENDED]
    if not rows or len(ended) < len(rows):
        return Deploy(Stage.RUNNING, f"the deploy of {service} is not live yet")
    last = max(ended, key=lambda one: datetime.fromisoformat(str(one["createdAt"])))
    told = f"the deploy {last['id']} of {service} is `{last['status']}`; Render → the service → Events shows more"
    return Deploy(Stage.FAILED, told)
