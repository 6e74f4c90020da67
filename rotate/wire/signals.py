"""Finish the current move, then stop.

A cancelled job sends SIGINT, SIGTERM 7.5 s later, and kills 2.5 s after that (facts: GitHub §5.2). As process 1 of
a container we get no default handler, so both are installed by hand.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_on_signals() -> threading.Event:
    """Give an event that SIGINT or SIGTERM sets; neither ends the process by itself any more."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    return stop
