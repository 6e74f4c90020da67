"""Steps 6 to 10: what the older keys wait for, and how they end."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Incomplete, Outcome
from rotate.protocol import distribution, ending, lease, overlap
from rotate.protocol.aspects import EVIDENCE, Aspect
from rotate.protocol.steps import Move, Observe, Probe, ProveDead, Revoke, Status, Wait
from rotate.protocol.view import MAX_REVOKE_TRIES, Step, View

ZERO = timedelta()


def note_and_control(view: View) -> Step | None:
    """6 and 8: note the new key as confirmed and show that the previous value still answers 200, at once.

    With nothing to wait for, no canary either, the fence goes out beside them.
    """
    moves: list[Move] = [*distribution.note(view)]
    holding = view.holding
    if holding.pending and view.doomed and not holding.revoke_tries and not holding.stopping:
        if view.replaces_value_at_hand and holding.control is None and view.policy.exposure is None:
            moves.append(Probe())
        if not (_waits(view) or view.policy.canary):
            moves += _fence(view)
    return tuple(moves) or None


def hold(view: View) -> Step | None:
    """7: what may not go yet stays; what this run can wait out, it does."""
    holding = view.holding
    if not view.doomed or view.standing is None or holding.stopping or holding.revoke_tries:
        return None
    if _waits(view) and holding.pending and holding.noted_confirmed is not Outcome.APPLIED:
        return ending.not_noted(view)
    if overlap.needs_evidence(view):
        return (Observe(EVIDENCE, view.authority),)
    if not overlap.held(view):
        return None
    span = overlap.wait_for(view)
    return None if span is None else (Wait(span),)


def fence(view: View) -> Step | None:
    """Look once more whether the lock is ours, after whatever took time."""
    holding = view.holding
    waited = holding.pending or holding.waited > ZERO or holding.evidence or holding.asked
    if not overlap.released(view) or not waited or holding.stopping or holding.revoke_tries:
        return None
    return _fence(view) or None


def _fence(view: View) -> tuple[Move, ...]:
    wanted = view.holding.locked and not view.holding.fenced and view.policy.exposure is None
    return (Observe(frozenset({Aspect.LOCK})),) if wanted else ()


def _waits(view: View) -> bool:
    lasting = view.policy.exposure is None and view.policy.overlap.length > ZERO
    return lasting or any(view.drains(key) for key in view.doomed)


def revoke(view: View) -> Step | None:
    """9: every older key that may go."""
    doomed, holding, standing = overlap.released(view), view.holding, view.standing
    if not doomed or standing is None:
        return None
    if holding.stopping:
        return ending.cancelled(view)
    if holding.unresolved:
        return (Observe(frozenset({Aspect.KEYS}), view.authority),)
    if holding.locked and not _still_ours(view):
        return ending.conclude(view, Status.INCOMPLETE, "the lock was lost", (lease.lost(Incomplete),))
    due = [key for key in doomed if holding.revoke_tries.get(key.key_id, 0) < MAX_REVOKE_TRIES]
    moves = tuple(Revoke(key, view.authority, standing) for key in due)
    return moves or ending.unfinished_revoke(view)


def _still_ours(view: View) -> bool:
    """After an exposure nobody looks again: the lease alone must do, and a stale view costs at most a sweep."""
    seen = view.policy.exposure is not None or lease.is_ours(view)
    return seen and lease.lasts(view)


def prove(view: View) -> Step | None:
    """10: the end is shown, not supposed. Where this run changed nothing there is nothing to show."""
    if view.holding.proof is not None or not (view.holding.pending or view.holding.revoke_tries):
        return None
    return (proof(view),)


def proof(view: View) -> ProveDead:
    """Ask every witness: the previous value, the one that stands, the list.

    Not the previous value where some superseded key stays for now, since that may be the one: it would answer, and the
    question would count as a use.
    """
    gone = frozenset(view.holding.revoke_tries)
    previous = view.expects_previous_dead and not overlap.held(view)
    return ProveDead(gone, view.authority, previous, view.holds_standing_value)
