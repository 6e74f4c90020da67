"""What another machine's clock shows, reckoned from the `Date` headers of its answers.

Each answer was dated between the moments at which its question was sent and it came back, and tells whole seconds
(RFC 9110 §5.6.7). So it bounds by how much that clock is ahead of this machine's seconds, from both sides, and each
further answer can only narrow it:

    sent ────────────── dated ────────────── received        date - received  ≤  ahead  ≤  date + 1 - sent

What is reckoned moves only where the bounds leave it no choice: the times of one run stay in order.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Who makes answers may have looked at the clock a moment earlier, for many answers at once.
SLACK = 1.0


def dated(date: str) -> datetime | None:
    """Read a `Date` header (RFC 9110 §5.6.7); `None` for what is none."""
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


class Reckoning:
    """One clock elsewhere. Its time runs on with this machine's monotonic seconds between two answers.

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
