"""Workflow runs: which are alive, and whether one is over (GitHub OpenAPI `/actions/runs` and below it)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import product

from rotate.errors import RotateError
from rotate.protocol.facts.model import LiveRun
from rotate.systems.github.address import Address, Store
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import Row, rows
from rotate.wire.outcome import SUCCESS, NoAnswerError
from rotate.wire.together import together, value_of

PERMISSION = "the repository permission **Actions: read**"
# A run in any of these may still start a job with the value it was queued with (facts: GitHub §3).
LIVE = ("queued", "in_progress", "waiting", "pending", "requested")
# Runs that Dependabot starts are workflow runs too; a codespace and an agent's session are none, and show nowhere.
RUN_WORKFLOWS = frozenset({Store.ACTIONS, Store.DEPENDABOT})
MOST_PAGES = 10


class LiveRuns:
    """Implements `ports.Readers` for the repositories that read the secret, wherever it lies."""

    def __init__(self, holders: Sequence[tuple[GitHub, Address, str]]) -> None:
        """`holders`: each place and the name of its secret, with the connection whose token may read it."""
        self._holders = [one for one in holders if one[1].store in RUN_WORKFLOWS]
        self._repositories: dict[str, GitHub] = {}
        self._seen: dict[int, LiveRun] = {}

    def alive(self) -> tuple[LiveRun, ...]:
        """List the live runs: five requests a repository, one for each status, all at once.

        Five lists are no single moment: a run that passes from one status to the next may be in none of them. So one
        that was listed at an earlier look and is not any more counts until GitHub says that it is over.

        Raises:
            RotateError: some list could not be read, or is longer than can be judged.
        """
        from rotate.systems.github.repositories.discovery import readers_of

        readers = together(*(partial(readers_of, *holder) for holder in self._holders))
        self._repositories = {
            name: github for (github, *_), names in zip(self._holders, readers, strict=True) for name in value_of(names)
        }
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
    path, doing = f"/repos/{repository}/actions/runs", f"list the {status} workflow runs of {repository}"
    asked = {"query": f"status={status}", "doing": doing}
    every = rows(github, path, "workflow_runs", repository, PERMISSION, **asked, most=MOST_PAGES)
    return tuple(_live_run(row, repository, doing) for row in every)


def _live_run(row: Row, repository: str, doing: str) -> LiveRun:
    try:
        started = datetime.fromisoformat(str(row["run_started_at"]))
        return LiveRun(int(str(row["id"])), repository, str(row["status"]), started, str(row["html_url"]))
    except (KeyError, ValueError):
        raise words.unlike(doing, "a run is not described") from None


def completed(github: GitHub, repository: str, run_id: int, *, elsewhere: bool = False) -> bool | None:
    """Say whether a run has ended, or GitHub knows of none; `None` when the token may not know or GitHub does not say.

    `elsewhere`: the token need not see that repository. It needs the repository permission *Actions: read*, which
    nothing else here does.
    """
    try:
        answer = github.call("GET", f"/repos/{repository}/actions/runs/{run_id}")
    except (NoAnswerError, RotateError):
        return None
    if answer.status == words.NOT_FOUND:
        return None if elsewhere else True
    row = answer.json()
    if answer.status not in SUCCESS or not isinstance(row, dict):
        return None
    status = row.get("status")
    return status == "completed" if isinstance(status, str) else None
