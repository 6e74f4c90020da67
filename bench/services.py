"""Rotate one key in a thousand places of a service against its limit, and tell how near to the least time it was.

As in `bench.scale`, time passes SPEED times as fast for the sandbox, its limit, and the pace of the program.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.measure import ROOT, environment
from rotate.sandbox.gitlab.server import GitLabServer
from rotate.sandbox.gitlab.state import Variable as GitLabVariable
from rotate.sandbox.hcp_terraform.server import HCPTerraformServer, Variable
from rotate.sandbox.ledger import Entry
from rotate.sandbox.rate import Rate
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World

LATENCY, SPEED, LONGEST = 0.05, 3.0, 900.0
NAME = "NEON_API_KEY"


class Served(NamedTuple):
    """A pretend service with so many places, each with the old key. `held` gives what they hold."""

    rate: Rate
    addresses: list[str]
    environment: dict[str, str]
    held: Callable[[], list[str]]


class Service(NamedTuple):
    """`most`: so many requests in so many seconds are documented. `longest`: how long all may take, over the least.

    Only a request whose answer came `seconds` ago surely counts no more: of a short limit, the way there and back is a
    part.
    """

    most: int
    seconds: float
    longest: float
    serve: Callable[[World, str, int], Served]

    def least(self, requests: int) -> float:
        """Give the seconds of the shortest schedule that the limit allows."""
        return (requests - 1) // self.most * self.seconds


def gitlab(world: World, old: str, size: int) -> Served:
    """Serve so many projects of GitLab."""
    server = GitLabServer(world.clock)
    world.serve(server)
    places, token = [f"project/octo/p{number:05}" for number in range(size)], server.add_token()
    for place in places:
        server.add_place(place)
        server.let(token, place, "maintainer")
        server.set_variable(place, GitLabVariable(NAME, old, masked=True))

    def held() -> list[str]:
        return [one.value for place in places for one in server.variables(place)]

    given = {"GITLAB_URL": server.url, "GITLAB_TOKEN": token}
    return Served(server.rate, [f"gitlab://{place}" for place in places], given, held)


def hcp_terraform(world: World, old: str, size: int) -> Served:
    """Serve so many workspaces of HCP Terraform."""
    server = HCPTerraformServer(world.clock)
    world.serve(server)
    token, names = "hcp-token-of-a-bench", [f"w{number:05}" for number in range(size)]
    server.tokens[token] = {"octo"}
    spaces = [server.add("workspace", "octo", name) for name in names]
    for space in spaces:
        space.variables.append(Variable(NAME, old, sensitive=True))

    def held() -> list[str]:
        return [one.value for space in spaces for one in space.variables]

    given = {"TFE_ADDRESS": server.url, "TFE_TOKEN": token}
    return Served(server.rate, [f"hcp-terraform://octo/workspace/{name}" for name in names], given, held)


SERVICES = {
    "gitlab": Service(2000, 60.0, 1.05, gitlab),
    "hcp-terraform": Service(30, 1.0, 1.05 + LATENCY, hcp_terraform),
}


def measured(name: str, size: int) -> int:
    """Measure one service, and fail over a limit."""
    service = SERVICES[name]
    with World(latency=LATENCY / SPEED) as world, tempfile.TemporaryDirectory() as directory:
        since, story = time.time(), personal(world)
        world.clock.hurry(SPEED, since)
        served = service.serve(world, story.old_key.value, size)
        served.rate.most, served.rate.seconds = service.most, service.seconds
        asked = {**story.environment(), "INPUT_REPOSITORY": "", "INPUT_DESTINATIONS": "\n".join(served.addresses)}
        given = {**environment(asked, directory), **served.environment, "GITHUB_REPOSITORY": REPOSITORY}
        given |= {"SPEED": str(SPEED), "SINCE": str(since), "PEAK": f"{directory}/peak"}
        with Path(directory, "log").open("wb") as log:
            command = [sys.executable, "-m", "bench.quick"]
            ended = subprocess.run(command, env=given, cwd=ROOT, stdout=log, stderr=log, timeout=LONGEST, check=False)
        written = sum(value != story.old_key.value for value in served.held())
        if ended.returncode or written != size:
            raise RuntimeError(f"{ended.returncode}, {written} written: {Path(directory, 'log').read_text()[-2000:]}")
        entries = [entry for entry in world.ledger.entries if entry.server == name]
        return judged(name, entries, served.rate.refused, float(Path(directory, "peak").read_text()) / 1000, size)


def judged(name: str, entries: list[Entry], refused: int, peak: float, size: int) -> int:
    """Print one table of what was measured and what the limit is."""
    service = SERVICES[name]
    wall = (max(entry.ended or entry.started for entry in entries) - entries[0].started) * SPEED
    bound = service.least(len(entries))
    rows = [
        ("requests for one place", (len(entries) - 1) / size, 6.0, ""),
        ("refusals", float(refused), 0.0, ""),
        ("peak memory", peak, 120.0, "MB"),
        ("time, over the least that the limit allows", wall / bound if bound else 1.0, service.longest, "x"),
    ]
    print(f"{name}: {len(entries)} requests took {wall:.1f} s; the least is {bound:.1f} s")
    for what, value, limit, unit in rows:
        verdict = "ok" if value <= limit else "OVER"
        print(f"{what:<42}  {value:7.2f} {unit:<2}  at most {limit:g} {unit:<2}  {verdict}")
    return int(any(value > limit for _, value, limit, _ in rows))


if __name__ == "__main__":
    sys.exit(sum(measured(one, int(sys.argv[1])) for one in sys.argv[2:] or SERVICES))
