"""Rotate one key in 1 to 10,000 repositories against the limits of GitHub, and tell how near to the least time it was.

Time passes SPEED times as fast for the sandbox, its limits and its latency, and for the clock of the program that its
pace waits by; what the processor takes is not made faster, so that it weighs SPEED times as much here.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT, environment
from bench.plot import draw
from rotate.sandbox.github_limits import Limits, points_of
from rotate.sandbox.ledger import Entry
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, personal
from rotate.sandbox.world import World

LATENCY = 0.06
SIZES = (1, 10, 100, 1000, 10_000)
# 10,000 repositories are for an installation in an Enterprise Cloud organization; 1,000 for any installation there.
HOURLY = {1000: 12_500, 10_000: 15_000}
SPEEDS = {100: 5.0, 1000: 10.0, 10_000: 25.0}
MEMORY = {1000: 90.0, 10_000: 150.0}
NEAR = 1.05
LONGEST = 3600.0


@dataclass(frozen=True, slots=True)
class Row:
    """What one run took, in seconds of the pretend world's."""

    who: str
    size: int
    speed: float
    wall: float
    least: float
    refused: int
    requests: float
    megabytes: float
    server: float

    @property
    def over(self) -> bool:
        """Whether the program missed a goal. Below a minute its own start outweighs every limit."""
        near = self.wall <= NEAR * self.least or self.size not in HOURLY
        return bool(self.refused) or not near or self.megabytes > MEMORY.get(self.size, 90.0)


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
    """Measure one run. Raises `RuntimeError` where it fails."""
    with World(latency=LATENCY / speed) as world, tempfile.TemporaryDirectory() as directory:
        since = time.time()
        world.clock.hurry(speed, since)
        names = [f"o/r{number:05}" for number in range(1, size)]
        story = personal(world)
        for name in names:
            world.github.add_repository(name)
            world.github.set_secret(name, "NEON_API_KEY", story.old_key.value, updated_days_ago=9)
        token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, *names), PERMISSIONS))
        world.github.limits = Limits(900, 100, hourly=HOURLY.get(size, 5000))
        asked = {"INPUT_REPOSITORY": REPOSITORY, "INPUT_REPOSITORIES": ",".join(names), "INPUT_GITHUB_TOKEN": token}
        given = environment({**story.environment(), **asked, "SPEED": str(speed), "SINCE": str(since)}, directory)
        given["PEAK"] = f"{directory}/peak"
        command = [sys.executable, "-m", "bench.quick", *(["loop"] if who == "PyGithub" else [])]
        with Path(directory, "log").open("wb") as log:
            ended = subprocess.run(command, env=given, cwd=ROOT, stdout=log, stderr=log, timeout=LONGEST, check=False)
        if ended.returncode:
            raise RuntimeError(f"{who} at {size} ended with {ended.returncode}: {log_of(directory)}")
        return measured(world, (who, size, speed), float(Path(directory, "peak").read_text()) / 1000)


def log_of(directory: str) -> str:
    """Give the end of what a run said."""
    return Path(directory, "log").read_text()[-2000:]


def measured(world: World, what: tuple[str, int, float], megabytes: float) -> Row:
    """Read the ledger."""
    who, size, speed = what
    entries = world.ledger.entries
    github = [entry for entry in entries if entry.server == "github"]
    ended = [entry.ended or entry.started for entry in entries]
    wall = (max(ended) - entries[0].started) * speed
    trips = world.ledger.longest_chain() if size <= 100 else 0
    own = sum(end - entry.started for end, entry in zip(ended, entries, strict=True)) / len(entries) - LATENCY / speed
    bound = least(github, world.github.limits, trips)
    refused = len(world.github.limits.refused)
    return Row(who, size, speed, wall, bound, refused, len(github) / size, megabytes, own * 1000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sizes that were asked for; fail where the program misses a goal."""
    parser = argparse.ArgumentParser("python -m bench.scale", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args(arguments)
    print("who           repositories  speed     wall s    least s  ratio  refused  requests each  peak MB  server ms")
    rows = []
    for size in asked.sizes:
        for who in ("neon-rotate", *(["PyGithub"] if size <= 1000 else [])):
            row = run(who, size, SPEEDS.get(size, 1.0))
            rows.append(row)
            print(
                f"{row.who:<12}  {row.size:>12,}  {row.speed:>4g}x  {row.wall:>9,.1f}  {row.least:>9,.1f}  "
                f"{row.wall / row.least:>5.2f}  {row.refused:>7}  {row.requests:>13.2f}  {row.megabytes:>7.1f}  "
                f"{row.server:>9.1f}{'  OVER' if who == 'neon-rotate' and row.over else ''}",
                flush=True,
            )
    if asked.plot:
        lines = {"least": "neon-rotate", "neon-rotate": "neon-rotate", "PyGithub's loop": "PyGithub"}
        seconds = {
            name: [(row.size, row.least if name == "least" else row.wall) for row in rows if row.who == who]
            for name, who in lines.items()
        }
        asked.plot.write_text(draw(seconds))
    return int(any(row.over for row in rows if row.who == "neon-rotate"))


if __name__ == "__main__":
    sys.exit(main())
