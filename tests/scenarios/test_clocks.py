"""Clocks that differ: GitHub's, Neon's, and that of each machine which rotates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.haste import Haste
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest, lineage_keys, tells
from tests.support.zygote import Zygote

OFF = [-7200.0, -900.0, -150.0, 900.0, 7200.0]
LOCK = "NEON_API_KEY_ROTATION_LOCK"


class Machines:
    """Runs on machines whose clocks are off by so many seconds."""

    def __init__(self, directory: Path, zygote: Zygote) -> None:
        self._directory, self._zygote, self._made = directory, zygote, 0

    def one(self, ahead: float) -> Runner:
        return Runner(self._next(), self._zygote, Haste(1.0, ahead=ahead))

    def beside(self) -> Runner:
        """One that runs while another does, with GitHub's time."""
        return Runner(self._next())

    def _next(self) -> Path:
        self._made += 1
        return self._directory / str(self._made)


@pytest.fixture
def machines(tmp_path: Path, zygote: Zygote) -> Machines:
    return Machines(tmp_path, zygote)


def under_way(world: World, environment: Mapping[str, str], days: float = 0.0) -> None:
    """Let the workflow run that was started with it be one that is not over."""
    number = int(environment["GITHUB_RUN_ID"])
    world.github.add_run(REPOSITORY, run_id=number, status="in_progress", started_days_ago=days)


@pytest.mark.parametrize(("ahead", "neon"), [*((ahead, 0.0) for ahead in OFF), (900.0, -900.0), (-900.0, 900.0)])
def test_an_overlap_ends_when_it_should(ahead: float, neon: float, world: World, machines: Machines) -> None:
    story = STORIES["personal"](world)
    world.neon_clock.advance(neon)
    how = {"overlap": "10m", "rotate_after": "30d"}
    tells(machines.one(ahead).run(story.environment(), **how), "rotated", 0)
    world.advance(540)
    tells(machines.one(-ahead).run(story.environment_now(), **how), "unchanged", 0)
    assert len(lineage_keys(world, story)) == 2, "both are valid"
    world.advance(120)
    tells(machines.one(ahead).run(story.environment_now(), **how), "rotated", 0)
    at_rest(world, story)


@pytest.mark.parametrize("ahead", OFF)
def test_a_workflow_run_that_may_hold_the_old_value_is_waited_for(
    ahead: float, world: World, machines: Machines
) -> None:
    story = STORIES["personal"](world)
    long = story.environment()
    tells(machines.one(ahead).run(story.environment(), overlap="1m", rotate_after="30d"), "rotated", 0)
    world.advance(1200)
    now = story.environment_now()
    under_way(world, long, days=1210 / 86400)
    ended = machines.one(ahead).run(now, overlap="1m", rotate_after="30d")
    tells(ended, "unchanged", 0)
    assert f"{long['GITHUB_RUN_ID']} may hold it" in ended.stdout
    assert len(lineage_keys(world, story)) == 2


@pytest.mark.parametrize("neon", [-900.0, 900.0])
def test_a_use_of_the_old_key_counts_by_neons_own_clock(neon: float, world: World, machines: Machines) -> None:
    story = STORIES["personal"](world)
    world.neon_clock.advance(neon)
    tells(machines.one(0).run(story.environment(), overlap="1s", rotate_after="30d"), "rotated", 0)
    world.advance(120)
    story.old_key.last_used_at = world.neon_clock.now()
    ended = machines.one(0).run(story.environment_now(), overlap="1s", rotate_after="30d")
    tells(ended, "unchanged", 0)
    assert "it was used at" in ended.stdout


@pytest.mark.parametrize("exposed", [False, True])
@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_a_lock_is_judged_by_githubs_clock_whoever_took_it(
    ahead: float, exposed: bool, world: World, machines: Machines
) -> None:
    """The first run's clock is an hour off, so that the end of its lease, by that, is long past or far away."""
    story = STORIES["organization"](world)
    environment, other = story.environment(), story.environment()
    under_way(world, environment)
    codes: list[int] = []

    def meet(*_: object) -> None:
        codes.append(machines.beside().run(other).code)

    world.faults.add(Fault("hook", method="POST", path="*/api_keys", call=meet))
    how = {"exposed": "true", "reason": "test"} if exposed else {}
    ended = machines.one(ahead).run(environment, **how)
    assert (codes, ended.code) == ([3], 0), ended.stdout
    access_was_never_lost(world, story)
    at_rest(world, story)


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_a_lock_that_a_dead_run_left_ends_by_githubs_clock(ahead: float, world: World, machines: Machines) -> None:
    story = STORIES["personal"](world)
    world.faults.add(Fault("reset", method="DELETE", path=f"*/{LOCK}", times=None))
    first = story.environment()
    assert machines.one(ahead).run(first).code == 0
    world.faults.reset()
    now = story.environment_now()
    under_way(world, first)
    tells(machines.one(0).run(now), "refused", 3)
    world.advance(3600)
    tells(machines.one(0).run(now), "rotated", 0)
    at_rest(world, story)


def test_a_write_that_is_repeated_after_the_lease_is_not_sent(world: World, machines: Machines) -> None:
    """The run slept for an hour between two tries: another one may have written something newer."""
    story = STORIES["organization"](world)
    path = "*/actions/secrets/NEON_API_KEY"
    world.faults.add(Fault("hook", method="PUT", path=path, call=lambda *_: world.advance(3600)))
    world.faults.add(Fault("status", method="PUT", path=path, code=503, headers={"X-GitHub-Request-Id": "A:1"}))
    ended = machines.one(0).run(story.environment())
    assert (ended.code, ended.reasons[0]) == (4, "distribution-unfinished"), ended.stdout
    assert world.ledger.count(method="PUT", path=path) == 1
    access_was_never_lost(world, story)
    world.faults.reset()
    tells(machines.one(0).run(story.environment_now()), "rotated", 0)
    at_rest(world, story)


def test_doctor_tells_by_how_much_the_clocks_differ(world: World, machines: Machines) -> None:
    story = STORIES["personal"](world)
    world.neon_clock.advance(-600)
    ended = machines.one(900).run(story.environment(), command="doctor", old_key_id=None)
    assert "This machine's clock  in order  it is 15 min ahead of GitHub's" in ended.stdout
    assert "Neon's clock  in order  it is 10 min behind GitHub's" in ended.stdout
    assert "clock-differs" in [warning["reason"] for warning in ended.report["warnings"]]
