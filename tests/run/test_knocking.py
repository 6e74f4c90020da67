"""The knock itself, in a world whose clock is a number: whatever the delay and grain of Neon's times, and strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotate.errors import Outcome, SourceError
from rotate.ports import Hide, Issued
from rotate.protocol.facts.model import Dead, Identity, LiveKey, Liveness, Standing
from rotate.protocol.facts.moves import Authority, Knock, Knocked, Result
from rotate.run.drawing import MOST, WINDOWS, drawn
from rotate.run.knocking import Knocker
from rotate.secret import Secret

OLD, READER, OTHER = 1, 2, 3
START = datetime(2026, 11, 23, tzinfo=UTC)
PATTERN = tuple(mark == "●" for mark in "●○●●○○●○○●●○")

MINUTE, FEW = (st.integers(0, most).map(lambda tenths: tenths / 10) for most in (600, 30))


@dataclass
class Neon:
    """Implements `ports.Source` and `ports.Clock` as far as a knock needs them. A value is its key's id.

    A use is told after `delay`, in steps of `grain`, and not at all within `rest` of the last that was told. A stranger
    uses a key of his every `period` seconds, and `crowd` uses the old one as often.
    """

    delay: float = 0.0
    grain: float = 0.0
    rest: float = 0.0
    period: float = 0.0
    crowd: float = 0.0
    now_at: float = 1000.0
    stops_at: float = float("inf")
    uses: dict[int, list[float]] = field(default_factory=lambda: {OLD: [999.0], READER: [], OTHER: []})
    failing: Callable[[str], None] = lambda _: None

    def now(self) -> datetime:
        """Give the time."""
        return START + timedelta(seconds=self.now_at)

    def monotonic(self) -> float:
        """Give it in seconds."""
        return self.now_at

    def hear(self, date: str, sent: float) -> None:
        """There is but one clock."""

    def ahead(self) -> timedelta:
        """By nothing."""
        return timedelta()

    def sleep(self, seconds: float) -> None:
        """Let time pass, and strangers act."""
        end = self.now_at + seconds
        for key_id, period in ((OTHER, self.period), (OLD, self.crowd)):
            if period:
                ticks = range(int(self.now_at // period) + 1, int(end // period) + 1)
                self.uses[key_id] += [tick * period for tick in ticks]
        self.now_at = end

    def stopping(self) -> bool:
        """Say whether it is time to stop."""
        return self.now_at >= self.stops_at

    def identify(self, secret: Secret) -> Standing:
        """Use a value."""
        self.failing("identify")
        self.uses[int(secret.reveal())].append(self.now_at)
        return Identity("ada", organization=False)

    def list_keys(self, authority: Secret) -> tuple[LiveKey, ...]:
        """Use the reader's value, and tell what may be told of all."""
        self.failing("list")
        self.uses[int(authority.reveal())].append(self.now_at)
        return tuple(LiveKey(key_id, f"key {key_id}", START, self._told(key_id)) for key_id in self.uses)

    def _told(self, key_id: int) -> datetime | None:
        told: float | None = None
        for at in self.uses[key_id]:
            if at + self.delay <= self.now_at and (told is None or at >= told + self.rest):
                told = at
        if told is None:
            return None
        return START + timedelta(seconds=told // self.grain * self.grain if self.grain else told)

    def issue(self, authority: Secret, name: str, hide: Hide) -> Issued:
        """Nobody asks."""
        raise AssertionError("nobody asks")

    def verify(self, issued: Secret, account_id: str) -> None:
        """Nobody asks."""
        raise AssertionError("nobody asks")

    def revoke(self, authority: Secret, key_id: int) -> None:
        """Nobody asks."""
        raise AssertionError("nobody asks")


def knock(neon: Neon, pattern: tuple[bool, ...] = PATTERN) -> Result:
    """Knock with the old value."""
    knocker = Knocker(neon, neon, Secret(str(OLD)), Secret(str(READER)), neon.stopping)
    return knocker.knock(Knock(Authority.PENDING, pattern))


def followers(neon: Neon) -> tuple[int, ...]:
    """Give who follows."""
    seen = knock(neon).knocked
    assert seen
    return seen.followers


@given(MINUTE, MINUTE, MINUTE, st.sampled_from([0.0, 0.7, 2.0, 3.6, 5.0, 9.0, 40.0, 61.0]))
@settings(derandomize=True, max_examples=300)
def test_whatever_the_delay_and_the_grain_no_other_key_follows(
    delay: float, grain: float, rest: float, period: float
) -> None:
    neon = Neon(delay, grain, rest, period)
    assert set(followers(neon)) <= {OLD}
    assert neon.now_at - 1000.0 <= MOST.total_seconds()


@given(FEW, FEW, FEW)
@settings(derandomize=True, max_examples=200)
def test_with_usual_times_the_old_values_key_is_found(delay: float, grain: float, rest: float) -> None:
    assert followers(Neon(delay, grain, rest)) == (OLD,)


def test_with_whole_seconds_it_takes_half_a_minute() -> None:
    neon = Neon(grain=1.0)
    assert followers(neon) == (OLD,)
    assert neon.now_at - 1000.0 < 40


def test_a_key_in_use_by_others_gives_no_verdict() -> None:
    assert followers(Neon(crowd=1.0)) == ()


def test_times_that_are_told_too_late_are_not_waited_for() -> None:
    neon = Neon(delay=60.0)
    assert followers(neon) == ()
    assert neon.now_at - 1000.0 < 60


def test_a_signal_ends_it_without_a_verdict() -> None:
    for stops in (1000.0, 1002.0, 1005.0, 1012.0):
        assert followers(Neon(grain=1.0, stops_at=stops)) == ()


@contextmanager
def broken(neon: Neon, call: str, after: int) -> Iterator[None]:
    """Let a call fail once it was made so often."""
    left = [after]

    def fail(name: str) -> None:
        left[0] -= name == call
        if left[0] < 0:
            raise SourceError("neon-unreachable", "no answer")

    neon.failing = fail
    yield


@pytest.mark.parametrize("call", ["identify", "list"])
@pytest.mark.parametrize("after", [0, 3, 6])
def test_a_call_that_fails_ends_it_without_a_verdict(call: str, after: int) -> None:
    neon = Neon(grain=1.0)
    with broken(neon, call, after):
        ended = knock(neon)
    assert (ended.outcome, ended.liveness) == (Outcome.NO_EFFECT, Liveness.UNKNOWN)
    assert ended.error == SourceError("neon-unreachable", "no answer")
    assert ended.knocked
    assert ended.knocked.followers == ()


class DeadValue(Neon):
    """The old value is refused."""

    def identify(self, secret: Secret) -> Standing:
        """Refuse it."""
        return Dead()


def test_a_value_that_died_meanwhile_shows_nothing_and_is_told_as_dead() -> None:
    ended = knock(DeadValue())
    assert (ended.error, ended.liveness, ended.knocked) == (None, Liveness.DEAD, Knocked(PATTERN, ()))


def test_half_of_the_windows_are_drawn_and_never_the_same() -> None:
    patterns = {drawn() for _ in range(50)}
    assert {(len(one), sum(one)) for one in patterns} == {(WINDOWS, WINDOWS // 2)}
    assert len(patterns) > 25
