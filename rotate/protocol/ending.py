"""How a run ends: undo what went nowhere, give the lock back, and say in what state things are."""

from __future__ import annotations

from dataclasses import replace

from rotate.errors import Incomplete, Refused, RotateError, SourceError, listed
from rotate.protocol import absent, holders, key_guards, last_look, verdicts
from rotate.protocol.aspects import Aspect
from rotate.protocol.model import LiveKey, ids_of
from rotate.protocol.recovery import crowded, overdue
from rotate.protocol.steps import Authority, Finish, Move, Observe, Proof, Release, Revoke, Status, WriteNote
from rotate.protocol.view import MAX_REVOKE_TRIES, Step, View

STOPPED = Refused("cancelled", "The run was cancelled.", "Run it again.")


def conclude(view: View, status: Status, why: str, problems: tuple[RotateError, ...]) -> Step:
    """Give the lock back, unless it was seen in another's hands, then finish.

    After an exposure, a run that does not show the exposed key dead has failed, whatever else it did.
    """
    alarm = verdicts.exposed_alive(view)
    if alarm and status is not Status.REFUSED:
        status, why, problems = Status.FAILED, alarm.message, (alarm, *problems)
    ours = view.snapshot.lock is None or view.policy.run.holds(view.snapshot.lock)
    finish = Finish(status, why, problems)
    return (Release(finish),) if view.holding.locked and ours else finish


def status_of(problems: tuple[RotateError, ...]) -> Status:
    """A guard's no is a refusal; a part of the world that could not be read is a failure."""
    refused = any(isinstance(problem, Refused) for problem in problems)
    return Status.REFUSED if refused else Status.FAILED


def refuse(view: View, problems: tuple[RotateError, ...]) -> Step:
    """End before the first effect."""
    return conclude(view, status_of(problems), problems[0].message, problems)


def cancelled(view: View) -> Step:
    """End because the run was asked to stop: nothing was changed, or both keys are valid."""
    if not view.holding.committed:
        stop = Refused("cancelled", "The run was cancelled before anything was changed.", "Run it again.")
        return conclude(view, Status.REFUSED, stop.message, (stop,))
    ids = ids_of(view.doomed)
    left = Incomplete(
        "cancelled",
        f"The run was cancelled when the new key stood everywhere; key {ids} is still alive.",
        "Run it again with the value that the destinations hold now: it revokes what is older and issues nothing. With "
        "the older value at hand it issues another key first.",
    )
    return conclude(view, Status.INCOMPLETE, left.message, (left, *view.holding.errors))


def give_up(view: View, cause: RotateError = STOPPED) -> Step:
    """End after the issue: revoke the key if it provably went nowhere (R2), else leave both keys valid.

    `cause`: why, where no move failed.
    """
    holding = view.holding
    if holding.spread:
        why = "the new key is not confirmed everywhere"
        return holders.after_exposure(view) or conclude(view, Status.INCOMPLETE, why, _half_way(view))
    if holding.unresolved:
        return (Observe(frozenset({Aspect.KEYS})),)
    orphans = _orphans(view)
    due = [key for key in orphans if holding.revoke_tries.get(key.key_id, 0) < MAX_REVOKE_TRIES]
    if due:
        revokes = tuple(Revoke(key, Authority.ISSUER, None) for key in due)
        return (_taken_back(view) if holding.restored else None) or (*_noted_again(view), *revokes)
    problems = holding.errors or (cause,)
    if not orphans and (view.keys_readable or holding.pending):
        return conclude(view, Status.FAILED, problems[0].message, problems)
    return conclude(view, Status.INCOMPLETE, problems[0].message, (_orphan_left(view, orphans), *problems))


def _taken_back(view: View) -> Step | None:
    """Before a key that was taken back goes: the places that it was taken from must still hold what was put back."""
    if not view.holding.looked:
        return (Observe(frozenset({Aspect.WRITES})),)
    found = last_look.taken_back(view)
    told = (*found, _orphan_left(view, _orphans(view)), *view.holding.errors)
    return conclude(view, Status.INCOMPLETE, found[0].message, told) if found else None


def _noted_again(view: View) -> tuple[Move, ...]:
    """Note until when the old value stands where it was put back, if all other places are as they were."""
    note, holding = view.snapshot.note, view.holding
    if not holding.restored or note is None or holding.noted_confirmed or not view.notebook:
        return ()
    if last_look.problems(view):
        return ()
    back = replace(note, pending=None, abandoned=(), stood_until=max(holding.stood.values()))
    return (WriteNote(back, confirmed=True),)


def _orphans(view: View) -> tuple[LiveKey, ...]:
    """Give the keys that this very run issued: the pending one, and those whose reply was lost."""
    holding = view.holding
    lost = [key for key in view.snapshot.live if key.name in holding.tried]
    pending = holding.pending
    if pending is not None and pending.key_id not in [key.key_id for key in lost]:
        lost.append(LiveKey(pending.key_id, pending.name, pending.at, project_id=view.policy.project_id))
    return tuple(key for key in lost if key.key_id not in holding.revoked_ids)


