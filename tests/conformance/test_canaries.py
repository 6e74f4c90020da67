"""What every canary promises (`ports.Canary`), against the pretend GitHub: only success counts, and it ends in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.canary import MOST_LOOKS, WorkflowCanary
from rotate.systems.github.wire.client import GitHub
from tests.support.fakes import FakeClock
from tests.support.openapi import check
from tests.support.opened import keep

REPOSITORY = "octo-org/payments"
FILE = "check-neon-key.yml"
PATIENCE = timedelta(minutes=10)
DISPATCH = "*/dispatches"
RUN = "*/actions/runs/*"


class WorldsClock(FakeClock):
    """A clock whose waiting moves the pretend world on."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def sleep(self, seconds: float) -> None:
        """Move both on."""
        super().sleep(seconds)
        self.world.advance(seconds)


class StoppedClock(FakeClock):
    """A clock that stands still."""

    def sleep(self, seconds: float) -> None:
        """Count only."""
        self.slept.append(seconds)


def open_canary(
    world: World,
    permissions: dict[str, str] | None = None,
    *,
    clock: FakeClock | None = None,
    stopping: Callable[[], bool] = lambda: False,
    **workflow: Any,
) -> WorkflowCanary:
    world.github.add_repository(REPOSITORY)
    world.github.add_workflow(REPOSITORY, FILE, **workflow)
    token = world.github.add_token(repositories={REPOSITORY: permissions or {"actions": "write"}})
    patient = clock or WorldsClock(world)
    github = keep(GitHub(world.github.url, Secret(token), patient))
    return WorkflowCanary(github, REPOSITORY, patient, stopping)


def told(canary: WorkflowCanary, workflow: str = FILE, patience: timedelta = PATIENCE) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        canary.ask(workflow, patience)
    assert caught.value.remedy
    return caught.value


def unknown(canary: WorkflowCanary, workflow: str = FILE) -> DestinationError:
    error = told(canary, workflow)
    assert (error.reason, error.outcome) == ("canary-unknown", Outcome.UNKNOWN)
    return error


def test_a_success_is_waited_for_and_its_page_is_told(world: World) -> None:
    page = open_canary(world, seconds=100).ask(FILE, PATIENCE)
    (run,) = world.github.repository(REPOSITORY).runs.values()
    assert page == f"https://github.example.com/{REPOSITORY}/actions/runs/{run.run_id}"
    assert (run.conclusion, run.path) == ("success", f".github/workflows/{FILE}")
    assert check(world.ledger) == len(world.ledger)


def test_it_is_looked_at_less_and_less_often(world: World) -> None:
    clock = WorldsClock(world)
    open_canary(world, clock=clock, seconds=40).ask(FILE, PATIENCE)
    assert clock.slept == [1, 2, 4, 8, 15, 15]
    assert world.ledger.count("GET", RUN) == 6


@pytest.mark.parametrize("how", ["failure", "cancelled", "timed_out", "skipped", "neutral", "action_required", "stale"])
def test_any_other_end_is_a_failure(how: str, world: World) -> None:
    error = told(open_canary(world, conclusion=how))
    assert (error.reason, error.outcome) == ("canary-failed", Outcome.NO_EFFECT)
    assert f"ended as {how}" in error.message
    assert "/actions/runs/" in error.message


def test_one_that_does_not_end_is_unknown_after_its_time(world: World) -> None:
    clock = WorldsClock(world)
    error = unknown(open_canary(world, clock=clock, conclusion=None))
    assert "did not end within 600 s (status queued)" in error.message
    assert "/actions/runs/" in error.message
    assert "concurrency" in error.remedy
    assert 600 <= sum(clock.slept) < 615


def test_a_clock_that_stands_still_is_no_endless_wait(world: World) -> None:
    clock = StoppedClock()
    unknown(open_canary(world, clock=clock, conclusion=None))
    assert len(clock.slept) == MOST_LOOKS


def test_a_stop_ends_the_wait_at_once(world: World) -> None:
    clock = WorldsClock(world)
    error = unknown(open_canary(world, clock=clock, stopping=lambda: len(clock.slept) == 3, conclusion=None))
    assert "was not waited for" in error.message
    assert world.ledger.count("GET", RUN) == 2


