"""Notes and locks that a test writes: as a run that has the values would (sealed), or as somebody without them does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from rotate.protocol.facts.note_texts import write_lock
from rotate.protocol.facts.policy import Run
from rotate.run.seals import sealed
from rotate.sandbox.world import World
from rotate.secret import Secret


def resealed(text: str, *values: str, **changes: Any) -> str:
    """Change a note as a run that has these values would."""
    data = {**json.loads(text), **changes}
    data.pop("seals", None)
    return sealed("note", json.dumps(data), [Secret(value) for value in values])


def rewrite(world: World, repository: str, name: str, *values: str, **changes: Any) -> None:
    """Change the note that is kept there; without a value its seals stay as they were, which is a forgery."""
    text = world.github.variable(repository, name) or ""
    new = resealed(text, *values, **changes) if values else json.dumps({**json.loads(text), **changes})
    world.github.set_variable(repository, name, new)


def unsealed(world: World, repository: str, name: str, **changes: Any) -> None:
    """Write the note that is kept there as one that carries no code of anybody, as earlier versions did."""
    data = {**json.loads(world.github.variable(repository, name) or ""), **changes}
    data.pop("seals", None)
    world.github.set_variable(repository, name, json.dumps(data))


def lock_of_another(world: World, repository: str, name: str, minutes: int = 10) -> int:
    """Let another workflow run that is under way hold the lock for so long; give its id."""
    run = world.github.add_run(repository, run_id=5)
    text = write_lock(Run(run.run_id, 1, "abcd", "its page"), world.clock.now(), timedelta(minutes=minutes))
    world.github.set_variable(repository, name, text)
    return run.run_id


def lock_by_hand(world: World, repository: str, name: str, *values: str, minutes: int = 10) -> None:
    """Let a run that no workflow started, and that has these values, hold the lock for so long."""
    text = write_lock(Run(9, 1, "abcd"), world.clock.now(), timedelta(minutes=minutes))
    world.github.set_variable(repository, name, sealed("lock", text, [Secret(value) for value in values]))
