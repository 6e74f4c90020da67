"""A warm run is a cold run that began sooner: the same outcome, the same requests, the same words.

The zygote is one for all of them: what a run leaves to the next would show as a difference.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.haste import Haste
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.scenarios.test_golden import settled
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, tells
from tests.support.zygote import Zygote

TIMES = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d+\.\d+ ?s?\b")
# The list of keys and the look that is a use go out together: which is answered first is chance.
CHANCE = " (this run's own look counts as a use)"
SOON, LATE = 0.3, 3.0


def outcome(ended: Ended, world: World) -> Mapping[str, object]:
    """Give what can be compared of two runs: everything but times and random values; requests come in any order."""
    return {
        "code": ended.code,
        "told": TIMES.sub("…", settled(ended).replace(CHANCE, "")).splitlines(),
        "stderr": ended.stderr,
        "outputs": sorted(ended.outputs),
        "files": sorted(re.sub(r"-\d+", "", name) for name in ended.files),
        "requests": sorted(line.partition(" -> ")[0] for line in world.ledger.transcript()),
    }


@pytest.mark.parametrize(
    ("scope", "inputs", "fault"),
    [
        ("personal", {}, None),
        ("project", {"INPUT_EXPOSED": "true", "INPUT_REASON": "test"}, None),
        ("personal", {"INPUT_OVERLAP": "soon"}, None),
        ("organization", {}, {"kind": "status", "server": "neon", "method": "DELETE", "code": 403, "times": None}),
        ("personal", {}, {"kind": "death_before", "server": "neon", "method": "POST"}),
        ("minter", {}, {"kind": "death_after", "server": "neon", "method": "DELETE"}),
        ("organization", {}, None),
    ],
)
def test_a_warm_run_ends_as_a_cold_one_does(
    scope: str, inputs: dict[str, str], fault: dict[str, Any] | None, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    outcomes = []
    for name, parent in (("cold", None), ("warm", zygote)):
        world.reset()
        environment = {**STORIES[scope](world).environment(), **inputs}
        if fault:
            world.faults.add(Fault(**fault))
        runner = Runner(tmp_path / name, parent)
        process = runner.begin(environment)
        world.victim = process.pid
        outcomes.append(outcome(runner.collect(process), world))
    assert outcomes[0] == outcomes[1]
    assert (outcomes[0]["code"] == -signal.SIGKILL) == (fault is not None and "death" in fault["kind"])


def test_a_run_in_a_hurry_keeps_the_time_of_its_world(world: World, tmp_path: Path, zygote: Zygote) -> None:
    haste = Haste(speed=50.0)
    haste.rush(world.clock)
    story, begun = STORIES["personal"](world), world.clock.now()
    asked = {"INPUT_OVERLAP": "20s", "INPUT_WAIT": "50s"}
    ended = Runner(tmp_path / "hasty", zygote, haste).run({**story.environment(), **asked})
    tells(ended, "rotated", 0)
    died, finished = story.old_key.revoked_at, datetime.fromisoformat(ended.report["finished_at"])
    assert died
    assert begun + timedelta(seconds=20) <= died <= finished <= world.clock.now()


def test_a_warm_run_that_hangs_is_ended_and_the_next_one_runs(world: World, tmp_path: Path, zygote: Zygote) -> None:
    world.faults.add(Fault("delay", seconds=LATE))
    hanging = zygote.start(Runner(tmp_path / "hanging").environment(STORIES["personal"](world).environment()))
    with pytest.raises(subprocess.TimeoutExpired):
        hanging.communicate(timeout=SOON)
    hanging.kill()
    hanging.communicate()
    assert hanging.returncode == -signal.SIGKILL
    world.reset()
    assert Runner(tmp_path / "next", zygote).run(STORIES["personal"](world).environment()).code == 0
