"""How a run ends: undo what went nowhere, give the lock back, and say in what state things are."""

from __future__ import annotations

from dataclasses import replace

from rotate.errors import Incomplete, Refused, RotateError, SourceError, listed
from rotate.protocol.decisions import absent, holders, key_guards, last_look, verdicts
from rotate.protocol.decisions.position import MAX_REVOKE_TRIES, Position, Step
from rotate.protocol.decisions.recovery import crowded, overdue
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import LiveKey, ids_of
from rotate.protocol.facts.moves import Authority, Finish, Move, Observe, Proof, Release, Revoke, Status, WriteNote
from rotate.protocol.facts.note import latest

STOPPED = Refused("cancelled", "The run was cancelled.", "Run it again.")


def lock_lost(kind: type[Refused | Incomplete]) -> Refused | Incomplete:
    """Word that another run may be at work."""
    return kind(
        "lock-lost",
        "The rotation lock is no longer this run's: another run broke it, or its lease ended.",
        "Let the other run end, then run this one again: it finishes what is left. "
        "Give the workflow a `concurrency:` group with `cancel-in-progress: false`.",
    )


def conclude(position: Position, status: Status, why: str, problems: tuple[RotateError, ...]) -> Step:
    """Give the lock back, unless it was seen in another's hands, then finish.

    After an exposure, a run that does not show the exposed key dead has failed, whatever else it did.
    """
    alarm = verdicts.exposed_alive(position)
    if alarm and status is not Status.REFUSED:
        status, why, problems = Status.FAILED, alarm.message, (alarm, *problems)
    ours = position.snapshot.lock is None or position.policy.run.holds(position.snapshot.lock)
    finish = Finish(status, why, problems)
    return (Release(finish),) if position.progress.locked and ours else finish


def status_of(problems: tuple[RotateError, ...]) -> Status:
    """A guard's no is a refusal; a part of the world that could not be read is a failure."""
    refused = any(isinstance(problem, Refused) for problem in problems)
    return Status.REFUSED if refused else Status.FAILED


def refuse(position: Position, problems: tuple[RotateError, ...]) -> Step:
    """End before the first effect."""
    return conclude(position, status_of(problems), problems[0].message, problems)


def cancelled(position: Position) -> Step:
    """End because the run was asked to stop: nothing was changed, or both keys are valid."""
    if not position.progress.committed:
        stop = Refused("cancelled", "The run was cancelled before anything was changed.", "Run it again.")
        return conclude(position, Status.REFUSED, stop.message, (stop,))
    ids = ids_of(position.doomed)
    left = Incomplete(
        "cancelled",
        f"The run was cancelled when the new key stood everywhere; key {ids} is still alive.",
        "Run it again with the value that the destinations hold now: it revokes what is older and issues nothing. With "
        "the older value at hand it issues another key first.",
    )
    return conclude(position, Status.INCOMPLETE, left.message, (left, *position.progress.errors))


def give_up(position: Position, cause: RotateError = STOPPED) -> Step:
    """End after the issue: revoke the key if it provably went nowhere (R2), else leave both keys valid.

    `cause`: why, where no move failed.
    """
    progress = position.progress
    if progress.spread:
        why = "the new key is not confirmed everywhere"
        return holders.after_exposure(position) or conclude(position, Status.INCOMPLETE, why, _half_way(position))
    if progress.unresolved:
        return (Observe(frozenset({Aspect.KEYS})),)
    orphans = _orphans(position)
    due = [key for key in orphans if progress.revoke_tries.get(key.key_id, 0) < MAX_REVOKE_TRIES]
    if due:
        revokes = tuple(Revoke(key, Authority.ISSUER, None) for key in due)
        return (_taken_back(position) if progress.restored else None) or (*_noted_again(position), *revokes)
    problems = progress.errors or (cause,)
    if not orphans and (position.keys_readable or progress.pending):
        return conclude(position, Status.FAILED, problems[0].message, problems)
    return conclude(position, Status.INCOMPLETE, problems[0].message, (_orphan_left(position, orphans), *problems))


def _taken_back(position: Position) -> Step | None:
    """Before a key that was taken back goes: the places that it was taken from must still hold what was put back."""
    if not position.progress.looked:
        return (Observe(frozenset({Aspect.WRITES})),)
    found = last_look.taken_back(position)
    told = (*found, _orphan_left(position, _orphans(position)), *position.progress.errors)
    return conclude(position, Status.INCOMPLETE, found[0].message, told) if found else None


def _noted_again(position: Position) -> tuple[Move, ...]:
    """Note until when the old value stands where it was put back, if all other places are as they were."""
    note, progress = position.snapshot.note, position.progress
    if not progress.restored or note is None or progress.noted_confirmed or not position.notebook:
        return ()
    if last_look.problems(position):
        return ()
    back = replace(note, pending=None, abandoned=(), stood_until=latest(progress.stood, note.stood_until))
    return (WriteNote(back, confirmed=True),)


