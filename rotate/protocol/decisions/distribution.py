"""Steps 2 to 6: a new key comes to be, is proven, and reaches every destination before any other key goes."""

from __future__ import annotations

from rotate.errors import Incomplete, Outcome
from rotate.protocol.decisions import ending
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.marker import Marker
from rotate.protocol.facts.moves import Adopt, Confirm, Issue, Move, Observe, Put, Restore, Verify, WriteNote
from rotate.protocol.facts.note import PendingKey
from rotate.protocol.facts.policy import OnFailure

MAX_ISSUES = 3


def look(position: Position) -> Step | None:
    """0, at scale: what the first look left out is looked at before the first effect, but for an exposure."""
    places = position.snapshot.destinations
    if position.progress.committed or position.policy.exposure or not (position.policy.rotates and position.trigger):
        return None
    unseen = any(name not in places for name in position.policy.destinations)
    return (Observe(frozenset({Aspect.DESTINATIONS})),) if unseen else None


def adopt_or_issue(position: Position) -> Step | None:
    """2: issue, or take the value at hand for the unfinished key that it is (R1)."""
    progress = position.progress
    if progress.pending is not None or not position.policy.rotates:
        return None
    if not progress.tried:
        if position.situation.finish_with:
            return (Adopt(position.situation.finish_with),)
        # An exposed key that went first must have a successor; nothing else is begun once a key was revoked.
        begun = progress.committed and position.policy.exposure is None
        return (_issue(position),) if position.trigger and not begun else None
    if progress.issue is Outcome.NO_EFFECT or progress.stopping or progress.backing_out:
        return ending.give_up(position)
    if progress.unresolved:
        return (Observe(frozenset({Aspect.KEYS})),)
    if not position.keys_readable or len(progress.tried) >= MAX_ISSUES:
        return ending.give_up(position)
    return (_issue(position),)


def _issue(position: Position) -> Issue:
    run, serial = position.policy.run, len(position.progress.tried) + 1
    return Issue(Marker(position.policy.lineage, run.run_id, run.attempt, run.nonce, serial).name())


def verify(position: Position) -> Step | None:
    """3: prove the new key; after an exposure beside the first put, because every second counts."""
    pending = position.progress.pending
    if pending is None or position.progress.verified:
        return None
    if position.progress.verified is None and not position.progress.stopping:
        together = _first_put(position, pending) if position.policy.exposure and _may_put(position) else ()
        return (Verify(pending), *together)
    return ending.give_up(position)


def put(position: Position) -> Step | None:
    """4: the primary destination first, then the rest at once; one failing does not stop the others."""
    progress = position.progress
    pending = progress.pending
    if pending is None or len(progress.put) == len(position.policy.destinations):
        return None
    if progress.stopping:
        return ending.give_up(position)
    if not _may_put(position):
        return ending.give_up(position, ending.lock_lost(Incomplete))
    primary, *rest = position.policy.destinations
    if primary not in progress.put:
        return _first_put(position, pending)
    if any(name not in position.snapshot.destinations for name in rest):
        return (Observe(frozenset({Aspect.DESTINATIONS})),)
    return tuple(Put(name, pending) for name in rest)


def _may_put(position: Position) -> bool:
    return not position.progress.backing_out and (not position.progress.locked or position.lease_lasts)


def _first_put(position: Position, pending: PendingKey) -> tuple[Move, ...]:
    moves: tuple[Move, ...] = (Put(position.policy.destinations[0], pending),)
    note = WriteNote(position.note_to_write(pending=pending), confirmed=False)
    noted = position.notebook and not position.progress.adopted and not position.puts_aside
    return (*moves, note) if noted else moves


def confirm(position: Position) -> Step | None:
    """5: each from its receipt, and none before all are written: so the latest of their times tells of every write
    after it that it is not ours (protocol: *Last look*)."""
    progress = position.progress
    if progress.pending is None:
        return None
    written = [name for name, outcome in progress.put.items() if outcome is not Outcome.NO_EFFECT]
    waiting = tuple(Confirm(name) for name in written if name not in progress.confirmed)
    if waiting:
        return waiting
    if position.standing:
        return None
    return _restore(position, written) or ending.give_up(position)


def _restore(position: Position, written: list[str]) -> Step | None:
    """Put the old value back where the new one went, if that was asked and the old value is at hand and in use."""
    confirmed, policy = position.situation.confirmed, position.policy
    usable = confirmed is not None and policy.value_at_hand == confirmed.fingerprint and not position.progress.adopted
    if policy.on_failure is not OnFailure.RESTORE or policy.exposure or not usable or position.progress.stopping:
        return None
    if not _may_put(position):
        return None
    return tuple(Restore(name) for name in written if name not in position.progress.restored) or None


def note(position: Position) -> tuple[Move, ...]:
    """6: remember that every destination holds the new key."""
    progress, standing = position.progress, position.standing
    if progress.pending and standing and position.notebook and progress.noted_confirmed is None:
        return (WriteNote(position.note_to_write(confirmed=standing), confirmed=True),)
    return ()
