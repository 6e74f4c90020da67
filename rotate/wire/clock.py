"""The run's clock: the one place that asks the time, and waits in a way that a signal can cut short.

Notes, locks, workflow runs and secrets all carry GitHub's time, and other runs wrote them on other machines. So the run
goes by GitHub's clock as soon as an answer told it, and by this machine's until then.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import FrameType

from rotate.ports import Clock

# Seconds that also pass while the machine sleeps, where the system counts them (Linux).
_BOOT = getattr(time, "CLOCK_BOOTTIME", None)
# Who makes answers may have looked at the clock a moment earlier, for many answers at once.
SLACK = 1.0


def dated(date: str) -> datetime | None:
    """Read a `Date` header (RFC 9110 §5.6.7); `None` for what is none."""
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


class Reckoning:
    """One clock elsewhere, reckoned from the `Date` headers of answers. Its time runs on with this machine's monotonic
    seconds between two of them.

    Each answer was dated between the moments at which its question was sent and it came back, and tells whole seconds
    (RFC 9110 §5.6.7). So it bounds by how much that clock is ahead of this machine's seconds, from both sides, and each
    further answer can only narrow it:

        sent ────────────── dated ────────────── received        date - received  ≤  ahead  ≤  date + 1 - sent

    What is reckoned moves only where the bounds leave it no choice: the times of one run stay in order.
    `ahead`: what this machine's own clock says of it, which stands as long as no answer contradicts it.
    """

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead
        self._bounds: tuple[float, float] | None = None

    @property
    def heard(self) -> bool:
        """Say whether any answer told its time."""
        return self._bounds is not None

    def hear(self, date: str, sent: float, received: float) -> None:
        """Hear an answer's `Date` header; `sent` and `received` are monotonic seconds. What is no date says nothing.

        An answer that contradicts those before counts alone: the other clock was set, or this machine slept.
        """
        moment = dated(date)
        if moment is None:
            return
        told = moment.timestamp()
        low, high = self._bounds or (-math.inf, math.inf)
        low, high = max(low, told - received), min(high, told + 1 - sent)
        if low > high:
            low, high = told - received, told + 1 - sent
        self._bounds = low, high
        if not low - SLACK <= self._ahead <= high + SLACK:
            self._ahead = (low + high) / 2

    def at(self, moment: float) -> datetime:
        """Give what it shows at a monotonic second."""
        return datetime.fromtimestamp(moment + self._ahead, UTC)


class SystemClock:
    """Implements `ports.Clock`. Waiting ends at once when `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._github = Reckoning(self._machine().timestamp() - self.monotonic())

    def now(self) -> datetime:
        return self._github.at(self.monotonic())

    def monotonic(self) -> float:
        return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)

    def hear(self, date: str, sent: float) -> None:
        """Hear GitHub's time from an answer's `Date` header, and when its question was sent (monotonic seconds)."""
        self._github.hear(date, sent, self.monotonic())

    def ahead(self) -> timedelta | None:
        return self._machine() - self.now() if self._github.heard else None

    def _machine(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def stopping(self) -> bool:
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


def stop_on_signals() -> threading.Event:
    """Give an event that SIGINT, SIGTERM and SIGHUP set; none of them ends the process by itself any more.

    A cancelled job sends SIGINT, SIGTERM 7.5 s later, and kills 2.5 s after that (facts: GitHub §5.2); a terminal that
    is lost sends SIGHUP. As process 1 of a container we get no default handler, so they are installed by hand.
    """
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    # Windows has no hang-up, and who was started by `nohup` is to go on.
    hang_up = getattr(signal, "SIGHUP", signal.SIGTERM)
    lost = [hang_up] if signal.getsignal(hang_up) is not signal.SIG_IGN else []
    for number in (signal.SIGINT, signal.SIGTERM, *lost):
        signal.signal(number, ask_to_stop)
    return stop
