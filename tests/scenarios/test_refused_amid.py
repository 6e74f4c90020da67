"""One key in forty repositories, and GitHub refuses one write of them: the run waits as told, or leaves the rest."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

import pytest

from rotate.frontends.session import Surroundings, run
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Report
from rotate.sandbox.faults import Fault
from rotate.sandbox.github.limits import SECONDARY, Limits
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from rotate.settings.action_inputs import read_context, read_inputs
from tests.support.world_clock import Timed, WorldClock

SECRET = "NEON_API_KEY"
AN_HOUR, A_MINUTE = {"Retry-After": "3600"}, {"Retry-After": "60"}


@dataclass
class Fleet:
    """A key that is due, in so many repositories."""

    world: World = field(repr=False)
    story: Story
    names: list[str]
    token: str
    clock: WorldClock

    def run(self, environment: dict[str, str]) -> Report:
        """Rotate in this process, in the world's own time."""
        inputs = {"INPUT_REPOSITORIES": ",".join(self.names), "INPUT_GITHUB_TOKEN": self.token}
        given, stop = {**environment, **inputs}, threading.Event()
        around = Surroundings([], lambda _: None, str, self.clock, stop, given)
        return run(read_inputs(given), read_context(given), around)

    def first(self) -> Report:
        """Rotate for the first time."""
        return self.run(self.story.environment())

    def next(self) -> Report:
        """Rotate in a later run, which reads the secret as it is, when the lock of a dead run is over."""
        self.world.advance(7200)
        return self.run(self.story.environment_now())

    def held(self) -> Counter[str | None]:
        """Count the values that the repositories hold."""
        return Counter(self.world.github.secret(name, SECRET) for name in self.names)

    def writes(self) -> Counter[int]:
        """Count how often each secret was written."""
        done = Counter(entry.route for entry in self.world.ledger.find("PUT") if entry.status == 204)
        return Counter(done[f"/repos/{name}/actions/secrets/{SECRET}"] for name in self.names)

    def at_rest(self) -> None:
        """Assert that all hold one live key, and that the old one is gone."""
        (value,) = self.held()
        assert self.world.neon.is_live(value or "")
        assert not self.world.neon.is_live(self.story.old_key.value)


@pytest.fixture
def fleet(world: World, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """Forty repositories; more than ten, so that a run has patience."""
    monkeypatch.setattr("rotate.systems.github.connections.GitHub", Timed)
    story = personal(world)
    names = [REPOSITORY, *(f"octo-org/service-{number}" for number in range(39))]
    for name in names[1:]:
        world.github.add_repository(name)
        world.github.set_secret(name, SECRET, story.old_key.value, updated_days_ago=9)
    token = world.github.add_token(repositories=dict.fromkeys(names, PERMISSIONS))
    return Fleet(world, story, names, token, WorldClock(world))


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize("headers", [A_MINUTE, {}], ids=["told for how long", "not told"])
def test_a_write_that_is_refused_waits_as_told_and_all_is_done_in_one_run(
    code: int, headers: dict[str, str], fleet: Fleet
) -> None:
    body = {"message": SECONDARY}
    fault = fleet.world.faults.add(
        Fault("status", method="PUT", path="*/secrets/*", nth=30, code=code, headers=headers, body=body)
    )
    before = fleet.clock.monotonic()
    report = fleet.first()
    assert (report.status, report.problems) == (Status.ROTATED, ())
    assert fault.fired == 1
    assert fleet.clock.monotonic() - before >= 60
    assert fleet.writes() == {1: 40}
    fleet.at_rest()


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize(
    "headers", [AN_HOUR, A_MINUTE, {}], ids=["an hour", "a minute, on and on", "not told, on and on"]
)
def test_a_refusal_that_outlasts_the_patience_leaves_the_rest_to_the_next_run(
    code: int, headers: dict[str, str], fleet: Fleet
) -> None:
    fault = Fault(
        "status",
        method="PUT",
        path="*/secrets/*",
        nth=30,
        times=None,
        code=code,
        headers=headers,
        body={"message": SECONDARY},
    )
    fleet.world.faults.add(fault)
    first = fleet.first()
    assert first.status is Status.INCOMPLETE
    assert {problem.reason for problem in first.problems} >= {"github-rate-limited"}
    old = fleet.story.old_key.value
    assert fleet.world.neon.is_live(old)
    assert (fleet.held()[old], fleet.writes()) == (11, {1: 29, 0: 11})
    assert f"{SECRET}_ROTATION_LOCK" not in fleet.world.github.variables(REPOSITORY), "the lock was given back"
    fleet.world.faults.reset()
    assert fleet.next().status is Status.ROTATED
    fleet.at_rest()


def test_a_primary_limit_that_is_used_up_leaves_the_rest_to_the_next_run(fleet: Fleet) -> None:
    fleet.world.github.limits = Limits(hourly=150)
    first = fleet.first()
    assert first.status is Status.INCOMPLETE
    assert fleet.world.neon.is_live(fleet.story.old_key.value)
    fleet.world.github.limits = Limits()
    assert fleet.next().status is Status.ROTATED
    fleet.at_rest()


@pytest.mark.timeout(120)
def test_under_every_documented_limit_no_request_of_a_rotation_is_refused(fleet: Fleet) -> None:
    fleet.world.github.limits = Limits.documented(content=True)
    for rotation in (fleet.first, fleet.next):
        assert rotation().status is Status.ROTATED
    assert fleet.world.github.limits.refused == []
    assert fleet.writes() == {2: 40}
    fleet.at_rest()
