"""What is under way holds its place, the hour is kept as GitHub tells it, and who is to stop sends no more."""

from __future__ import annotations

import pytest

from rotate.errors import Outcome
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.budget import least_seconds
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pace import AWHILE, Governor, Pace
from rotate.wire.outcome import Answer, NoAnswerError
from tests.support.build import NOW
from tests.support.fakes import FakeClock
from tests.support.opened import keep
from tests.systems.github.test_pace import departures


def test_a_request_that_a_stopped_run_does_not_send_opens_no_connection(world: World) -> None:
    clock = FakeClock()
    governor = Governor(clock)
    github = keep(GitHub(world.github.url, Secret("token"), clock, governor))
    departures(clock, governor, ["PUT"] * 180)
    clock.stopped = True
    with pytest.raises(NoAnswerError):
        github.call("PUT", "/repos/octo-org/payments/actions/secrets/NEON_API_KEY", {})
    assert world.ledger.count() == 0
    assert len(github._idle) == 0


def told(left: int, seconds: float, most: int = 12500) -> Answer:
    """An answer that says how many requests are left, and for how many seconds."""
    reset = int(NOW.timestamp() + seconds)
    headers = {"x-ratelimit-remaining": left, "x-ratelimit-reset": reset, "x-ratelimit-limit": most}
    return Answer(200, {name: str(value) for name, value in headers.items()}, "")


def test_an_hour_that_is_used_up_is_waited_out_by_a_patient_run_alone() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    governor.learn(told(7, 600))
    governor.learn(told(0, 600))
    governor.learn(told(3, 600))  # overtaken by the one before
    assert governor.hourly == 12500
    governor.wait("GET", patience=599)
    governor.landed("GET")
    assert clock.slept == []
    governor.wait("GET", patience=601)
    assert clock.slept == [600.0]
    governor.learn(told(12499, 4200))
    governor.wait("GET", patience=9999)
    assert clock.slept == [600.0], "a new hour has begun"


def test_what_is_under_way_counts_against_the_hour() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    governor.wait("GET")
    governor.learn(told(1, 600))
    clock.ring = lambda: governor.landed("GET") if len(clock.slept) == 1 else None
    governor.wait("GET", patience=9999)
    assert clock.slept == [AWHILE], "the last one may go when the other is seen to have been counted before it"


def test_a_request_that_nobody_answered_yet_holds_its_place() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    for _ in range(180):
        governor.wait("PUT")
    clock.ring = lambda: governor.landed("PUT") if len(clock.slept) == 2 else None
    governor.wait("PUT")
    assert clock.slept == [AWHILE, AWHILE, 60.0], "a minute from its answer on"


def test_a_run_that_was_asked_to_stop_sends_its_last_words_and_no_more() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    departures(clock, governor, ["PUT"] * 180)
    clock.stopped = True
    assert governor.wait("DELETE", last=True) is None
    with pytest.raises(NoAnswerError) as caught:
        governor.wait("PUT")
    assert (caught.value.outcome, clock.slept) == (Outcome.NO_EFFECT, [])


@pytest.mark.parametrize(
    ("places", "hourly", "seconds"), [(1, 5000, 0), (100, 5000, 0), (1000, 5000, 540), (1300, 5000, 3600)]
)
def test_the_least_time_is_that_of_the_limit_that_binds(places: int, hourly: int, seconds: float) -> None:
    assert least_seconds(4 * places, places, Pace.FAST, hourly) == seconds
