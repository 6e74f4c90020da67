"""Measure the container: the time to its first request, beyond what a bare `docker run` of the same image takes."""

from __future__ import annotations

import os
import subprocess
import time
from statistics import median

from rotate.sandbox.stories import personal
from rotate.sandbox.world import World

IMAGE = os.environ.get("NEON_ROTATE_IMAGE", "neon-rotate-test")
RUN = ("docker", "run", "--rm", "--network", "host")
START = ("--entrypoint", "/app/bin/python3", IMAGE, "-I", "-B", "-u")
INSIDE = {"GITHUB_OUTPUT": "/output", "GITHUB_STEP_SUMMARY": "/summary", "GITHUB_WORKSPACE": "/"}
ENOUGH = 60.0


def available() -> bool:
    """Say whether there is an engine that has the image."""
    try:
        asked = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, timeout=ENOUGH, check=False)
    except FileNotFoundError:
        return False
    return asked.returncode == 0


def bare() -> float:
    """Give the seconds of a `docker run` that starts Python and does nothing."""
    began = time.monotonic()
    subprocess.run([*RUN, *START, "-S", "-c", ""], capture_output=True, timeout=ENOUGH, check=True)
    return time.monotonic() - began


def to_first_request() -> float:
    """Give the seconds from `docker run` to the first request that arrives."""
    with World() as world:
        given = {**personal(world).environment(), **INSIDE, "INPUT_COMMAND": "plan"}
        names = [word for name in given for word in ("-e", name)]
        began = time.monotonic()
        subprocess.run(
            [*RUN, *names, *START, "/app/entrypoint.py"],
            env={**os.environ, **given},
            capture_output=True,
            timeout=ENOUGH,
            check=True,
        )
        return world.ledger.entries[0].started - began


def beyond_bare(rounds: int) -> float:
    """Give the median of the differences, each pair measured one after the other."""
    return median(to_first_request() - bare() for _ in range(rounds))
