"""What `bench.scale` starts: the entry point, with time SPEED times as fast since SINCE."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import peak
from rotate.frontends import action
from rotate.wire.clock import SystemClock

SPEED, SINCE = float(os.environ["SPEED"]), float(os.environ["SINCE"])


class QuickClock(SystemClock):
    """Waits are shorter and hours are too."""

    def now(self) -> datetime:
        """Give the time that the pretend world has."""
        return datetime.fromtimestamp(SINCE + (time.time() - SINCE) * SPEED, UTC)

    def monotonic(self) -> float:
        """Give its seconds."""
        return time.monotonic() * SPEED

    def sleep(self, seconds: float) -> None:
        """Wait a part of it."""
        super().sleep(seconds / SPEED)


if __name__ == "__main__":
    vars(action)["SystemClock"] = QuickClock
    code = action.main()
    Path(os.environ["PEAK"]).write_text(str(peak.own()))
    sys.exit(code)
