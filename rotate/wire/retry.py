"""Whether to try again: a pure decision. What is not idempotent and may have been applied is never repeated.

Numbers after Neon's own SDK: two retries, full jitter over 250 ms · 2ⁿ, and a `Retry-After` longer than we are
ready to wait ends the attempt instead (facts: Neon §4). GitHub asks for the same header (facts: GitHub §4).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from rotate.errors import Outcome, RotateError
from rotate.ports import Clock
from rotate.wire.outcome import Answer, Cause, NoAnswerError

MOST_TRIES = 3
FIRST_WAIT = 0.25
LONGEST_WAIT = 10.0
REJECTED = (HTTPStatus.LOCKED, HTTPStatus.TOO_MANY_REQUESTS)

# Nobody's certificate gets better within a second, and a request that dripped for half a minute had its chance.
HOPELESS = frozenset({Cause.CERTIFICATE, Cause.LATE})

_dice = random.SystemRandom()


def persist(attempt: Callable[[], Answer], clock: Clock, *, idempotent: bool, doubtful: bool = False) -> Answer:
    """Try until there is an answer that stands, waiting as the decision says; at most three times.

    `doubtful`: what was tried before may have had its effect. What a try may have done stays unknown, however those
    after it end.

    Raises:
        NoAnswerError: the last try brought no answer. RotateError: nothing could be sent, and nothing is in doubt.
    """
    tries = 0
    while True:
        tries += 1
        try:
            end: Answer | NoAnswerError = attempt()
        except NoAnswerError as error:
            end = error
        except RotateError as error:
            if not doubtful:
                raise
            end = NoAnswerError(Outcome.UNKNOWN, error.reason)
        if isinstance(end, Answer):
            end = replace(end, doubtful=end.doubtful or doubtful)
        elif doubtful:
            end.outcome = Outcome.UNKNOWN
        doubtful = end.outcome is Outcome.UNKNOWN
        wait = wait_before_next(end, tries, idempotent=idempotent, jitter=_dice.random())
        if wait is None:
            break
        clock.sleep(wait)
    if isinstance(end, NoAnswerError):
        raise end
    return end


def wait_before_next(end: Answer | NoAnswerError, tries: int, *, idempotent: bool, jitter: float) -> float | None:
    """Give the seconds to wait before the next try, or `None` to leave it at that.

    `tries`: how many were made. `jitter`: a number from 0 to 1.
    """
    if tries >= MOST_TRIES or end.outcome is Outcome.APPLIED:
        return None
    if isinstance(end, Answer):
        asked = _retry_after(end)
        rejected_at_once = end.status in REJECTED or (end.status == HTTPStatus.FORBIDDEN and asked is not None)
        if not (rejected_at_once or (idempotent and end.outcome is Outcome.UNKNOWN)):
            return None
        if asked is not None:
            return asked if asked <= LONGEST_WAIT else None
    elif end.cause in HOPELESS or (end.outcome is Outcome.UNKNOWN and not idempotent):
        return None
    return min(LONGEST_WAIT, FIRST_WAIT * float(2**tries)) * jitter


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isdigit() else None
