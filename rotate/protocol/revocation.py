"""Steps 6 to 10: what the older keys wait for, and how they end."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Incomplete, Outcome
from rotate.protocol import distribution, ending, key_guards, last_look, lease, overlap
from rotate.protocol.aspects import EVIDENCE, Aspect
from rotate.protocol.recovery import crowded
from rotate.protocol.steps import Move, Observe, Probe, ProveDead, Revoke, Status, Wait
from rotate.protocol.view import MAX_REVOKE_TRIES, Step, View

ZERO = timedelta()


def note_and_control(view: View) -> Step | None:
    """6 and 8: note the new key as confirmed and show that the previous value still answers 200, at once.

    With nothing to wait for, no canary either, the fence and the last look go out beside them.
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
    """Look once more whether the lock is ours and the destinations hold the new key, after whatever took time."""
    holding = view.holding
    if not overlap.released(view) or holding.stopping or holding.revoke_tries:
        return None
    return _fence(view) or None


def _fence(view: View) -> tuple[Move, ...]:
    holding = view.holding
    waited = holding.pending or holding.waited > ZERO or holding.evidence or holding.asked
    fenced = not waited or holding.fenced or not holding.locked or view.policy.exposure is not None
    aspects = {Aspect.WRITES} if last_look.due(view) else set[Aspect]()
    return (Observe(frozenset(aspects if fenced else {Aspect.LOCK, *aspects})),) if aspects or not fenced else ()


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
        return (Observe(frozenset({Aspect.KEYS}) | last_look.again(view), view.authority),)
    if holding.locked and not _still_ours(view):
        return ending.conclude(view, Status.INCOMPLETE, "the lock was lost", (lease.lost(Incomplete),))
    hindrance = _not_ours_any_more(view)
    if hindrance:
        return hindrance
    due = [key for key in doomed if holding.revoke_tries.get(key.key_id, 0) < MAX_REVOKE_TRIES]
    moves = tuple(Revoke(key, view.authority, standing) for key in due)
    return moves or ending.unfinished_revoke(view)


def _not_ours_any_more(view: View) -> Step | None:
    """End with both keys valid where some destination does not surely hold the newer one (S2)."""
    found = last_look.problems(view) if last_look.wanted(view) else ()
    if not found:
        return None
    # What an unfinished rotation wrote is no write of somebody else's.
    left = ending.left_over(view) if view.situation.newer and view.holding.pending is None else None
    told = (left, *found) if left else found
    if crowded(view.situation, view.policy):
        told = (*told, key_guards.too_many(view.situation, view.policy))
    return ending.conclude(view, Status.INCOMPLETE, told[0].message, (*told, *view.holding.errors))


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