@pytest.mark.parametrize(
    ("permissions", "workflow", "script", "said", "remedy"),
    [
        ({"actions": "read"}, FILE, {}, "HTTP 403", "**Actions: Read and write**"),
        (None, "other.yml", {}, "HTTP 404", "Is other.yml there"),
        (None, FILE, {"dispatchable": False}, "does not have 'workflow_dispatch' trigger", "      workflow_dispatch:"),
        (None, FILE, {"disabled": True}, "on a disabled workflow", "Enable workflow"),
    ],
)
def test_one_that_cannot_be_started_says_what_to_do(
    permissions: dict[str, str] | None,
    workflow: str,
    script: dict[str, Any],
    said: str,
    remedy: str,
    world: World,
) -> None:
    error = unknown(open_canary(world, permissions, **script), workflow)
    assert said in error.message
    assert remedy in error.remedy
    assert world.github.repository(REPOSITORY).runs == {}


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(401, "has expired"), (429, "Run it again after"), (500, "in a few minutes"), (404, "may the token see")],
)
@pytest.mark.parametrize("path", [DISPATCH, f"/repos/{REPOSITORY}"])
def test_a_refusal_says_what_to_do(path: str, status: int, remedy: str, world: World) -> None:
    canary = open_canary(world)
    world.faults.add(Fault("status", path=path, code=status, times=None))
    error = unknown(canary)
    assert f"GitHub answers HTTP {status}" in error.message
    assert remedy in error.remedy


def test_a_server_that_cannot_say_which_run_it_started_is_told_of(world: World) -> None:
    canary = open_canary(world)
    world.github.tells_runs = False
    assert "3.21" in unknown(canary).remedy


@pytest.mark.parametrize("body", [{}, {"workflow_run_id": None, "html_url": ""}, [], {"workflow_run_id": 7}])
def test_nothing_is_guessed_about_which_run_it_is(body: object, world: World) -> None:
    canary = open_canary(world)
    world.faults.add(Fault("status", path=DISPATCH, code=200, body=body))
    error = unknown(canary)
    assert "does not say as which run" in error.message
    assert world.ledger.count("GET", "*/runs*") == 0


def test_a_repository_without_a_default_branch_is_no_answer(world: World) -> None:
    canary = open_canary(world)
    world.faults.add(Fault("status", path=f"/repos/{REPOSITORY}", code=200, body={"id": 1}))
    unknown(canary)
    assert world.ledger.count("POST") == 0


def test_a_lost_reply_is_tried_again_since_a_second_canary_harms_nothing(world: World) -> None:
    canary = open_canary(world)
    world.faults.add(Fault("lost_reply", path=DISPATCH))
    page = canary.ask(FILE, PATIENCE)
    first, second = world.github.repository(REPOSITORY).runs
    assert page.endswith(str(second)), "the one whose number is known, not the one that was lost"
    assert first != second


def test_without_any_reply_it_is_unknown(world: World) -> None:
    canary = open_canary(world)
    world.faults.add(Fault("reset", path=DISPATCH, times=None))
    assert "GitHub did not answer" in unknown(canary).message


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path=RUN, code=404, times=2),
        Fault("status", path=RUN, code=200, body={"status": 7}, times=2),
        Fault("status", path=RUN, code=200, body={"status": "completed", "conclusion": None}, times=2),
        Fault("html", path=RUN, times=2),
        Fault("reset", path=RUN, times=5),
    ],
    ids=lambda fault: f"{fault.kind} {fault.code or ''} {fault.body or ''}",
)
def test_what_cannot_be_read_of_it_only_costs_time(fault: Fault, world: World) -> None:
    canary = open_canary(world)
    world.faults.add(fault)
    assert canary.ask(FILE, PATIENCE)
    assert fault.fired


def test_a_run_that_can_never_be_read_is_unknown(world: World) -> None:
    canary = open_canary(world)
    world.faults.add(Fault("reset", path=RUN, times=None))
    assert "no answer" in unknown(canary).message


def test_a_name_with_signs_stays_one_part_of_the_path(world: World) -> None:
    canary = open_canary(world)
    world.github.add_workflow(REPOSITORY, "a?b#c%.yml")
    assert canary.ask("a?b#c%.yml", PATIENCE)
