"""Workflow files of the pretend GitHub, and the runs that a dispatch starts.

The dispatch is described in GitHub's OpenAPI description (`…/actions/workflows/{workflow_id}/dispatches`, schema
workflow-dispatch-response); its refusals are those that clients report. How each run ends is scripted by its workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply
from rotate.sandbox.github.records import Repository, Run, Token, Workflow
from rotate.sandbox.github.shapes import DEFAULT_BRANCH, run_page, run_shape, workflow_shape
from rotate.sandbox.github.state import GitHubState
from rotate.sandbox.paging import page_of

_BASE = "/repos/{owner}/{repo}/actions/workflows"
_FIELDS = frozenset({"ref", "inputs", "return_run_details"})


class WorkflowRoutes:
    """GitHub OpenAPI /repos/{owner}/{repo}/actions/workflows."""

    def __init__(self, state: GitHubState, clock: Clock) -> None:
        """Read the state at each request."""
        self._state = state
        self._clock = clock

    @property
    def routes(self) -> Mapping[str, tuple[str, str, Callable[[Call[Token], Repository], Reply]]]:
        """Give route → permission, level, handler."""
        return {
            f"POST {_BASE}/{{file}}/dispatches": ("actions", "write", self._dispatch),
            f"GET {_BASE}/{{file}}": ("actions", "read", self._workflow),
            f"GET {_BASE}/{{file}}/runs": ("actions", "read", self._runs),
        }

    def _workflow(self, call: Call[Token], repository: Repository) -> Reply:
        workflow, now = _named(call, repository), self._clock.now()
        return Reply.of(200, workflow_shape(workflow, repository, self._state.url + call.request.base, now))

    def _runs(self, call: Call[Token], repository: Repository) -> Reply:
        path, event = f".github/workflows/{_named(call, repository).file}", call.request.query.get("event")
        api = self._state.url + call.request.base
        runs = [run for run in repository.runs.values() if run.path == path and event in (None, run.event)]
        runs.sort(key=lambda run: run.created_at, reverse=True)
        return page_of(call.request, api, "workflow_runs", [run_shape(run, repository, api) for run in runs])

    def _dispatch(self, call: Call[Token], repository: Repository) -> Reply:
        body, workflow = call.document(), repository.workflows.get(call.params["file"])
        unknown = sorted(set(body) - (_FIELDS if self._state.tells_runs else _FIELDS - {"return_run_details"}))
        if unknown:
            raise RefusalError(400, f'Invalid request.\n\n"{unknown[0]}" is not a permitted key.')
        if workflow is None:
            raise RefusalError(404, "Not Found")
        if body.get("ref") != DEFAULT_BRANCH:
            raise RefusalError(422, f"No ref found for: {body.get('ref')}")
        if not workflow.dispatchable:
            raise RefusalError(422, "Workflow does not have 'workflow_dispatch' trigger")
        if workflow.disabled:
            raise RefusalError(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
        run = self._started(workflow, repository)
        if body.get("return_run_details") is not True:
            return Reply(204)
        api = self._state.url + call.request.base
        details: dict[str, Json] = {
            "workflow_run_id": run.run_id,
            "run_url": f"{api}/repos/{repository.full_name}/actions/runs/{run.run_id}",
            "html_url": run_page(run, repository),
        }
        return Reply.of(200, details)

    def _started(self, workflow: Workflow, repository: Repository) -> Run:
        run = self._state.add_run(repository.full_name, status="queued", path=f".github/workflows/{workflow.file}")
        if workflow.conclusion is not None:
            run.ends_at, run.ends_as = run.created_at + timedelta(seconds=workflow.seconds), workflow.conclusion
        return run


def _named(call: Call[Token], repository: Repository) -> Workflow:
    workflow = repository.workflows.get(call.params["file"])
    if workflow is None:
        raise RefusalError(404, "Not Found")
    return workflow


def let_time_pass(repository: Repository, clock: Clock) -> None:
    """End the runs whose time has come."""
    now = clock.now()
    for run in list(repository.runs.values()):
        if run.ends_at is not None and run.ends_at <= now:
            run.status, run.conclusion, run.updated_at, run.ends_at = "completed", run.ends_as, run.ends_at, None
