"""What a write is made of is looked at when nothing has to be waited for any more, and anew for each try."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.wire.client import Body, GitHub
from rotate.wire.outcome import NoAnswerError
from tests.support.fakes import FakeClock
from tests.support.opened import keep

VARIABLE = f"/repos/{REPOSITORY}/actions/variables/A"
LIMIT = {"Retry-After": "75"}


class Bench:
    """A variable, a connection that stays for ten minutes, and the moments at which a body was made."""

    def __init__(self, world: World) -> None:
        world.github.add_repository(REPOSITORY)
        world.github.set_variable(REPOSITORY, "A", "0")
        self.world, self.clock, self.made = world, FakeClock(), list[float]()
        token = world.github.add_token(repositories={REPOSITORY: PERMISSIONS})
        self.github = keep(GitHub(world.github.url, Secret(token), self.clock, patience=600.0))

    def body(self) -> Body:
        self.made.append(self.clock.monotonic())
        return {"value": str(len(self.made))}

    def change(self, body: Callable[[], Body] | None = None) -> int:
        return self.github.call("PATCH", VARIABLE, body or self.body).status


def test_each_try_has_a_body_of_its_own_made_after_the_wait(world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", method="PATCH", code=429, headers=LIMIT))
    assert bench.change() == 204
    first, second = bench.made
    assert second - first >= 75
    assert world.github.variable(REPOSITORY, "A") == "2"


def test_where_github_wants_nothing_more_no_body_is_made(world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", method="PATCH", code=429, headers={"Retry-After": "3600"}))
    assert [bench.change(), bench.change()] == [429, 429]
    assert (len(bench.made), world.ledger.count("PATCH")) == (1, 1)


def test_a_run_that_was_asked_to_stop_makes_none_either(world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", method="PATCH", code=429, headers={"Retry-After": "3600"}))
    bench.github._governor.hold(60.0)
    bench.clock.stopped = True
    with pytest.raises(NoAnswerError) as caught:
        bench.change()
    assert (caught.value.outcome, bench.made) == (Outcome.NO_EFFECT, [])


def test_a_body_that_cannot_be_made_is_no_effect(world: World) -> None:
    bench = Bench(world)

    def none() -> Body:
        raise DestinationError("list-not-whole", "a part")

    with pytest.raises(DestinationError, match="a part"):
        bench.change(none)
    assert world.ledger.count("PATCH") == 0
