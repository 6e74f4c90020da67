"""Finish the current move, then stop.

A cancelled job sends SIGINT, SIGTERM 7.5 s later, and kills 2.5 s after that (facts: GitHub §5.2); a terminal that is
lost sends SIGHUP. As process 1 of a container we get no default handler, so they are installed by hand.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_on_signals() -> threading.Event:
    """Give an event that SIGINT, SIGTERM and SIGHUP set; none of them ends the process by itself any more."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    # Windows has no hang-up, and who was started by `nohup` is to go on.
    hang_up = getattr(signal, "SIGHUP", signal.SIGTERM)
    lost = [hang_up] if signal.getsignal(hang_up) is not signal.SIG_IGN else []
    for number in (signal.SIGINT, signal.SIGTERM, *lost):
        signal.signal(number, ask_to_stop)
    return stop
