"""The matrix: every request of a run, every way to fail there, every scope and mode, and what must hold afterwards."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.runner import Ended, Runner
from tests.scenarios.stories import STORIES, access_was_never_lost, at_rest

KILLS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "killed before": ("death_before", {}),
    "killed after": ("death_after", {}),
}
LOST: dict[str, tuple[Kind, dict[str, Any]]] = {"lost reply": ("lost_reply", {})}
OTHERS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "500": ("status", {"code": 500}),
    "503 after the effect": ("status", {"code": 503, "after": True}),
    "429": ("rate_limited", {}),
    "429, wait a second": ("rate_limited", {"retry_after": 1}),
    "429, wait an hour": ("rate_limited", {"retry_after": 3600}),
    "reset": ("reset", {}),
    "truncated JSON": ("truncated", {}),
    "HTML": ("html", {}),
    "HTML after the effect": ("html", {"after": True}),
}
FAILURES = {**KILLS, **LOST, **OTHERS}
NOW = {"exposed": "true", "reason": "test"}
MODES: dict[str, Mapping[str, str]] = {
    "routine": {},
    "overlap": {"overlap": "1s", "wait": "5s"},
    "exposed, primary": NOW,
    "exposed, immediately": {**NOW, "revoke_when": "immediately"},
    "exposed, all": {**NOW, "revoke_when": "all"},
}
PAIRS = [(scope, mode) for scope in STORIES for mode in MODES if (scope, mode) != ("personal", "exposed, immediately")]
MOST_REQUESTS = 60
TIMES = (1, 4)  # 4: longer than the program is ready to try
WHOLE = os.environ.get("KILL_MATRIX") == "all"
SEED = int(os.environ.get("KILL_MATRIX_SEED", secrets.randbelow(10**6)))
DRAWN = 60


@dataclass(frozen=True)
class Case:
    """One failure at one request, once or for longer."""

    scope: str
    mode: str
    failure: str
    number: int
    times: int = 1

    @property
    def rank(self) -> bytes:
        """Its place in the order of this run's seed."""
        return hashlib.sha256(f"{SEED}{self}".encode()).digest()


def requests_of(scope: str, mode: str, world: World, directory: Path) -> int:
    """Count the requests of an undisturbed run."""
    world.reset()
    ended = Runner(directory).run({**STORIES[scope](world).environment(), **inputs(mode)})
    assert ended.code == 0, f"{scope}, {mode}: {ended.stdout}"
    return min(len(list(world.ledger)), MOST_REQUESTS)


def inputs(mode: str) -> dict[str, str]:
    """Give the inputs of a mode as the runner passes them."""
    return {f"INPUT_{name.upper()}": text for name, text in MODES[mode].items()}


def play(case: Case, world: World, directory: Path) -> None:
    """Fail, then run cleanly, twice at most, until at rest."""
    world.reset()
    story = STORIES[case.scope](world)
    first = _disturbed(case, story, world, Runner(directory / "first"))
    _nothing_told(first, case, world)
    world.faults.reset()
    if case.mode != "exposed, immediately":
        access_was_never_lost(world, story)
    if first.code == 0:
        # Only the lock may be left, where its removal is what failed: the next run breaks it, since this one is over.
        world.github.repository(story.repository).variables.pop("NEON_API_KEY_ROTATION_LOCK", None)
        at_rest(world, story)
        return
    again = Runner(directory / "again").run({**story.environment_now(), **inputs(case.mode)})
    if again.code != 0:
        again = Runner(directory / "once more").run({**story.environment_now(), **inputs(case.mode)})
    assert again.code == 0, f"{case}: {first.stdout}\n--- and then\n{again.stdout}"
    at_rest(world, story)
    assert not world.neon.is_live(story.old_key.value), case


def _disturbed(case: Case, story: Story, world: World, runner: Runner) -> Ended:
    kind, options = FAILURES[case.failure]
    environment = {**story.environment(), **inputs(case.mode)}
    world.faults.add(Fault.at(case.number, kind, times=case.times, **options))
    process = runner.start(environment)
    world.victim = process.pid if case.failure in KILLS else None
    ended = runner.collect(process)
    world.victim = None
    allowed = (0, -signal.SIGKILL) if case.failure in KILLS else (0, 1, 3, 4)
    assert ended.code in allowed, f"{case}: {ended.stdout}{ended.stderr}"
    return ended


def _nothing_told(ended: Ended, case: Case, world: World) -> None:
    assert "Traceback" not in ended.everything, case
    told = "\n".join(line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::"))
    for key in world.neon.issued():
        assert key.value not in told + ended.stderr + "".join(ended.files.values()), case
