"""What may have been done stays unknown over every wait, and what was never sent stays so beside it."""

from __future__ import annotations

import pytest

from rotate.errors import Outcome
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.wire.outcome import Answer, NoAnswerError
from tests.systems.github.test_limits import VARIABLE, Fleet

LONG = {"Retry-After": "60"}


def limited(headers: dict[str, str], nth: int = 1) -> Fault:
    return Fault("status", method="PATCH", nth=nth, code=429, headers=headers, body={"message": "no"})


def test_a_refusal_after_a_wait_proves_nothing_of_the_write_before_it(world: World) -> None:
    fleet = Fleet(world, 1, patience=90.0)
    gone = Fault("status", method="PATCH", nth=3, times=None, code=404, body={"message": "Not Found"})
    world.faults.add(Fault("lost_reply", method="PATCH"), limited(LONG, nth=2), gone)
    answer = fleet.github.call("PATCH", VARIABLE, {"value": "2"})
    assert (answer.status, answer.outcome) == (404, Outcome.UNKNOWN)


def test_a_run_that_is_stopped_in_a_wait_does_not_know_of_the_write_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Fleet(world, 1, patience=90.0)
    world.faults.add(Fault("lost_reply", method="PATCH"), limited(LONG, nth=2))
    stopping = iter([False])
    monkeypatch.setattr(fleet.clock, "stopping", lambda: next(stopping, True))
    with pytest.raises(NoAnswerError) as caught:
        fleet.github.call("PATCH", VARIABLE, {"value": "2"})
    assert caught.value.outcome is Outcome.UNKNOWN


def test_the_doubt_of_one_write_is_not_that_of_those_which_were_never_sent(world: World) -> None:
    fleet = Fleet(world, 1)
    world.faults.add(Fault("lost_reply", method="PATCH"), limited(LONG, nth=2))
    first, second = (fleet.github.call("PATCH", VARIABLE, {"value": "2"}) for _ in range(2))
    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.NO_EFFECT)
    assert world.ledger.count("PATCH") == 2


def test_a_later_credential_that_stays_for_the_limit_waits_it_out_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Fleet(world, 1)
    world.faults.add(limited(LONG))
    assert fleet.change(1) == [429]
    fleet.github.stay(90.0)
    asked: list[str] = []
    wait = fleet.governor.wait

    def counted(verb: str, patience: float = 0.0, *, last: bool = False) -> Answer | None:
        asked.append(verb)
        return wait(verb, patience, last=last)

    monkeypatch.setattr(fleet.governor, "wait", counted)
    assert fleet.change(1) == [204]
    assert len(asked) == 2, "told once, then sent"
