"""The run's clock: the one place that asks the time, and waits in a way that a signal can cut short.

Notes, locks, workflow runs and secrets all carry GitHub's time, and other runs wrote them on other machines. So the run
goes by GitHub's clock as soon as an answer told it, and by this machine's until then.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from rotate.ports import Clock
from rotate.wire.reckoning import Reckoning

# Seconds that also pass while the machine sleeps, where the system counts them (Linux).
_BOOT = getattr(time, "CLOCK_BOOTTIME", None)


class SystemClock:
    """Implements `ports.Clock`. Waiting ends at once when `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._github = Reckoning(self._machine().timestamp() - self.monotonic())

    def now(self) -> datetime:
        """Give the time in UTC: GitHub's, once it has told it."""
        return self._github.at(self.monotonic())

    def monotonic(self) -> float:
        """Give seconds that only grow."""
        return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)

    def hear(self, date: str, sent: float) -> None:
        """Hear GitHub's time from an answer's `Date` header, and when its question was sent (monotonic seconds)."""
        self._github.hear(date, sent, self.monotonic())

    def ahead(self) -> timedelta | None:
        """Give by how much this machine's clock is ahead of GitHub's; `None` where GitHub has not told its time."""
        return self._machine() - self.now() if self._github.heard else None

    def _machine(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait, or return at once when the run was asked to stop."""
        self._stop.wait(seconds)

    def stopping(self) -> bool:
        """Say whether the run was asked to stop, so that no wait lasts."""
        return self._stop.is_set()


def time_of(clock: Clock, moment: float) -> datetime:
    """Give the time of a monotonic second that has passed, by what the clock shows now.

    What a clock showed then may have been this machine's time, before GitHub told its own.
    """
    return clock.now() - timedelta(seconds=clock.monotonic() - moment)


class Deadline:
    """So many seconds from now on, whatever happens in them."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left; below 0, it is over."""
        return self._until - time.monotonic()
