"""Workflow runs: whether the run that holds a lock is over (GitHub OpenAPI `/actions/runs/{run_id}`)."""

from __future__ import annotations

from rotate.github_api.client import GitHub
from rotate.wire.outcome import SUCCESS, NoAnswerError


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
