"""Is it still ours? What every destination says right before an older key goes (protocol: *Last look*).

An irreversible move rests on what is true now. A destination that was written after the write which was confirmed, that
holds another value (where it tells what it holds), that is empty, or that cannot be read does not surely hold the newer
key, so that S2 forbids the revoke: both keys stay valid, and the next `rotate` or `sync` writes the key that stands
there again. A write in the very second of ours is not told from it: the times have whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from rotate.errors import Incomplete, Outcome, RotateError, listed
from rotate.protocol.decisions.position import Position
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.destination import DestinationFacts, Mark, later
from rotate.protocol.facts.known_places import known
from rotate.protocol.facts.model import Written
from rotate.protocol.facts.policy import FEW, RevokeWhen

AGAIN = (
    "Run `rotate`, or `sync` with every destination: it writes the key in use there again and confirms it. Only then "
    "is anything revoked."
)


class Doubt(Enum):
    """Why a destination does not surely hold the newer key."""

    OVERWRITTEN = "written since"
    MISSING = "gone"
    UNREADABLE = "unreadable"
    NOT_SHOWN = "not shown"


def wanted(position: Position) -> bool:
    """Say whether a revoke waits for it: after an exposure, with `revoke_when: all` alone."""
    exposure = position.policy.exposure
    return exposure is None or exposure.revoke_when is RevokeWhen.ALL


def due(position: Position) -> bool:
    """Say whether the destinations are to be looked at once more: something took time since, or some were not seen."""
    progress, seen = position.progress, position.snapshot.destinations
    if not wanted(position) or progress.looked:
        return False
    # Of many, reading when they were written takes minutes: the confirmations that just came to an end are that look.
    wrote = progress.put and len(position.policy.destinations) <= FEW
    took_time = wrote or progress.waited or progress.evidence or progress.asked or progress.knocked
    return bool(took_time) or any(name not in seen for name in position.policy.destinations)


def again(position: Position) -> frozenset[Aspect]:
    """Give the aspect that a look before another try adds."""
    return frozenset({Aspect.WRITES}) if wanted(position) else frozenset()


def problems(position: Position) -> tuple[RotateError, ...]:
    """Say which destinations do not surely hold what was confirmed there, and why."""
    until = _until(position)
    return _told(position, lambda name, seen: _doubt(seen, until(name, seen)))


def taken_back(position: Position) -> tuple[RotateError, ...]:
    """Say which destinations may hold the key of this run once the old value was put back: those that somebody wrote
    after that, or, where nothing was put, after this run had looked at them first."""
    facts, stood = position.snapshot.destinations, position.progress.stood

    def before(name: str) -> Written:
        one = facts[name]
        return one.mark if isinstance(one, DestinationFacts) else one

    def doubt(name: str, seen: Mark | None) -> Doubt | None:
        since = stood[name] if name in position.progress.restored else before(name)
        return Doubt.OVERWRITTEN if seen and later(seen, since) else None

    return _told(position, doubt)


def _doubt(seen: Mark | None, until: Mark | None) -> Doubt | None:
    if seen is None:
        return Doubt.MISSING
    if until is None:
        return Doubt.NOT_SHOWN
    return Doubt.OVERWRITTEN if later(seen, until) else None


def _told(position: Position, doubt: Callable[[str, Mark | None], Doubt | None]) -> tuple[RotateError, ...]:
    found: dict[Doubt, list[str]] = {}
    causes: list[RotateError] = []
    for name in position.policy.destinations:
        seen = _seen(position, name)
        reason = Doubt.UNREADABLE if isinstance(seen, RotateError) else doubt(name, seen)
        if isinstance(seen, RotateError):
            causes.append(seen)
        if reason:
            found.setdefault(reason, []).append(name)
    return (*(_worded(why, places) for why, places in found.items()), *dict.fromkeys(causes))


def _until(position: Position) -> Callable[[str, Mark | None], Mark | None]:
    """Give until when a write of a destination may be ours: what this run confirmed, else what the note says."""
    progress, note = position.progress, position.snapshot.note
    noted = known(note, position.policy.destinations, position.snapshot.owners) if note else frozenset[str]()

    def until(name: str, seen: Mark | None) -> Mark | None:
        if progress.put.get(name, Outcome.NO_EFFECT) is not Outcome.NO_EFFECT:
            return progress.stood.get(name)
        return note.until(name, seen) if note and name in noted else None

    return until


def _seen(position: Position, name: str) -> Written:
    if name in position.snapshot.looked:
        return position.snapshot.looked[name]
    if name in position.progress.stood:
        return position.progress.stood[name]
    facts = position.snapshot.destinations[name]
    return facts.mark if isinstance(facts, DestinationFacts) else facts


def _worded(doubt: Doubt, places: list[str]) -> Incomplete:
    where = listed(places)
    match doubt:
        case Doubt.OVERWRITTEN:
            message = f"Written since the key was confirmed there, and nothing shows by whom: {where}. No key is "
            message += "revoked: what stands there may be one."
            return Incomplete("destination-overwritten", message, f"Find out who writes there. {AGAIN}")
        case Doubt.MISSING:
            message = f"The secret is gone, or the token no longer sees it: {where}. No key is revoked."
            return Incomplete(
                "destination-missing", message, f"If it is no destination any more, take it off the list. {AGAIN}"
            )
        case Doubt.UNREADABLE:
            message = f"Whether it still holds the newer key could not be read: {where}. No key is revoked."
            return Incomplete("destination-unreadable", message, "Mend what the other messages name and run it again.")
        case _:
            message = f"Nothing shows that it holds the newer key: {where}. The note is of an earlier version, or does "
            message += "not know the place. No key is revoked."
            return Incomplete("destination-not-shown", message, AGAIN)
