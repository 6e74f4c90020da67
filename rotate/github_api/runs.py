"""Workflow runs: which are alive, and whether one is over (GitHub OpenAPI `/actions/runs` and below it)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from itertools import product

from rotate.errors import DestinationError
from rotate.github_api import wording
from rotate.github_api.client import GitHub
from rotate.protocol.model import LiveRun
from rotate.wire.outcome import SUCCESS, NoAnswerError
from rotate.wire.together import together, value_of

PERMISSION = "Actions: read"
# A run in any of these may still start a job with the value it was queued with (facts: GitHub §3).
LIVE = ("queued", "in_progress", "waiting", "pending", "requested")
PAGE = 100
MOST_PAGES = 10


class LiveRuns:
    """Implements `ports.Readers` for the repositories that hold the secret."""

    def __init__(self, repositories: Mapping[str, GitHub]) -> None:
        """`repositories`: each with the connection whose token may read it."""
        self._repositories = repositories
        self._seen: dict[int, LiveRun] = {}

    def alive(self) -> tuple[LiveRun, ...]:
        """List the live runs: five requests a repository, one for each status, all at once.

        Five lists are no single moment: a run that passes from one status to the next may be in none of them. So one
        that was listed at an earlier look and is not any more counts until GitHub says that it is over.

        Raises:
            RotateError: some list could not be read, or is longer than can be judged.
        """
        asked = product(self._repositories.items(), LIVE)
        lists = together(*(partial(_of_status, github, name, status) for (name, github), status in asked))
        found = {run.run_id: run for runs in lists for run in value_of(runs)}
        missing = [run for run_id, run in self._seen.items() if run_id not in found]
        ended = together(*(partial(self._over, run) for run in missing))
        found |= {run.run_id: run for run, over in zip(missing, ended, strict=True) if over is not True}
        self._seen = found
        return tuple(found.values())

    def _over(self, run: LiveRun) -> bool | None:
        return completed(self._repositories[run.repository], run.repository, run.run_id)


def _of_status(github: GitHub, repository: str, status: str) -> tuple[LiveRun, ...]:
    doing = f"list the {status} workflow runs of {repository}"
    found: list[LiveRun] = []
    for page in range(1, MOST_PAGES + 1):
        try:
            answer = github.call("GET", f"/repos/{repository}/actions/runs?status={status}&per_page={PAGE}&page={page}")
        except NoAnswerError as error:
            raise wording.unreachable(doing, error) from None
        document = answer.json()
        rows = document.get("workflow_runs") if isinstance(document, dict) else None
        if answer.status not in SUCCESS or not isinstance(rows, list):
            raise wording.refusal(doing, repository, PERMISSION, answer)
        found += [_live_run(row, repository, doing) for row in rows]
        if len(rows) < PAGE:
            return tuple(found)
    raise _unexpected(doing, f"there are more than {PAGE * MOST_PAGES}")


def _live_run(row: object, repository: str, doing: str) -> LiveRun:
    facts = row if isinstance(row, dict) else {}
    try:
        started = datetime.fromisoformat(str(facts["run_started_at"]))
        return LiveRun(int(facts["id"]), repository, str(facts["status"]), started, str(facts["html_url"]))
    except (KeyError, TypeError, ValueError):
        raise _unexpected(doing, "a run is not described as GitHub's OpenAPI description says") from None


def _unexpected(doing: str, why: str) -> DestinationError:
    return DestinationError("github-unexpected-answer", f"Could not {doing}: {why}.", wording.TRY_AGAIN)


def completed(github: GitHub, repository: str, run_id: int) -> bool | None:
    """Say whether a run has ended; `None` when the token may not know or GitHub does not say.

    It needs the repository permission *Actions: read*, which nothing else here does.
    """
    try:
        answer = github.call("GET", f"/repos/{repository}/actions/runs/{run_id}")
    except NoAnswerError:
        return None
    row = answer.json()
    if answer.status not in SUCCESS or not isinstance(row, dict):
        return None
    status = row.get("status")
    return status == "completed" if isinstance(status, str) else None
