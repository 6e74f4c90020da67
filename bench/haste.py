"""Time that passes faster, for a run and for its pretend world alike: what a run waits for takes a part of it.

What the processor and the connections take is not made faster, so it weighs more here; no wait becomes shorter than
what it waits for.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from rotate.wire.clock import SystemClock

if TYPE_CHECKING:
    from rotate.sandbox.clock import Clock


@dataclass(frozen=True)
class Haste:
    """So many times as fast, counted from a Unix time. The machine's clock is `ahead` of the world's (seconds)."""

    speed: float
    since: float = field(default_factory=time.time)
    ahead: float = 0.0

    def rush(self, clock: Clock) -> None:
        """Let the world's time pass so."""
        clock.hurry(self.speed, self.since)

    def become(self) -> None:
        """Let this process's time pass so."""
        from rotate.frontends import action

        vars(action)["SystemClock"] = partial(HastyClock, haste=self)


class HastyClock(SystemClock):
    """The program's own clock, in a hurry."""

    def __init__(self, stop: threading.Event, haste: Haste) -> None:
        self._speed, self._since, self._ahead = haste.speed, haste.since, haste.ahead
        super().__init__(stop)

    def _machine(self) -> datetime:
        """Give the time that the pretend world has."""
        return datetime.fromtimestamp(self._since + (time.time() - self._since) * self._speed + self._ahead, UTC)

    def monotonic(self) -> float:
        """Give its seconds."""
        return super().monotonic() * self._speed

    def sleep(self, seconds: float) -> None:
        """Wait a part of it."""
        super().sleep(seconds / self._speed)
