"""What the rotation of this machine wrote down: which keys there were."""

from __future__ import annotations

import threading

from rotate.context import Context
from rotate.errors import RotateError
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import Dead, NoNotebook, Snapshot
from rotate.protocol.facts.note import Note
from rotate.run.compose import policy_of, world_of
from rotate.run.lines import Lines
from rotate.run.look import Observer
from rotate.settings.model import Settings

NOBODY = Snapshot(issuer=Dead(), previous=None, keys=(), destinations={}, notebook=NoNotebook("", ""))


def noted(
    settings: Settings, context: Context, lines: Lines, stop: threading.Event
) -> tuple[Note | None, tuple[RotateError, ...]]:
    """Read the note that a value at hand vouches for; beside it, why one that is there could not be read."""
    if settings.keeper is None:
        return None, ()
    world = world_of(settings, stop, lines)
    try:
        observer = Observer(world, policy_of(settings, context, world.clock, ()))
        observer.last = NOBODY
        observer.look(frozenset({Aspect.NOTEBOOK}), world.issuer)
    finally:
        world.close()
    seen = observer.seen()
    unread = (seen.notebook,) if isinstance(seen.notebook, RotateError) else (seen.bad_note,) if seen.bad_note else ()
    return seen.note, unread
