"""Steps 6 to 10: what the older keys wait for, and how they end."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Incomplete, Outcome
from rotate.protocol.decisions import distribution, ending, key_guards, last_look, overlap
from rotate.protocol.decisions.position import MAX_REVOKE_TRIES, Position, Step
from rotate.protocol.decisions.recovery import crowded
from rotate.protocol.facts.aspects import EVIDENCE, Aspect
from rotate.protocol.facts.moves import Move, Observe, Probe, ProveDead, Revoke, Status, Wait

ZERO = timedelta()


def note_and_control(position: Position) -> Step | None:
    """6 and 8: note the new key as confirmed and show that the previous value still answers 200, at once.

    With nothing to wait for, no canary either, the fence and the last look go out beside them.
    """
    moves: list[Move] = [*distribution.note(position)]
    progress = position.progress
    if progress.pending and position.doomed and not progress.revoke_tries and not progress.stopping:
        if position.replaces_value_at_hand and progress.control is None and position.policy.exposure is None:
            moves.append(Probe())
        if not (_waits(position) or position.policy.canary):
            moves += _fence(position)
    return tuple(moves) or None


def hold(position: Position) -> Step | None:
    """7: what may not go yet stays; what this run can wait out, it does."""
    progress = position.progress
    if not position.doomed or position.standing is None or progress.stopping or progress.revoke_tries:
        return None
    if _waits(position) and progress.pending and progress.noted_confirmed is not Outcome.APPLIED:
        return ending.not_noted(position)
    if overlap.needs_evidence(position):
        return (Observe(EVIDENCE, position.authority),)
    if not overlap.held(position):
        return None
    span = overlap.wait_for(position)
    return None if span is None else (Wait(span),)


def fence(position: Position) -> Step | None:
    """Look once more whether the lock is ours and the destinations hold the new key, after whatever took time."""
    progress = position.progress
    if not overlap.released(position) or progress.stopping or progress.revoke_tries:
        return None
    return _fence(position) or None


def _fence(position: Position) -> tuple[Move, ...]:
    progress = position.progress
    waited = progress.pending or progress.waited > ZERO or progress.evidence or progress.asked
    fenced = not waited or progress.fenced or not progress.locked or position.policy.exposure is not None
    aspects = {Aspect.WRITES} if last_look.due(position) else set[Aspect]()
    return (Observe(frozenset(aspects if fenced else {Aspect.LOCK, *aspects})),) if aspects or not fenced else ()


def _waits(position: Position) -> bool:
    lasting = position.policy.exposure is None and position.policy.overlap.length > ZERO
    return lasting or any(position.drains(key) for key in position.doomed)


def revoke(position: Position) -> Step | None:
    """9: every older key that may go."""
    doomed, progress, standing = overlap.released(position), position.progress, position.standing
    if not doomed or standing is None:
        return None
    if progress.stopping:
        return ending.cancelled(position)
    if progress.unresolved:
        return (Observe(frozenset({Aspect.KEYS}) | last_look.again(position), position.authority),)
    # After an exposure nobody looks again: the lease alone must do, and a stale view costs at most a sweep.
    ours = position.policy.exposure is not None or position.holds_lock
    if progress.locked and not (ours and position.lease_lasts):
        return ending.conclude(position, Status.INCOMPLETE, "the lock was lost", (ending.lock_lost(Incomplete),))
    hindrance = _not_ours_any_more(position)
    if hindrance:
        return hindrance
    due = [key for key in doomed if progress.revoke_tries.get(key.key_id, 0) < MAX_REVOKE_TRIES]
    moves = tuple(Revoke(key, position.authority, standing) for key in due)
    return moves or ending.unfinished_revoke(position)


def _not_ours_any_more(position: Position) -> Step | None:
    """End with both keys valid where some destination does not surely hold the newer one (S2)."""
    found = last_look.problems(position) if last_look.wanted(position) else ()
    if not found:
        return None
    # What an unfinished rotation wrote is no write of somebody else's.
    left = ending.left_over(position) if position.situation.newer and position.progress.pending is None else None
    told = (left, *found) if left else found
    if crowded(position.situation, position.policy):
        told = (*told, key_guards.too_many(position.situation, position.policy))
    return ending.conclude(position, Status.INCOMPLETE, told[0].message, (*told, *position.progress.errors))


def prove(position: Position) -> Step | None:
    """10: the end is shown, not supposed. Where this run changed nothing there is nothing to show."""
    if position.progress.proof is not None or not (position.progress.pending or position.progress.revoke_tries):
        return None
    return (proof(position),)


def proof(position: Position) -> ProveDead:
    """Ask every witness: the previous value, the one that stands, the list.

    Not the previous value where some superseded key stays for now, since that may be the one: it would answer, and the
    question would count as a use.
    """
    gone = frozenset(position.progress.revoke_tries)
    previous = position.expects_previous_dead and not overlap.held(position)
    return ProveDead(gone, position.authority, previous, position.holds_standing_value)
