"""Rotate one key in 1 to 10,000 repositories against the limits of GitHub, and tell how near to the least time it was.

Time passes SPEED times as fast for the sandbox, its limits and its latency, and for the clock of the program that its
pace waits by; what the processor takes is not made faster, so that it weighs SPEED times as much here. A loop over `gh`
is processes most of all, so its time is the real one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.loops import LOOPS
from bench.measure import ROOT, environment
from bench.plot import draw
from bench.relay import relay
from bench.table import HEAD, HOURLY, OURS, Row, Run, lines
from rotate.sandbox.github.limits import Limits, points_of
from rotate.sandbox.ledger import Entry
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World

LATENCY = 0.06
SIZES = (1, 10, 100, 1000, 10_000)
SPEEDS = {100: 5.0, 1000: 5.0, 10_000: 25.0}
LARGEST_LOOP = 1000
REFUSED = frozenset({403, 429})
LONGEST = 3600.0


def least(entries: Iterable[Entry], limits: Limits, trips: int) -> float:
    """Give the end of the shortest schedule that the limits allow to these requests, or of their round trips."""
    points: deque[tuple[float, int]] = deque()
    moment, taken, hour, used = 0.0, 0, 0.0, 0
    for entry in entries:
        used += 1
        if used > limits.hourly:
            hour, used = hour + 3600.0, 1
        moment = max(moment, hour)
        taken += (cost := points_of(entry.method))
        while taken > limits.points:
            left, freed = points.popleft()
            moment, taken = max(moment, left + 60.0), taken - freed
        points.append((moment, cost))
    return max(moment, trips * LATENCY)


def run(who: str, size: int, speed: float) -> Row:
    """Measure one run. Raises `RuntimeError` where it fails, or writes nothing."""
    with World(latency=LATENCY / speed) as world, tempfile.TemporaryDirectory() as directory:
        since = time.time()
        world.clock.hurry(speed, since)
        names = [REPOSITORY, *(f"o/r{number:05}" for number in range(1, size))]
        story = personal(world)
        asked = asked_for(world, story, names)
        world.github.limits = Limits(900, 100, hourly=HOURLY.get(size, 5000))
        given = environment({**story.environment(), **asked, "SPEED": str(speed), "SINCE": str(since)}, directory)
        given["PEAK"] = f"{directory}/peak"
        command = [sys.executable, "-m", *(["bench.quick"] if who == OURS else ["bench.loops", who])]
        with Path(directory, "log").open("wb") as log, relay(world.github.url, Path(directory)) as reach:
            ended = subprocess.run(
                command, env={**given, **reach}, cwd=ROOT, stdout=log, stderr=log, timeout=LONGEST, check=False
            )
        written = sum(world.github.secret(name, "NEON_API_KEY") != story.old_key.value for name in names)
        if ended.returncode or not written:
            raise RuntimeError(f"{who} at {size} ended with {ended.returncode}: {log_of(directory)}")
        megabytes = float(Path(directory, "peak").read_text()) / 1000
        return measured(world, Run(who, size, speed, written, megabytes))


def asked_for(world: World, story: Story, names: Sequence[str]) -> dict[str, str]:
    """Put the old key everywhere, and give the inputs that ask for another one there."""
    _, *others = names
    world.github.add_organization("o")
    for name in others:
        world.github.add_repository(name)
        world.github.set_secret(name, "NEON_API_KEY", story.old_key.value, updated_days_ago=9)
    token = world.github.add_token(repositories=dict.fromkeys(names, PERMISSIONS))
    return {
        "INPUT_REPOSITORY": REPOSITORY,
        "INPUT_REPOSITORIES": ",".join(others),
        "INPUT_GITHUB_TOKEN": token,
        # What is measured is what each rotation costs; the look for shadows is made before the first alone.
        "INPUT_IGNORE_SHADOWS": "*",
    }


def log_of(directory: str) -> str:
    """Give the end of what a run said."""
    return Path(directory, "log").read_text()[-2000:]


def measured(world: World, what: Run) -> Row:
    """Read the ledger."""
    entries = world.ledger.entries
    github = [entry for entry in entries if entry.server == "github"]
    ended = [entry.ended or entry.started for entry in entries]
    wall = (max(ended) - entries[0].started) * what.speed
    trips = world.ledger.longest_chain() if what.size <= 100 else 0
    taken = sum(end - entry.started for end, entry in zip(ended, entries, strict=True)) / len(entries)
    # What was refused cost nothing.
    bound = least([one for one in github if one.status not in REFUSED], world.github.limits, trips)
    refused = len(world.github.limits.refused)
    return Row(
        **asdict(what),
        wall=wall,
        least=bound,
        refused=refused,
        requests=len(github) / what.size,
        server=(taken - LATENCY / what.speed) * 1000,
    )


def loops() -> tuple[str, ...]:
    """Give what can be compared with here. Raises `RuntimeError` where a client must be there and is not."""
    if shutil.which("gh"):
        return tuple(LOOPS)
    if os.environ.get("REQUIRE_CLIENTS") == "1":
        raise RuntimeError("gh is not on this machine, though REQUIRE_CLIENTS=1")
    print("gh is not on this machine: its loop is left out")
    return tuple(name for name in LOOPS if name != "gh")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sizes that were asked for; fail where the program misses a goal."""
    parser = argparse.ArgumentParser("python -m bench.scale", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args(arguments)
    others = loops()
    print(HEAD)
    rows = []
    for size in asked.sizes:
        for who in (OURS, *(others if size <= LARGEST_LOOP else ())):
            row = run(who, size, 1.0 if who == "gh" else SPEEDS.get(size, 1.0))
            rows.append(row)
            print(row, flush=True)
    if asked.plot:
        asked.plot.write_text(draw(lines(rows)))
    return int(any(row.over for row in rows))


if __name__ == "__main__":
    sys.exit(main())
