"""When the next request may go, so that a service never has to refuse one: its documented limit, kept from our side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rotate.ports import Clock

# While all that counts is still under way, nobody knows when there will be room.
AWHILE = 0.05


class Pace(NamedTuple):
    """At most so many requests in any so many seconds."""

    most: int
    seconds: float


class Governor:
    """One for all that asks a service in a run.

    A request counts from when it leaves until `seconds` after its answer has come: the service counted it at some
    moment between the two. Whoever is asked to stop does not wait.
    """

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace, self._clock = pace, clock
        self._flying, self._landed = 0, deque[float]()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for room, and take it for one request."""
        while wait := self._until_taken():
            self._clock.sleep(wait)
        try:
            yield
        finally:
            with self._lock:
                self._flying -= 1
                self._landed.append(self._clock.monotonic())

    def _until_taken(self) -> float:
        """Take room for one request, if there is any: 0. Else give the seconds until there may be."""
        with self._lock:
            now = self._clock.monotonic()
            while self._landed and self._landed[0] <= now - self._pace.seconds:
                self._landed.popleft()
            if self._flying + len(self._landed) < self._pace.most or self._clock.stopping():
                self._flying += 1
                return 0.0
            return self._landed[0] + self._pace.seconds - now if self._landed else AWHILE
