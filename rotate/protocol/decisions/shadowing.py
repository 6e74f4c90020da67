"""Which shadows are looked for: all of them before the first rotation and in a plan, later those that can be new.

plan                                        all destinations, every environment
rotate: the first, or other destinations    all destinations; of environments, the newest first, as many as may be
rotate, later                               few destinations: the environments that changed since, and a few more
                                            many: those that somebody has written since
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rotate.errors import RotateError
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.known_places import added, dropped
from rotate.protocol.facts.model import ShadowFacts
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import FEW, Command, Policy

# GitHub's clock and that of the run which wrote the note may differ.
SLACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is to be looked at. `names`: these destinations alone, where they are many; `None`: all. `since`: what
    changed later; `None`: everything. `bounded`: only so much at once."""

    names: frozenset[str] | None = None
    since: datetime | None = None
    bounded: bool = True


def sight(note: Note | None, policy: Policy, places: Mapping[str, DestinationFacts | RotateError]) -> Sight:
    """Say what is to be looked at. `places`: the destinations as far as they were seen."""
    if policy.command is Command.PLAN:
        return Sight(bounded=False)
    if note is None or note.confirmed is None:
        return Sight()
    if added(note, policy.destinations) or dropped(note, policy.destinations) != ((), 0):
        return Sight()
    at = note.confirmed.at
    if len(policy.destinations) <= FEW:
        return Sight(since=at - SLACK)
    return Sight(frozenset(name for name, facts in places.items() if _written(facts, at + SLACK)), at - SLACK)


def _written(facts: DestinationFacts | RotateError, since: datetime) -> bool:
    return isinstance(facts, DestinationFacts) and facts.written_at is not None and facts.written_at > since


def cost(facts: ShadowFacts | None) -> tuple[str, ...]:
    """Say what the look costs, for a plan; nothing where that is little."""
    if facts is None or facts.requests <= FEW:
        return ()
    now = f"the look for secrets that hide a destination took {facts.requests} requests"
    return (f"{now}; the first rotation makes {facts.most} at most, a later one those for what changed since",)
