"""Under the limits that GitHub documents, enforced, a governed client meets no refusal; and one is met as told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.github.limits import SECONDARY, Limits
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pace import Governor, Pace
from rotate.wire.outcome import Answer, NoAnswerError
from rotate.wire.together import MOST_AT_ONCE, together, value_of
from tests.support.opened import keep
from tests.support.world_clock import Timed, WorldClock

NAME = "NEON_API_KEY"
VARIABLE = "/repos/octo-org/service-0/actions/variables/V"


class Fleet:
    """So many repositories, and one token that may write the secrets of all of them."""

    def __init__(self, world: World, count: int, patience: float = 0.0, pace: Pace = Pace.FAST) -> None:
        self.names = [f"octo-org/service-{number}" for number in range(count)]
        for name in self.names:
            world.github.add_repository(name)
            world.github.set_variable(name, "V", "1")
        permissions = {"secrets": "write", "variables": "write"}
        token = Secret(world.github.add_token(repositories=dict.fromkeys(self.names, permissions)))
        self.world, self.clock = world, WorldClock(world)
        self.governor = Governor(self.clock, pace)
        self.github = keep(Timed(world.github.url, token, self.clock, self.governor, patience))
        self.places = [GitHubSecret(self.github, Address(name), NAME, self.clock) for name in self.names]

    def write(self) -> Sequence[object]:
        """Observe and put everywhere, as a run does; give what came of each put."""
        for reading in together(*(place.observe for place in self.places)):
            value_of(reading)
        return together(*(lambda place=place: place.put(Secret(f"napi_{place.name}")) for place in self.places))

    def done(self) -> list[int]:
        """Give how often each secret was written."""
        return [
            sum(entry.status == 201 for entry in self.world.ledger.find("PUT", f"/repos/{name}/*"))
            for name in self.names
        ]

    def change(self, count: int) -> list[int]:
        """Write one variable so often, one after the other: a write like any other, for the limits."""
        return [self.github.call("PATCH", VARIABLE, {"value": "2"}).status for _ in range(count)]


@pytest.mark.timeout(120)
def test_many_repositories_are_written_side_by_side_without_a_refusal(world: World) -> None:
    world.github.limits = Limits.documented()
    world.latency = 0.02
    fleet = Fleet(world, 300)
    before = fleet.clock.monotonic()
    for reading in fleet.write():
        assert not isinstance(reading, DestinationError)
    assert world.github.limits.refused == []
    assert fleet.done() == [1] * 300
    assert 1 < world.github.limits.most_at_once <= 3 * MOST_AT_ONCE
    minutes = (300 * (3 + 5) - 1) // 900
    assert fleet.clock.monotonic() - before < minutes * 61 + 30, "no longer than the points demand, and what it took"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("pace", Pace)
def test_no_pace_meets_a_refusal_of_what_it_keeps_to(pace: Pace, world: World) -> None:
    world.github.limits = Limits.documented(content=pace is Pace.CAREFUL)
    assert set(Fleet(world, 1, pace=pace).change(520)) == {204}
    assert world.github.limits.refused == []


def test_a_first_request_that_is_slow_to_arrive_does_not_crowd_the_next_minute(world: World) -> None:
    world.github.limits = Limits.documented()
    fleet = Fleet(world, 1)
    world.faults.add(Fault("delay", server="github", seconds=0.5))
    assert set(fleet.change(181)) == {204}
    assert world.github.limits.refused == []


def test_a_client_without_a_governor_is_refused(world: World) -> None:
    class Hasty(Governor):
        def wait(self, verb: str, patience: float = 0.0, *, last: bool = False, book: bool = True) -> Answer | None:
            return None

    world.github.limits = Limits.documented()
    fleet = Fleet(world, 1)
    fleet.github._governor = Hasty(fleet.clock)
    assert set(fleet.change(181)) == {204, 403}
    assert world.github.limits.refused == ["points"]


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize("told", [{"Retry-After": "75"}, {}], ids=["told for how long", "not told"])
def test_writes_refused_together_wait_once_and_are_made_once(code: int, told: dict[str, str], world: World) -> None:
    fleet = Fleet(world, 40, patience=250.0)
    fault = Fault("status", method="PUT", nth=30, times=8, code=code, headers=told, body={"message": SECONDARY})
    world.faults.add(fault)
    world.latency = 0.05
    before = fleet.clock.monotonic()
    for reading in fleet.write():
        assert not isinstance(reading, DestinationError), "what waits together uses up patience once"
    assert fault.fired == 8
    assert (fleet.done(), world.ledger.count("PUT")) == ([1] * 40, 48)
    assert fleet.clock.monotonic() - before >= (75.0 if told else 60.0)


def test_where_github_asks_for_more_patience_than_there_is_the_rest_is_not_even_sent(world: World) -> None:
    fleet = Fleet(world, 60)
    told = {"Retry-After": "3600"}
    world.faults.add(Fault("status", method="PUT", nth=30, times=None, code=429, headers=told, body={"message": "no"}))
    ended = fleet.write()
    refused = [one for one in ended if isinstance(one, DestinationError)]
    assert [sum(fleet.done()), len(refused)] == [29, 31]
    assert {(one.reason, one.outcome) for one in refused} == {("github-rate-limited", Outcome.NO_EFFECT)}
    assert world.ledger.count("PUT") < 29 + 2 * MOST_AT_ONCE
    assert fleet.github.call("PATCH", VARIABLE, {"value": "2"}).status == 429
    assert fleet.github.call("PATCH", VARIABLE, {"value": "2"}, last=True).status == 204
    assert fleet.clock.slept == 0.0


def test_a_limit_that_asks_for_no_time_at_all_is_not_asked_for_ever(world: World) -> None:
    fleet = Fleet(world, 1)
    world.faults.add(Fault("status", code=403, headers={"Retry-After": "0"}, body={"message": "no"}, times=None))
    assert fleet.change(1) == [403]
    assert world.ledger.count("PATCH") == 3


@pytest.mark.parametrize("kind", ["reset", "lost_reply"])
def test_no_answer_is_an_unknown_outcome(kind: Kind, world: World) -> None:
    fleet = Fleet(world, 1)
    world.faults.add(Fault(kind, method="PATCH", times=None))
    with pytest.raises(NoAnswerError) as caught:
        fleet.change(1)
    assert (caught.value.outcome, world.ledger.count("PATCH")) == (Outcome.UNKNOWN, 3)


def test_what_was_never_sent_had_no_effect(world: World) -> None:
    github = GitHub("http://127.0.0.1:1", Secret("token"), WorldClock(world))
    with pytest.raises(NoAnswerError) as caught:
        github.call("PATCH", "/repos/o/r/x", {}, idempotent=False)
    assert (caught.value.outcome, caught.value.said) == (Outcome.NO_EFFECT, "127.0.0.1 refuses connections")


def test_time_passes_for_whoever_waits_but_not_over_those_who_work(world: World) -> None:
    clock, seen = WorldClock(world), []
    start, working, asleep = clock.monotonic(), threading.Event(), threading.Event()

    def work() -> None:
        with clock.at_work():
            working.set()
            asleep.wait(10)
            seen.append(clock.monotonic() - start < 5)

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(work)
        working.wait(10)
        threading.Timer(0.2, asleep.set).start()
        clock.sleep(60)
        ended.result()
    assert seen == [True]
    assert clock.monotonic() - start >= 60
