"""Rotate one key in a thousand variables of GitLab against its limit, and tell how near to the least time it was.

As in `bench.scale`, time passes SPEED times as fast for the sandbox, its limit, and the pace of the program.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import ROOT, environment
from rotate.sandbox.gitlab.server import GitLabServer
from rotate.sandbox.gitlab.state import Variable
from rotate.sandbox.ledger import Entry
from rotate.sandbox.rate import Rate
from rotate.sandbox.stories import REPOSITORY, Story, personal
from rotate.sandbox.world import World

LATENCY, SPEED, LONGEST = 0.05, 3.0, 900.0
MOST, MINUTE = 2000, 60.0
NAME = "NEON_API_KEY"


def least(requests: int) -> float:
    """Give the seconds of the shortest schedule that the limit allows."""
    return (requests - 1) // MOST * MINUTE


def main(size: int) -> int:
    """Measure, and fail over a limit."""
    with World(latency=LATENCY / SPEED) as world, tempfile.TemporaryDirectory() as directory:
        since = time.time()
        world.clock.hurry(SPEED, since)
        gitlab, story = GitLabServer(world.clock), personal(world)
        world.serve(gitlab)
        gitlab.rate = Rate(MOST, MINUTE)
        given = {**environment(asked(gitlab, story, size), directory), "SPEED": str(SPEED), "SINCE": str(since)}
        command = [sys.executable, "-m", "bench.quick"]
        given["PEAK"] = f"{directory}/peak"
        with Path(directory, "log").open("wb") as log:
            ended = subprocess.run(command, env=given, cwd=ROOT, stdout=log, stderr=log, timeout=LONGEST, check=False)
        written = sum(one.value != story.old_key.value for at in places(size) for one in gitlab.variables(at))
        if ended.returncode or written != size:
            raise RuntimeError(f"{ended.returncode}, {written} written: {Path(directory, 'log').read_text()[-2000:]}")
        asked_for = [entry for entry in world.ledger.entries if entry.server == "gitlab"]
        return judged(asked_for, gitlab.rate.refused, float(Path(directory, "peak").read_text()) / 1000, size)


def asked(gitlab: GitLabServer, story: Story, size: int) -> dict[str, str]:
    """Put the old key everywhere, and give the inputs that ask for another one there."""
    token = gitlab.add_token()
    for place in places(size):
        gitlab.add_place(place)
        gitlab.let(token, place, "maintainer")
        gitlab.set_variable(place, Variable(NAME, story.old_key.value, masked=True))
    to = "\n".join(f"gitlab://{place}" for place in places(size))
    with_token = {"GITLAB_URL": gitlab.url, "GITLAB_TOKEN": token, "GITHUB_REPOSITORY": REPOSITORY}
    return {**story.environment(), "INPUT_REPOSITORY": "", "INPUT_DESTINATIONS": to, **with_token}


def places(size: int) -> list[str]:
    """Name the projects."""
    return [f"project/octo/p{number:05}" for number in range(size)]


def judged(entries: list[Entry], refused: int, peak: float, size: int) -> int:
    """Print one table of what was measured and what the limit is."""
    wall = (max(entry.ended or entry.started for entry in entries) - entries[0].started) * SPEED
    bound = least(len(entries))
    rows = [
        ("requests for one variable", (len(entries) - 1) / size, 6.0, ""),
        ("refusals", float(refused), 0.0, ""),
        ("peak memory", peak, 120.0, "MB"),
        ("time, over the least that the limit allows", wall / bound if bound else 1.0, 1.05, "x"),
    ]
    for name, value, limit, unit in rows:
        verdict = "ok" if value <= limit else "OVER"
        print(f"{name:<42}  {value:7.2f} {unit:<2}  at most {limit:g} {unit:<2}  {verdict}")
    print(f"{len(entries)} requests took {wall:.1f} s; the least is {bound:.1f} s")
    return int(any(value > limit for _, value, limit, _ in rows))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
