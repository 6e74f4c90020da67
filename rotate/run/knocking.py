"""Knock: use the old value in a pattern, and look with another key which rows of the list move (protocol: knock).

First it is measured how long a use takes to show, and how long it takes until the next one does: Neon may tell times
late, or in steps. The windows are longer than both. Whatever goes wrong, there is no verdict, and then nothing is acted
upon that was not known before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from rotate.errors import Outcome, RotateError
from rotate.ports import Clock, Source
from rotate.protocol.facts.model import Dead, Liveness
from rotate.protocol.facts.moves import Knock, Knocked, Result
from rotate.run.drawing import LEAST, LONGEST_DELAY, LONGEST_WINDOW, PATIENCE, ROOM, SILENCE, TRIES
from rotate.secret import Secret

FIRST_POLL, LONGEST_POLL = 0.1, 1.0
LONGER = 3.0
# By so much a measured time may be too long.
CLOSELY = 0.25
Times = Mapping[int, datetime | None]


@dataclass(frozen=True, slots=True)
class Knocker:
    """Knocks with one value, reads with another."""

    source: Source
    clock: Clock
    old: Secret
    reader: Secret
    stopping: Callable[[], bool]

    def knock(self, move: Knock) -> Result:
        """Give which rows moved in which window."""
        seen = Knocked(move.pattern, ())
        started = self.clock.monotonic()
        try:
            span = self._measure()
            for _ in range(TRIES):
                if span is None or seen.followers or self.clock.monotonic() - started > PATIENCE:
                    break
                seen = Knocked(move.pattern, self._windows(move.pattern, span))
                span = min(LONGEST_WINDOW, LONGER * span)
        except _RefusedError:
            return Result(Outcome.NO_EFFECT, liveness=Liveness.DEAD, knocked=seen)
        except RotateError as error:
            return Result(Outcome.NO_EFFECT, error, liveness=Liveness.UNKNOWN, knocked=seen)
        return Result(Outcome.APPLIED, liveness=Liveness.ALIVE, knocked=seen)

    def _windows(self, pattern: tuple[bool, ...], span: float) -> tuple[frozenset[int], ...]:
        """Give which rows moved in each window, up to that after which no row can follow any more."""
        self.clock.sleep(span)
        before = self._times()
        moved, left = list[frozenset[int]](), frozenset(before)
        for use in pattern:
            if self.stopping() or not left:
                break
            if use:
                self._use()
            self.clock.sleep(span)
            after = self._times()
            moved.append(_moved(before, after))
            left = left & moved[-1] if use else left - moved[-1]
            before = after
        return tuple(moved)

    def _measure(self) -> float | None:
        """Give how long a window must be; `None` where a use takes too long to show."""
        quiet = self._times()
        self.clock.sleep(SILENCE)
        base = self._times()
        busy = _moved(quiet, base)
        delay = self._until_it_shows(base, busy)
        if delay is None:
            return None
        step = self._until_it_shows(self._times(), busy)
        return None if step is None else ROOM * max(delay, step) + LEAST

    def _until_it_shows(self, base: Times, busy: frozenset[int]) -> float | None:
        """Use the value until a row moves that did not move by itself; give how long that took."""
        started, poll = self.clock.monotonic(), FIRST_POLL
        while not self.stopping():
            self._use()
            self.clock.sleep(poll)
            taken = self.clock.monotonic() - started
            if _moved(base, self._times()) - busy:
                return taken
            if taken > LONGEST_DELAY:
                break
            poll = min(LONGEST_POLL, max(FIRST_POLL, taken * CLOSELY))
        return None

    def _use(self) -> None:
        if isinstance(self.source.identify(self.old), Dead):
            raise _RefusedError("old-value-refused", "")

    def _times(self) -> Times:
        return {key.key_id: key.last_used_at for key in self.source.list_keys(self.reader)}


class _RefusedError(RotateError):
    """The old value died meanwhile: it cannot show anything any more."""


def _moved(before: Times, after: Times) -> frozenset[int]:
    return frozenset(key_id for key_id, at in after.items() if key_id in before and at != before[key_id])