def _orphan_left(view: View, orphans: tuple[LiveKey, ...]) -> Incomplete:
    names = ", ".join(key.label for key in orphans) or ", ".join(view.holding.tried)
    where = "was taken back from where it was written" if view.holding.restored else "was written nowhere"
    return Incomplete(
        "orphan-left",
        f"Key {names} was issued by this run, {where}, and may still be alive. The key in use is valid.",
        "Run it again: it supersedes that key and revokes it. Or revoke it at Neon → API keys.",
    )


def _half_way(view: View) -> tuple[RotateError, ...]:
    holding, pending = view.holding, view.holding.pending
    missing = [name for name in view.policy.destinations if not holding.confirmed.get(name)]
    left = Incomplete(
        "distribution-unfinished",
        f"Key {pending.key_id if pending else '?'} was issued but is not confirmed in: {listed(missing)}. "
        "The older key is still valid; nothing was revoked.",
        "Mend what the other messages name and run it again: it finishes the distribution, then revokes.",
    )
    return (left, *holding.errors)


def not_noted(view: View) -> Step:
    """End with the new key everywhere and nobody to remember until when the older one stays."""
    left = Incomplete(
        "note-not-written",
        "The new key stands everywhere, but the note of when the older one may go could not be written. Both are "
        "valid.",
        "Run it again: it finishes with the key that stands, and notes it.",
    )
    return conclude(view, Status.INCOMPLETE, left.message, (left, *view.holding.errors))


def unfinished_revoke(view: View) -> Step:
    """End with the new key everywhere and an older one that could not be revoked."""
    ids = ids_of(view.doomed) or "of this lineage"
    left = Incomplete(
        "revoke-failed",
        f"The new key stands everywhere, but key {ids} could not be revoked and is still alive.",
        "Run it again: it revokes what is older and issues nothing. If it is exposed, revoke it now at "
        "Neon → API keys.",
    )
    return conclude(view, Status.INCOMPLETE, left.message, (left, *view.holding.errors))


def left_over(view: View) -> Incomplete | None:
    """Word what an earlier rotation left beside the confirmed key, if it left anything. An overlap is no leftover."""
    situation = view.situation
    gone = view.holding.revoked_ids
    outlived = [key for key in overdue(view.snapshot, situation, view.now) if key.key_id not in gone]
    keys = (*outlived, *(situation.newer if situation.base else ()))
    if not keys:
        return None
    ids = ids_of(keys)
    return Incomplete(
        "rotation-unfinished",
        f"An earlier rotation did not finish: beside the confirmed key, key {ids} is alive.",
        "Run the `rotate` command: it finishes the rotation and revokes what is older.",
    )


def _starved(view: View) -> bool:
    """Say whether a rotation could not begin: at the bound of live keys, and all that outlived their time are held."""
    idle = not (view.holding.pending or view.holding.revoke_tries) and view.policy.exposure is None
    return idle and view.policy.rotates and crowded(view.situation, view.policy)


def judge(view: View) -> Step:
    """Read the proof and give the verdict."""
    proof = view.holding.proof or Proof(None, None, None)
    late = [key for key in proof.live or () if key.name in view.holding.tried and view.standing]
    standing_id = view.standing.key_id if view.standing else 0
    strays = [key for key in late if key.key_id != standing_id and not view.holding.revoke_tries.get(key.key_id)]
    if strays:
        return tuple(Revoke(key, view.authority, view.standing) for key in strays)
    problems = verdicts.doubts(view, proof)
    if problems:
        failed = isinstance(problems[0], SourceError)
        return conclude(view, Status.FAILED if failed else Status.INCOMPLETE, problems[0].message, problems)
    made = absent.created(view)
    if made:
        return conclude(view, Status.INCOMPLETE, made.message, (made,))
    if _starved(view):
        return refuse(view, (key_guards.too_many(view.situation, view.policy),))
    fresh = view.holding.pending is not None and not view.stands_again
    unfinished = left_over(view) if view.situation.newer and not fresh else None
    if unfinished:
        return conclude(view, Status.INCOMPLETE, unfinished.message, (unfinished,))
    if view.holding.forced and not view.policy.foresees:
        broken = verdicts.lock_broken(view)
        return conclude(view, Status.INCOMPLETE, broken.message, (broken,))
    overdue_keys = verdicts.held_too_long(view)
    if overdue_keys:
        return conclude(view, Status.INCOMPLETE, overdue_keys.message, (overdue_keys,))
    changed = view.holding.revoke_tries or (view.holding.pending and not view.stands_again)
    return conclude(view, Status.ROTATED if changed else Status.UNCHANGED, verdicts.done(view, proof), ())
