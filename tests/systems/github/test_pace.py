"""No window of time ever holds more requests than GitHub allows, and a refusal holds everything back."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.errors import Outcome
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.budget import least_seconds
from rotate.systems.github.stores import Secrets
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pace import CAPS, LEAST_SHARE, POINTS, Cap, Governor, Pace, refused_for
from rotate.wire.clock import SystemClock
from rotate.wire.outcome import Answer
from tests.support.fakes import FakeClock
from tests.support.opened import keep

LIMITED = Answer(429, {"retry-after": "30"}, "")
FINE = Answer(204, {}, "")


def departures(clock: FakeClock, governor: Governor, verbs: list[str]) -> list[tuple[float, str]]:
    """Send one after the other; give when each left."""
    left = []
    for verb in verbs:
        governor.wait(verb)
        left.append((clock.monotonic(), verb))
        governor.landed(verb)
    return left


def most_in_a_window(left: list[tuple[float, str]], cap: Cap) -> int:
    """Give the most that any window of the cap's length held."""
    return max(
        sum(cap.cost(verb) for moment, verb in left if start <= moment < start + cap.seconds) for start, _ in left
    )


@pytest.mark.parametrize("pace", Pace)
@given(verbs=st.lists(st.sampled_from(["GET", "PUT"]), min_size=1, max_size=400))
def test_no_window_holds_more_than_its_cap(pace: Pace, verbs: list[str]) -> None:
    clock = FakeClock()
    left = departures(clock, Governor(clock, pace), verbs)
    assert all(most_in_a_window(left, cap) <= cap.most for cap in CAPS[pace])


