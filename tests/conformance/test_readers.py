"""Who may hold a value that is superseded (`ports.Readers`): the live runs of the pretend GitHub."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from rotate.errors import DestinationError, RotateError
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.runs import LIVE, MOST_PAGES, LiveRuns
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import SIZE
from rotate.wire.clock import SystemClock
from tests.support.opened import keep

HERE, THERE = "octo-org/payments", "octo-org/billing"


def open_readers(world: World, *repositories: str, actions: str = "read") -> LiveRuns:
    stopped = threading.Event()
    stopped.set()
    for name in repositories:
        world.github.add_repository(name)
    token = world.github.add_token(repositories={name: {"actions": actions} for name in repositories})
    github = keep(GitHub(world.github.url, Secret(token), SystemClock(stopped)))
    return LiveRuns([(github, Address(name), "NEON_API_KEY") for name in repositories])


def test_a_run_of_each_live_status_is_found_in_every_repository_and_one_that_is_over_in_none(world: World) -> None:
    readers = open_readers(world, HERE, THERE)
    alive = [world.github.add_run(name, status=status).run_id for name in (HERE, THERE) for status in LIVE]
    world.github.add_run(HERE, status="completed")
    assert sorted(run.run_id for run in readers.alive()) == sorted(alive)
    assert len(LIVE) == 5
    assert world.ledger.count("GET", "*/actions/runs") == 2 * len(LIVE)


def test_a_run_counts_from_the_start_of_its_latest_attempt(world: World) -> None:
    readers = open_readers(world, HERE)
    again = world.github.add_run(HERE, run_attempt=2, created_days_ago=30, started_days_ago=1)
    (run,) = readers.alive()
    assert abs(run.started_at - again.started_at) < timedelta(seconds=1)
    assert run.started_at > again.created_at + timedelta(days=20)
    assert run.url.endswith(str(again.run_id))


def test_a_run_that_passes_from_one_list_to_the_next_still_counts(world: World) -> None:
    """Five lists are no single moment: it was listed as queued, and its answer as in progress came too early."""
    readers = open_readers(world, HERE)
    run = world.github.add_run(HERE, status="queued")
    other = world.github.add_run(HERE, status="queued")
    assert len(readers.alive()) == 2
    world.github.add_run(HERE, run_id=run.run_id, status="action_required")
    world.github.add_run(HERE, run_id=other.run_id, status="completed")
    assert [one.run_id for one in readers.alive()] == [run.run_id]
    world.faults.add(Fault("status", path=f"*/actions/runs/{run.run_id}", code=500, times=None))
    assert [one.run_id for one in readers.alive()] == [run.run_id], "what cannot be asked is not over"
    world.faults.reset()
    world.github.add_run(HERE, run_id=run.run_id, status="completed")
    assert readers.alive() == ()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path="*/actions/runs", code=500, times=None),
        Fault("reset", path="*/actions/runs", times=None),
        Fault("html", path="*/actions/runs", times=None),
        Fault("status", path="*/actions/runs", code=200, body={"workflow_runs": [{"id": 7}]}),
        Fault("status", path="*/actions/runs", code=200, body={"workflow_runs": [7]}),
        Fault("status", path="*/actions/runs", code=200, body=[]),
    ],
)
def test_a_list_that_cannot_be_read_is_never_an_empty_one(fault: Fault, world: World) -> None:
    readers = open_readers(world, HERE)
    world.faults.add(fault)
    with pytest.raises(RotateError):
        readers.alive()


def test_a_longer_list_than_can_be_judged_is_none(world: World) -> None:
    readers = open_readers(world, HERE)
    row = {"id": 7, "status": "queued", "run_started_at": "2026-01-01T00:00:00Z", "html_url": "https://github.example"}
    full = {"workflow_runs": [row] * SIZE}
    world.faults.add(Fault("status", path="*/actions/runs", code=200, body=full, times=None))
    with pytest.raises(DestinationError) as caught:
        readers.alive()
    assert str(SIZE * MOST_PAGES) in caught.value.message


def test_every_page_of_a_list_is_read(world: World) -> None:
    readers = open_readers(world, HERE)
    for _ in range(SIZE + 1):
        world.github.add_run(HERE, status="waiting")
    assert len(readers.alive()) == SIZE + 1
