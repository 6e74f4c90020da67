"""The real clock: the one place that asks the time, and waits in a way that a signal can cut short."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `ports.Clock`. Waiting ends at once when `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def now(self) -> datetime:
        """Give the time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, or return at once when the run was asked to stop."""
        self._stop.wait(seconds)

    def stopping(self) -> bool:
        """Say whether the run was asked to stop, so that no wait lasts."""
        return self._stop.is_set()


class Deadline:
    """So many seconds from now on, whatever happens in them."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left; below 0, it is over."""
        return self._until - time.monotonic()
