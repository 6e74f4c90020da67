"""The world's own time: the real one, plus an offset that a test may move forward; faster, if it is told to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """One clock for both servers, so that their timestamps and `Date` headers agree."""

    def __init__(self) -> None:
        """Start at the real time."""
        self._offset = 0.0
        self._speed, self._since = 1.0, 0.0

    def now(self) -> datetime:
        """Give the world's time, in UTC."""
        return datetime.fromtimestamp(self._since + (time.time() - self._since) * self._speed + self._offset, UTC)

    def hurry(self, speed: float, since: float) -> None:
        """Let time pass so many times as fast, counted from a Unix time: a client can keep the same time."""
        self._speed, self._since = speed, since

    def advance(self, seconds: float) -> None:
        """Move the world's time by so many seconds; a negative number moves it back."""
        self._offset += seconds

    def reset(self) -> None:
        """Return to the real time."""
        self._offset = 0.0
        self._speed, self._since = 1.0, 0.0


class Beside(Clock):
    """A clock that goes as another does, and may show another time: `advance` moves it alone."""

    def __init__(self, clock: Clock) -> None:
        """Start with the same time."""
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        """Give the other's time, moved."""
        return self._clock.now() + timedelta(seconds=self._offset)


def stamp(moment: datetime) -> str:
    """Write a UTC time as both APIs do: RFC 3339, whole seconds, `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(moment: datetime) -> str:
    """Write a UTC time as the HTTP `Date` header does."""
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
