"""Another machine's clock, reckoned from what its answers are dated."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rotate.sandbox.clock import http_date
from rotate.wire.clock import SLACK, Reckoning, SystemClock, dated, time_of

NOON = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@given(st.floats(0, 1), st.lists(st.tuples(st.floats(0, 30), st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=9))
def test_it_is_never_further_off_than_the_best_answer_allows(
    start: float, answers: list[tuple[float, float, float]]
) -> None:
    reckoning, moment, best = Reckoning(0.0), 0.0, float("inf")
    for pause, there, back in answers:
        dated = moment + pause + there
        reckoning.hear(http_date(NOON + (start + dated) * SECOND), moment + pause, dated + back)
        moment, best = dated + back, min(best, there + back + 1)
    assert reckoning.heard
    assert abs((reckoning.at(moment) - NOON) / SECOND - start - moment) <= best + SLACK + 1e-3


def test_what_agrees_with_the_answers_stands_and_what_they_contradict_is_reckoned_anew() -> None:
    own = NOON.timestamp() + 2.5
    reckoning = Reckoning(own)
    reckoning.hear(http_date(NOON), -3.0, 0.1)
    assert reckoning.at(0.0) == NOON + 2.5 * SECOND
    reckoning.hear(http_date(NOON + 10 * SECOND), 9.9, 10.1)
    assert reckoning.at(0.0) == NOON + 0.5 * SECOND


def test_a_clock_that_was_set_counts_from_then_on() -> None:
    reckoning = Reckoning(0.0)
    reckoning.hear(http_date(NOON), 0.0, 0.1)
    reckoning.hear(http_date(NOON + timedelta(hours=1)), 10.0, 10.1)
    assert reckoning.at(10.1) == NOON + timedelta(hours=1, seconds=0.55)


def test_what_is_no_date_says_nothing() -> None:
    reckoning = Reckoning(0.0)
    for text in ("", "yesterday", "Sat, 99 Nov 2026 12:00:00 GMT"):
        reckoning.hear(text, 0.0, 0.1)
    assert not reckoning.heard


def test_the_clock_of_a_run_shows_its_machines_time_until_github_tells_its_own() -> None:
    clock = SystemClock(threading.Event())
    before = clock.monotonic()
    assert clock.ahead() is None
    assert abs(clock.now() - datetime.now(UTC)) < SECOND
    github = datetime.now(UTC) + timedelta(hours=2)
    clock.hear(http_date(github), before)
    assert abs(clock.now() - github) < 2 * SECOND
    assert abs((clock.ahead() or timedelta()) + timedelta(hours=2)) < 2 * SECOND
    assert abs(time_of(clock, before) - github) < 2 * SECOND


def test_a_date_that_is_none_tells_no_time() -> None:
    assert dated("soon") is None
