"""Measure processes: CPU until the first request arrives, peak memory, and round trips in sequence."""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World

ROOT = Path(__file__).resolve().parent.parent
FAR = 0.8
ENOUGH = 60.0
# The yardstick: import httpx and send the same first request, with a client as the product sets it up.
YARDSTICK = """
import os, httpx
with httpx.Client(base_url=os.environ["INPUT_API_HOST"], timeout=15) as client:
    client.get("/auth", headers={"Authorization": "Bearer " + os.environ["INPUT_API_KEY"]})
"""
PRODUCT = (sys.executable, "-I", "-B", "-u", str(ROOT / "entrypoint.py"))
QUIET = (sys.executable, "-B", "-u", "-m", "bench.quiet")


def environment(story: Mapping[str, str], directory: str) -> dict[str, str]:
    """Give the environment of one run, with the runner's files in `directory`."""
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_WORKSPACE": ""}
    return {"PATH": os.environ["PATH"], **{name: f"{directory}/{file}" for name, file in files.items()}, **story}


def cpu_seconds(pid: int) -> float:
    """Read the CPU seconds a process has used so far, its threads included, those that have ended too.

    The number of a process's CPU clock is made as clock_getcpuclockid(3) makes it.
    """
    return time.clock_gettime((~pid) << 3 | 2)


def cpu_to_first_request(command: Sequence[str]) -> float:
    """Start a process; give the CPU seconds it had used when its first request reached the server."""
    used: list[float] = []
    with World() as world, tempfile.TemporaryDirectory() as directory:
        story = personal(world)
        started = threading.Event()
        process: subprocess.Popen[bytes]

        def look(*_: object) -> None:
            started.wait(ENOUGH)
            used.append(cpu_seconds(process.pid))

        world.faults.add(Fault("hook", number=1, call=look))
        given = {**environment(story.environment(), directory), "INPUT_COMMAND": "plan"}
        with subprocess.Popen(command, env=given, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            started.set()
            process.wait(ENOUGH)
    return used[0]


def start_up(rounds: int) -> tuple[float, float]:
    """Give the least CPU seconds to the first request: of the product, and of the yardstick, taken in turns.

    The least, because whatever else the machine does only ever adds to it. Modules are compiled first, as they are in
    the image.
    """
    compileall.compile_dir(ROOT / "rotate", quiet=1)
    yardstick = (sys.executable, "-I", "-B", "-c", YARDSTICK)
    pairs = [(cpu_to_first_request(PRODUCT), cpu_to_first_request(yardstick)) for _ in range(rounds)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


@contextmanager
def rotation(latency: float) -> Iterator[World]:
    """Rotate once and give the world after it. Raises `RuntimeError` if the rotation failed."""
    with World(latency=latency) as world, tempfile.TemporaryDirectory() as directory:
        given = environment(personal(world).environment(), directory)
        ended = subprocess.run(QUIET, env=given, cwd=ROOT, capture_output=True, timeout=ENOUGH, check=False)
        if ended.returncode:
            raise RuntimeError(f"the rotation ended with {ended.returncode}")
        yield world


def round_trips() -> int:
    """Count the round trips in sequence from the start to the old key's revoke."""
    with rotation(FAR) as world:
        return world.ledger.longest_chain(until=lambda entry: entry.method == "DELETE" and entry.server == "neon")


def peak_memory() -> float:
    """Give the largest resident size of one rotation, in megabytes."""
    with rotation(0.0):
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
