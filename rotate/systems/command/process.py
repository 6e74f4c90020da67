"""One program, run to its end or to the end of its time: never through a shell, in a process group of its own.

What it prints is read as it comes, and only the end of it is kept, so that endless output costs no memory. A process
that it leaves behind may keep the output open for ever: that is not waited for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import IO, NamedTuple, cast

from rotate.ports import Clock
from rotate.wire.clock import Deadline

# Seconds: between two looks at a program, for it to end by itself once the run is to stop (a runner that cancels gives
# 10 in all), for it to end once it was told to, and for the last of its output.
PAUSE, LEFT_AT_STOP, GRACE, LAST_WORDS = 0.1, 3.0, 2.0, 1.0
KEPT, PIECE = 8192, 65536


class Ended(NamedTuple):
    """How a program ended. `code`: its exit code; `None` where it was ended, by a signal or by this run. `said`: the
    end of what it printed, beginning with a whole line."""

    code: int | None
    how: str
    said: str


class _Output:
    """The end of what a program prints."""

    def __init__(self) -> None:
        self._kept, self._cut, self._lock = b"", False, Lock()

    def read(self, pipe: IO[bytes]) -> None:
        """Read until nobody has it open any more."""
        with pipe:
            while piece := pipe.read(PIECE):
                with self._lock:
                    whole = self._kept + piece
                    self._kept, self._cut = whole[-KEPT:], self._cut or len(whole) > KEPT

    def text(self) -> str:
        """Give the end. A line whose beginning was not kept is left out: it may be the rest of a value."""
        with self._lock:
            kept = self._kept.partition(b"\n")[2] if self._cut else self._kept
            return kept.decode(errors="replace")


def run(
    program: Path,
    value: bytes,
    environment: Mapping[str, str],
    limit: float,
    clock: Clock,
    platform: str = sys.platform,
) -> Ended:
    """Run a program with `value` on its standard input, `limit` seconds at most; less where the run is to stop.

    Raises:
        OSError: it could not be started.
    """
    # Not `with`: that would wait for whoever has the output open. One file, no shell, no arguments.
    process = subprocess.Popen(
        [program],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        start_new_session=platform != "win32",
    )
    output, pipes = _Output(), cast("tuple[IO[bytes], IO[bytes]]", (process.stdin, process.stdout))
    # In a thread, since a program that reads nothing would stop us once the pipe is full.
    Thread(target=_give, args=(pipes[0], value), daemon=True).start()
    reader = Thread(target=output.read, args=(pipes[1],), daemon=True)
    reader.start()
    how = _wait(process, limit, clock)
    if how:
        _end(process, environment, platform)
    reader.join(LAST_WORDS)
    return _told(process.returncode, how, output.text())


def _give(pipe: IO[bytes], value: bytes) -> None:
    """Write the value and close. A program that reads none of it ends as it ends: that is told by its exit code."""
    with suppress(OSError), pipe:
        rest = memoryview(value)
        while rest:
            rest = rest[pipe.write(rest) :]


def _wait(process: subprocess.Popen[bytes], limit: float, clock: Clock) -> str:
    """Wait for the end; say why it is not waited for any longer."""
    deadline, stop = Deadline(limit), None
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(PAUSE)
            return ""
        if deadline.left() <= 0:
            return f"it had not ended after {limit:.0f} s, and was ended"
        stop = stop or (Deadline(LEFT_AT_STOP) if clock.stopping() else None)
        if stop and stop.left() <= 0:
            return "this run was asked to stop, and ended it"


def _end(process: subprocess.Popen[bytes], environment: Mapping[str, str], platform: str) -> None:
    """End it with all that it started: asked first, where the system can ask."""
    if platform == "win32":
        killer = Path(environment.get("SYSTEMROOT", "C:\\Windows")) / "System32" / "taskkill.exe"
        with suppress(OSError):
            subprocess.run([killer, "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.kill()
    else:
        _signal(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        _signal(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _told(code: int, how: str, said: str) -> Ended:
    if how:
        return Ended(None, how, said)
    if code < 0:
        return Ended(None, f"signal {-code} ended it", said)
    return Ended(code, f"its exit code is {code}", said)
