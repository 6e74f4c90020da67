"""Judging answers, and trying again: what is safe, how long to wait, and what the last end proves."""

from __future__ import annotations

import json

import pytest

from rotate.errors import Outcome
from rotate.secret import Secret
from rotate.wire.outcome import Answer, NoAnswerError, without
from rotate.wire.retry import LONGEST_WAIT, MOST_TRIES, persist, wait_before_next
from tests.support.fakes import FakeClock


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.APPLIED),
        (204, Outcome.APPLIED),
        (302, Outcome.UNKNOWN),
        (404, Outcome.NO_EFFECT),
        (408, Outcome.UNKNOWN),
        (500, Outcome.UNKNOWN),
    ],
)
def test_a_status_says_what_became_of_the_effect(status: int, outcome: Outcome) -> None:
    assert Answer(status, {}, "").outcome is outcome


def test_a_body_that_is_no_json_is_nothing() -> None:
    assert Answer(200, {}, "<html>").json() is None
    assert Answer(200, {}, json.dumps({"a": 1})).json() == {"a": 1}
    assert without(Secret("key"), "bad key") == "bad ***"


LOST, NEVER_SENT = NoAnswerError(Outcome.UNKNOWN, "ReadTimeout"), NoAnswerError(Outcome.NO_EFFECT, "ConnectError")


@pytest.mark.parametrize(
    ("end", "tries", "idempotent", "wait"),
    [
        (Answer(200, {}, ""), 1, True, None),
        (Answer(404, {}, ""), 1, True, None),
        (Answer(500, {}, ""), 1, True, 0.5),
        (Answer(500, {}, ""), 2, True, 1.0),
        (Answer(500, {}, ""), MOST_TRIES, True, None),
        (Answer(500, {}, ""), 1, False, None),
        (Answer(429, {}, ""), 1, False, 0.5),
        (Answer(423, {}, ""), 1, False, 0.5),
        (Answer(429, {"retry-after": "3"}, ""), 1, False, 3.0),
        (Answer(429, {"retry-after": "3600"}, ""), 1, False, None),
        (Answer(429, {"retry-after": "soon"}, ""), 1, False, 0.5),
        (Answer(403, {"retry-after": "2"}, ""), 1, False, 2.0),
        (Answer(403, {}, ""), 1, True, None),
        (LOST, 1, True, 0.5),
        (LOST, 1, False, None),
        (NEVER_SENT, 1, False, 0.5),
    ],
)
def test_only_what_is_safe_is_tried_again(
    end: Answer | NoAnswerError, tries: int, idempotent: bool, wait: float | None
) -> None:
    assert wait_before_next(end, tries, idempotent=idempotent, jitter=1.0) == wait


def test_trying_ends_and_the_last_end_stands() -> None:
    clock = FakeClock()
    ends: list[Answer | NoAnswerError] = [LOST, Answer(503, {}, ""), Answer(200, {}, "")]

    def attempt() -> Answer:
        end = ends.pop(0)
        if isinstance(end, NoAnswerError):
            raise end
        return end

    assert persist(attempt, clock, idempotent=True).status == 200
    assert len(clock.slept) == 2
    assert all(0 <= wait <= LONGEST_WAIT for wait in clock.slept)
    ends.append(LOST)
    with pytest.raises(NoAnswerError):
        persist(attempt, clock, idempotent=False)


@pytest.mark.parametrize(
    ("first", "last"),
    [(LOST, Answer(403, {}, "")), (Answer(502, {}, ""), Answer(404, {}, "")), (LOST, NEVER_SENT), (LOST, LOST)],
)
def test_after_a_try_that_may_have_had_its_effect_a_refusal_proves_nothing(
    first: Answer | NoAnswerError, last: Answer | NoAnswerError
) -> None:
    ends = iter((first, last, last))

    def attempt() -> Answer:
        end = next(ends)
        if isinstance(end, NoAnswerError):
            raise end
        return end

    try:
        outcome = persist(attempt, FakeClock(), idempotent=True).outcome
    except NoAnswerError as error:
        outcome = error.outcome
    assert outcome is Outcome.UNKNOWN