@pytest.mark.parametrize("pace", Pace)
@pytest.mark.parametrize("count", [1, 20, 300, 500])
def test_no_time_is_lost_beyond_what_the_caps_demand(pace: Pace, count: int) -> None:
    clock = FakeClock()
    left = departures(clock, Governor(clock, pace), ["PUT"] * count)
    whole = max((count - 1) // (cap.most // cap.cost("PUT")) * cap.seconds for cap in CAPS[pace])
    assert left[-1][0] == pytest.approx(whole)
    assert least_seconds(0, count, pace) == whole


def test_a_governor_that_forgets_its_window_is_caught() -> None:
    class Forgetful(Governor):
        def wait(self, verb: str, patience: float = 0.0, *, last: bool = False, book: bool = True) -> Answer | None:
            return Governor(FakeClock()).wait(verb, patience, last=last, book=book)

    clock = FakeClock()
    left = departures(clock, Forgetful(clock), ["PUT"] * 200)
    assert most_in_a_window(left, POINTS) > POINTS.most


def test_after_a_refusal_nothing_leaves_before_its_time_and_then_at_half_the_pace() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    assert governor.learn(LIMITED) == 30.0
    governor.hold(30.0)
    left = departures(clock, governor, ["PUT"] * 91)
    assert left[0][0] == 30.0
    assert (left[89][0], left[90][0]) == (30.0, 30.0 + POINTS.seconds), "450 points, where 900 were before"


def test_what_was_under_way_together_is_refused_together_and_halves_the_pace_once() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    for _ in range(16):
        governor.learn(LIMITED)
    clock.sleep(30)
    left = departures(clock, governor, ["PUT"] * 91)
    assert left[0][0] == left[89][0] < left[90][0]


def test_what_waits_for_its_turn_when_another_is_refused_waits_that_out_too() -> None:
    class Refused(FakeClock):
        def sleep(self, seconds: float) -> None:
            first = not self.slept
            super().sleep(seconds)
            if first:
                governor.hold(300.0)

    clock = Refused()
    governor = Governor(clock)
    left = departures(clock, governor, ["PUT"] * 181)
    assert left[-1][0] == POINTS.seconds + 300.0


def test_after_more_than_the_run_stays_for_nothing_goes_but_what_ends_it_in_good_order() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    governor.end(3600.0, LIMITED)
    governor.end(9999.0, FINE)
    assert [governor.wait("PUT") for _ in range(200)] == [LIMITED] * 200
    assert governor.wait("DELETE", last=True) is None
    assert clock.slept == []
    clock.sleep(3600)
    assert governor.wait("PUT") is None


def test_the_pace_is_won_back_bit_by_bit_and_never_lost_whole() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    for _ in range(20):
        governor.learn(LIMITED)
        clock.sleep(30)
    clock.sleep(3600)
    slow = departures(clock, governor, ["PUT"] * 19)
    assert slow[17][0] == slow[0][0] < slow[18][0], f"{LEAST_SHARE:.0%} of 900 points are left"
    for _ in range(100):
        assert governor.learn(FINE) == 0.0
    clock.sleep(POINTS.seconds)
    fast = departures(clock, governor, ["PUT"] * 180)
    assert fast[0][0] == fast[-1][0]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (LIMITED, 30.0),
        (Answer(403, {"retry-after": "7"}, ""), 7.0),
        (Answer(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1100"}, ""), 100.0),
        (Answer(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, ""), 1.0),
        (Answer(429, {"retry-after": "0"}, ""), 1.0),
        (Answer(403, {}, '{"message": "You have exceeded a secondary rate limit."}'), 60.0),
        (Answer(429, {}, ""), 60.0),
        (Answer(403, {}, ""), None),
        (Answer(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1100"}, ""), None),
    ],
)
def test_how_long_to_wait_is_read_as_github_documents_it(answer: Answer, seconds: float | None) -> None:
    assert refused_for(answer, 1000.0) == seconds


@pytest.fixture
def patient(world: World) -> tuple[World, FakeClock, GitHub]:
    """A connection that stays for two minutes of what a rate limit asks."""
    world.github.add_repository("octo-org/payments")
    token = Secret(world.github.add_token(repositories={"octo-org/payments": {"secrets": "write"}}))
    clock = FakeClock()
    return world, clock, keep(GitHub(world.github.url, token, clock, Governor(clock), patience=120.0))


@pytest.mark.parametrize("code", [403, 429])
def test_a_patient_run_waits_out_a_rate_limit_and_goes_on(code: int, patient: tuple[World, FakeClock, GitHub]) -> None:
    world, clock, github = patient
    headers = {"Retry-After": "60"}
    world.faults.add(Fault("status", server="github", code=code, headers=headers, body={"message": "slow down"}))
    Secrets(github, Address("octo-org/payments")).public_key()
    assert sum(clock.slept) >= 60.0
    assert world.ledger.count("GET") == 2


def test_patience_ends(patient: tuple[World, FakeClock, GitHub]) -> None:
    world, clock, github = patient
    headers = {"Retry-After": "50"}
    world.faults.add(Fault("status", server="github", code=429, headers=headers, body={"message": "no"}, times=None))
    answer = github.call("GET", "/repos/octo-org/payments")
    assert (answer.status, answer.outcome) == (429, Outcome.NO_EFFECT)
    assert world.ledger.count("GET") == 3, "50 s and 50 s are within two minutes, 50 s more are not"
    assert clock.time < datetime(2100, 1, 1, tzinfo=UTC)


def test_a_run_that_was_asked_to_stop_does_not_wait(patient: tuple[World, FakeClock, GitHub]) -> None:
    world, clock, github = patient
    clock.stopped = True
    headers = {"Retry-After": "50"}
    world.faults.add(Fault("status", server="github", code=429, headers=headers, body={"message": "no"}))
    assert github.call("GET", "/repos/octo-org/payments").status == 429


def test_every_write_that_is_reported_happened_exactly_once(world: World) -> None:
    """Threads that switch at every step share no connection (facts: GitHub §6)."""
    names = [f"octo-org/service-{number}" for number in range(60)]
    for name in names:
        world.github.add_repository(name)
    permissions = {name: {"secrets": "write"} for name in names}
    token = Secret(world.github.add_token(repositories=permissions))
    clock = SystemClock(threading.Event())
    github = keep(GitHub(world.github.url, token, clock))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        from rotate.systems.github.secrets.destination import GitHubSecret
        from rotate.wire.together import together, value_of

        places = [GitHubSecret(github, Address(name), "NEON_API_KEY", clock) for name in names]
        for reading in together(*(place.observe for place in places)):
            value_of(reading)
        for reading in together(*(lambda place=place: place.put(Secret(f"napi_{place.name}")) for place in places)):
            value_of(reading)
    finally:
        sys.setswitchinterval(before)
    assert [world.ledger.count("PUT", f"/repos/{name}/actions/secrets/NEON_API_KEY") for name in names] == [1] * 60
    stored = [world.github.secret(name, "NEON_API_KEY") for name in names]
    assert stored == [f"napi_github://{name}#NEON_API_KEY" for name in names]
