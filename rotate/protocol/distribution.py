"""Steps 2 to 6: a new key comes to be, is proven, and reaches every destination before any other key goes."""

from __future__ import annotations

from rotate.errors import Incomplete, Outcome
from rotate.protocol import ending, lease
from rotate.protocol.aspects import Aspect
from rotate.protocol.marker import Marker
from rotate.protocol.noted import PendingKey
from rotate.protocol.policy import OnFailure
from rotate.protocol.steps import Adopt, Confirm, Issue, Move, Observe, Put, Restore, Verify, WriteNote
from rotate.protocol.view import Step, View

MAX_ISSUES = 3


def look(view: View) -> Step | None:
    """0, at scale: what the first look left out is looked at before the first effect, but for an exposure."""
    places = view.snapshot.destinations
    if view.holding.committed or view.policy.exposure or not (view.policy.rotates and view.trigger):
        return None
    unseen = any(name not in places for name in view.policy.destinations)
    return (Observe(frozenset({Aspect.DESTINATIONS})),) if unseen else None


def adopt_or_issue(view: View) -> Step | None:
    """2: issue, or take the value at hand for the unfinished key that it is (R1)."""
    holding = view.holding
    if holding.pending is not None or not view.policy.rotates:
        return None
    if not holding.tried:
        if view.situation.finish_with:
            return (Adopt(view.situation.finish_with),)
        # An exposed key that went first must have a successor; nothing else is begun once a key was revoked.
        begun = holding.committed and view.policy.exposure is None
        return (_issue(view),) if view.trigger and not begun else None
    if holding.issue is Outcome.NO_EFFECT or holding.stopping or holding.backing_out:
        return ending.give_up(view)
    if holding.unresolved:
        return (Observe(frozenset({Aspect.KEYS})),)
    if not view.keys_readable or len(holding.tried) >= MAX_ISSUES:
        return ending.give_up(view)
    return (_issue(view),)


def _issue(view: View) -> Issue:
    run, serial = view.policy.run, len(view.holding.tried) + 1
    return Issue(Marker(view.policy.lineage, run.run_id, run.attempt, run.nonce, serial).name())


def verify(view: View) -> Step | None:
    """3: prove the new key; after an exposure beside the first put, because every second counts."""
    pending = view.holding.pending
    if pending is None or view.holding.verified:
        return None
    if view.holding.verified is None and not view.holding.stopping:
        together = _first_put(view, pending) if view.policy.exposure and _may_put(view) else ()
        return (Verify(pending), *together)
    return ending.give_up(view)


def put(view: View) -> Step | None:
    """4: the primary destination first, then the rest at once; one failing does not stop the others."""
    holding = view.holding
    pending = holding.pending
    if pending is None or len(holding.put) == len(view.policy.destinations):
        return None
    if holding.stopping:
        return ending.give_up(view)
    if not _may_put(view):
        return ending.give_up(view, lease.lost(Incomplete))
    primary, *rest = view.policy.destinations
    if primary not in holding.put:
        return _first_put(view, pending)
    if any(name not in view.snapshot.destinations for name in rest):
        return (Observe(frozenset({Aspect.DESTINATIONS})),)
    return tuple(Put(name, pending) for name in rest)


def _may_put(view: View) -> bool:
    return not view.holding.backing_out and (not view.holding.locked or lease.lasts(view))


def _first_put(view: View, pending: PendingKey) -> tuple[Move, ...]:
    moves: tuple[Move, ...] = (Put(view.policy.destinations[0], pending),)
    note = WriteNote(view.note_to_write(pending=pending), confirmed=False)
    noted = view.notebook and not view.holding.adopted and not view.puts_aside
    return (*moves, note) if noted else moves


def confirm(view: View) -> Step | None:
    """5: each from its receipt, and none before all are written: so the latest of their times tells of every write
    after it that it is not ours (protocol: *Last look*)."""
    holding = view.holding
    if holding.pending is None:
        return None
    written = [name for name, outcome in holding.put.items() if outcome is not Outcome.NO_EFFECT]
    waiting = tuple(Confirm(name) for name in written if name not in holding.confirmed)
    if waiting:
        return waiting
    if view.standing:
        return None
    return _restore(view, written) or ending.give_up(view)


def _restore(view: View, written: list[str]) -> Step | None:
    """Put the old value back where the new one went, if that was asked and the old value is at hand and in use."""
    confirmed, policy = view.situation.confirmed, view.policy
    usable = confirmed is not None and policy.value_at_hand == confirmed.fingerprint and not view.holding.adopted
    if policy.on_failure is not OnFailure.RESTORE or policy.exposure or not usable or view.holding.stopping:
        return None
    if not _may_put(view):
        return None
    return tuple(Restore(name) for name in written if name not in view.holding.restored) or None


def note(view: View) -> tuple[Move, ...]:
    """6: remember that every destination holds the new key."""
    holding, standing = view.holding, view.standing
    if holding.pending and standing and view.notebook and holding.noted_confirmed is None:
        return (WriteNote(view.note_to_write(confirmed=standing), confirmed=True),)
    return ()