def _orphans(position: Position) -> tuple[LiveKey, ...]:
    """Give the keys that this very run issued: the pending one, and those whose reply was lost."""
    progress = position.progress
    lost = [key for key in position.snapshot.live if key.name in progress.tried]
    pending = progress.pending
    if pending is not None and pending.key_id not in [key.key_id for key in lost]:
        lost.append(LiveKey(pending.key_id, pending.name, pending.at, project_id=position.policy.project_id))
    return tuple(key for key in lost if key.key_id not in progress.revoked_ids)


def _orphan_left(position: Position, orphans: tuple[LiveKey, ...]) -> Incomplete:
    names = ", ".join(key.label for key in orphans) or ", ".join(position.progress.tried)
    where = "was taken back from where it was written" if position.progress.restored else "was written nowhere"
    return Incomplete(
        "orphan-left",
        f"Key {names} was issued by this run, {where}, and may still be alive. The key in use is valid.",
        "Run it again: it supersedes that key and revokes it. Or revoke it at Neon → API keys.",
    )


def _half_way(position: Position) -> tuple[RotateError, ...]:
    progress, pending = position.progress, position.progress.pending
    missing = [name for name in position.policy.destinations if not progress.confirmed.get(name)]
    left = Incomplete(
        "distribution-unfinished",
        f"Key {pending.key_id if pending else '?'} was issued but is not confirmed in: {listed(missing)}. "
        "The older key is still valid; nothing was revoked.",
        "Mend what the other messages name and run it again: it finishes the distribution, then revokes.",
    )
    return (left, *progress.errors)


def not_noted(position: Position) -> Step:
    """End with the new key everywhere and nobody to remember until when the older one stays."""
    left = Incomplete(
        "note-not-written",
        "The new key stands everywhere, but the note of when the older one may go could not be written. Both are "
        "valid.",
        "Run it again: it finishes with the key that stands, and notes it.",
    )
    return conclude(position, Status.INCOMPLETE, left.message, (left, *position.progress.errors))


def unfinished_revoke(position: Position) -> Step:
    """End with the new key everywhere and an older one that could not be revoked."""
    ids = ids_of(position.doomed) or "of this lineage"
    left = Incomplete(
        "revoke-failed",
        f"The new key stands everywhere, but key {ids} could not be revoked and is still alive.",
        "Run it again: it revokes what is older and issues nothing. If it is exposed, revoke it now at "
        "Neon → API keys.",
    )
    return conclude(position, Status.INCOMPLETE, left.message, (left, *position.progress.errors))


def left_over(position: Position) -> Incomplete | None:
    """Word what an earlier rotation left beside the confirmed key, if it left anything. An overlap is no leftover."""
    situation = position.situation
    gone = position.progress.revoked_ids
    outlived = [key for key in overdue(position.snapshot, situation, position.now) if key.key_id not in gone]
    keys = (*outlived, *(situation.newer if situation.base else ()))
    if not keys:
        return None
    ids = ids_of(keys)
    return Incomplete(
        "rotation-unfinished",
        f"An earlier rotation did not finish: beside the confirmed key, key {ids} is alive.",
        "Run the `rotate` command: it finishes the rotation and revokes what is older.",
    )


def _starved(position: Position) -> bool:
    """Say whether a rotation could not begin: at the bound of live keys, and all that outlived their time are held."""
    idle = not (position.progress.pending or position.progress.revoke_tries) and position.policy.exposure is None
    return idle and position.policy.rotates and crowded(position.situation, position.policy)


def judge(position: Position) -> Step:
    """Read the proof and give the verdict."""
    proof = position.progress.proof or Proof(None, None, None)
    late = [key for key in proof.live or () if key.name in position.progress.tried and position.standing]
    standing_id = position.standing.key_id if position.standing else 0
    strays = [key for key in late if key.key_id != standing_id and not position.progress.revoke_tries.get(key.key_id)]
    if strays:
        return tuple(Revoke(key, position.authority, position.standing) for key in strays)
    if doubt := verdicts.doubt(position, proof):
        failed = isinstance(doubt, SourceError)
        return conclude(position, Status.FAILED if failed else Status.INCOMPLETE, doubt.message, (doubt,))
    made = absent.created(position)
    if not made and _starved(position):
        return refuse(position, (key_guards.too_many(position.situation, position.policy),))
    fresh = position.progress.pending is not None and not position.stands_again
    unfinished = left_over(position) if position.situation.newer and not fresh else None
    broken = verdicts.lock_broken(position) if position.progress.forced and not position.policy.foresees else None
    left = made or unfinished or broken or verdicts.held_too_long(position)
    if left:
        return conclude(position, Status.INCOMPLETE, left.message, (left,))
    changed = position.progress.revoke_tries or (position.progress.pending and not position.stands_again)
    return conclude(position, Status.ROTATED if changed else Status.UNCHANGED, verdicts.done(position, proof), ())
