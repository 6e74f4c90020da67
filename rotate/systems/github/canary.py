"""A workflow started and waited for (GitHub OpenAPI `…/actions/workflows/{workflow_id}/dispatches`, `…/runs/{run_id}`).

Which run a start led to is told by GitHub alone (`return_run_details`; GitHub Enterprise Server has it from 3.21 on).
Nothing is guessed from lists and times: another start of the same workflow would look alike. To start it once more
changes nothing but that it runs twice, so a lost reply is tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from rotate.errors import DestinationError, Outcome, RotateError, one_line
from rotate.ports import Clock
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

SUCCEEDED = "success"
COMPLETED = "completed"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
MOST_LOOKS = 300
AGAIN = "Running this again asks the canary once more before the older key is revoked."
NEEDS_321 = (
    "GitHub Enterprise Server says which run was started from version 3.21 on; an earlier one can have no canary."
)


class WorkflowCanary:
    """Implements `ports.Canary` for the workflows of one repository. `stopping`: the run was asked to stop."""

    def __init__(self, github: GitHub, repository: str, clock: Clock, stopping: Callable[[], bool]) -> None:
        self._github = github
        self._repository = repository
        self._clock = clock
        self._stopping = stopping

    def ask(self, workflow: str, patience: timedelta) -> str:
        """Start the workflow on the default branch, wait for its end, and give the run's page.

        Raises:
            DestinationError: `canary-failed` when it ended in any way but success, else `canary-unknown`.
        """
        until = self._clock.now() + patience
        run_id, page = self._start(workflow)
        pause, last = FIRST_PAUSE, ""
        for _ in range(MOST_LOOKS):
            self._clock.sleep(pause)
            if self._stopping():
                raise _unknown(f"The canary {workflow} was not waited for to its end: {page}", AGAIN)
            conclusion, last = self._conclusion(run_id)
            if conclusion == SUCCEEDED:
                return page
            if conclusion:
                raise _failed(workflow, conclusion, page)
            if self._clock.now() >= until:
                break
            pause = min(2 * pause, LONGEST_PAUSE)
        raise _unknown(
            f"The canary {workflow} did not end within {patience.total_seconds():.0f} s ({last}): {page}",
            "Look at that run: what does it wait for? It must not share a `concurrency:` group with the rotation. To "
            f"give it longer, set `canary_wait`. {AGAIN}",
        )

    def _start(self, workflow: str) -> tuple[int, str]:
        """Start it, and give the id and the page of the run that this led to."""
        branch = self._default_branch(workflow)
        path = f"/repos/{self._repository}/actions/workflows/{quote(workflow, safe='')}/dispatches"
        answer = self._call("POST", path, workflow, {"ref": branch, "return_run_details": True})
        row = answer.json()
        if answer.status not in SUCCESS:
            raise self._refused(workflow, answer)
        try:
            facts = row if isinstance(row, dict) else {}
            return int(facts["workflow_run_id"]), one_line(str(facts["html_url"]))
        except (KeyError, TypeError, ValueError):
            message = (
                f"The canary {workflow} was started, but GitHub ({words.quote(answer)}) does not say as which run."
            )
            raise _unknown(message, f"{NEEDS_321} {AGAIN}") from None

    def _default_branch(self, workflow: str) -> str:
        answer = self._call("GET", f"/repos/{self._repository}", workflow)
        row = answer.json()
        branch = row.get("default_branch") if isinstance(row, dict) else None
        if answer.status not in SUCCESS or not isinstance(branch, str):
            raise self._refused(workflow, answer)
        return branch

    def _call(self, verb: str, path: str, workflow: str, body: dict[str, object] | None = None) -> Answer:
        try:
            return self._github.call(verb, path, body)
        except NoAnswerError as error:
            message = f"{self._doing(workflow)}: GitHub did not answer ({error.said})."
            remedy = words.unreachable(self._doing(workflow), error).remedy
            raise _unknown(message, f"{remedy} {AGAIN}") from None
        except RotateError as error:
            raise _unknown(f"{self._doing(workflow)}: {error.message}", f"{error.remedy} {AGAIN}") from None

    def _refused(self, workflow: str, answer: Answer) -> DestinationError:
        message = f"{self._doing(workflow)}: GitHub answers {words.quote(answer)}."
        return _unknown(message, _remedy(answer, self._repository, workflow))

    def _doing(self, workflow: str) -> str:
        return f"Could not start the canary {workflow} of {self._repository}"

    def _conclusion(self, run_id: int) -> tuple[str, str]:
        """Give how the run ended, empty while that is not known, and what was last seen of it.

        A run that was only just started may not be found yet, and an answer may get lost: both only cost time.
        """
        try:
            answer = self._github.call("GET", f"/repos/{self._repository}/actions/runs/{run_id}")
        except NoAnswerError as error:
            return "", f"no answer ({error.said})"
        except RotateError as error:
            return "", error.message
        row = answer.json()
        facts = row if isinstance(row, dict) and answer.status in SUCCESS else {}
        status, conclusion = facts.get("status"), facts.get("conclusion")
        if status == COMPLETED:
            return one_line(conclusion) if isinstance(conclusion, str) else "", "completed without a conclusion"
        return "", f"status {one_line(status)}" if isinstance(status, str) else words.quote(answer)


def _failed(workflow: str, conclusion: str, page: str) -> DestinationError:
    return DestinationError(
        "canary-failed",
        f"The canary {workflow} ended as {conclusion}, not as success: {page}",
        "Look at that run: what uses the secret does not work with the new value. Nothing was revoked. Mend "
        f"that. {AGAIN}",
    )


def _unknown(message: str, remedy: str) -> DestinationError:
    return DestinationError("canary-unknown", message, remedy, outcome=Outcome.UNKNOWN)


def _remedy(answer: Answer, repository: str, workflow: str) -> str:
    refusal = words.refusal("", repository, "**Actions: Read and write**", answer)
    found = refusal.reason
    if found == "github-token-invalid":
        return f"The token in `github_token` is wrong or has expired: store a new one. {AGAIN}"
    if found == "github-permission-missing":
        return f"Give the token in `github_token` for {repository} also **Actions: Read and write**. {AGAIN}"
    if found == "github-repository-not-found":
        return (
            f"`canary_workflow` names a file in `.github/workflows` on the default branch of {repository}, without the "
            f"folders. Is {workflow} there, and may the token see the repository? {AGAIN}"
        )
    if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return (
            "The workflow must have this trigger, without inputs that have to be given, and must not be disabled "
            f"(Actions → the workflow → Enable workflow):\n\n    on:\n      workflow_dispatch:\n\n{NEEDS_321} {AGAIN}"
        )
    return f"{refusal.remedy} {AGAIN}"
