"""Every request made to fail in every way; clean runs after it end with one live key, which the secret holds.

`make fault-matrix` plays all cases. Otherwise a slice is drawn, and its seed printed: `FAULT_SEED=…` plays it again.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.world import World
from tests.runner import Runner
from tests.scenarios.stories import STORIES, access_was_never_lost, at_rest

pytestmark = pytest.mark.timeout(7200 if os.environ.get("FAULT_MATRIX") == "all" else 600)

FAILURES: dict[str, tuple[Kind, dict[str, Any]]] = {
    "500": ("status", {"code": 500}),
    "503 after the effect": ("status", {"code": 503, "after": True}),
    "429": ("rate_limited", {}),
    "429, wait a second": ("rate_limited", {"retry_after": 1}),
    "429, wait an hour": ("rate_limited", {"retry_after": 3600}),
    "lost reply": ("lost_reply", {}),
    "reset": ("reset", {}),
    "truncated JSON": ("truncated", {}),
    "HTML": ("html", {}),
    "HTML after the effect": ("html", {"after": True}),
}
MOST_REQUESTS = 29
TIMES = (1, 4)  # 4: longer than the program is ready to try
WHOLE = os.environ.get("FAULT_MATRIX") == "all"
SEED = int(os.environ.get("FAULT_SEED", secrets.randbelow(10**6)))
DRAWN = 60
PARTS = 8


@dataclass(frozen=True)
class Case:
    """One failure at one request, once or for good."""

    scope: str
    failure: str
    number: int
    times: int


def cases() -> list[Case]:
    """Give all of them, or the slice of this run's seed."""
    every = [
        Case(scope, failure, number, times)
        for scope in STORIES
        for failure in FAILURES
        for number in range(1, MOST_REQUESTS + 1)
        for times in TIMES
    ]
    return every if WHOLE else sorted(every, key=lambda case: hashlib.sha256(f"{SEED}{case}".encode()).digest())[:DRAWN]


def play(case: Case, world: World, directory: Path) -> None:
    """Fail, then run cleanly, twice at most, until at rest."""
    world.reset()
    story = STORIES[case.scope](world)
    kind, options = FAILURES[case.failure]
    world.faults.add(Fault.at(case.number, kind, times=case.times, **options))
    first = Runner(directory / "first").run(story.environment())
    assert first.code in (0, 1, 3, 4), f"{case}: {first.stdout}{first.stderr}"
    assert "Traceback" not in first.everything
    access_was_never_lost(world, story)
    for key in world.neon.issued():
        told = "\n".join(line for line in first.stdout.splitlines() if not line.startswith("::add-mask::"))
        assert key.value not in told + first.summary, case
    world.faults.reset()
    if first.code == 0:
        # Only the lock may be left, where its removal is what failed: the next run breaks it, since this one is over.
        world.github.repository(story.repository).variables.pop("NEON_API_KEY_ROTATION_LOCK", None)
        at_rest(world, story)
        return
    again = Runner(directory / "again").run(story.environment_now())
    if again.code != 0:
        again = Runner(directory / "once more").run(story.environment_now())
    assert again.code == 0, f"{case}: {first.stdout}\n--- and then\n{again.stdout}"
    at_rest(world, story)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_failure_leaves_access_and_a_clean_run_finishes(part: int, world: World, tmp_path: Path) -> None:
    mine = cases()[part::PARTS]
    print(f"\n  fault matrix {part + 1}/{PARTS}: {len(mine)} cases, seed {SEED}")
    for number, case in enumerate(mine):
        play(case, world, tmp_path / str(number))
