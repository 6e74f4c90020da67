"""The verdicts of runs that change nothing: `check`, a `sweep` with nothing to sweep, a key that is not due."""

from __future__ import annotations

from rotate.errors import Refused, RotateError
from rotate.protocol import ending, guards, overlap
from rotate.protocol.policy import Command
from rotate.protocol.steps import Finish, Status
from rotate.protocol.triggers import days
from rotate.protocol.view import Step, View


def only_looks(view: View) -> bool:
    """Say whether the command never changes anything."""
    return view.policy.command is Command.CHECK


def verdict(view: View) -> Finish:
    """Judge the credential as it stands (`check`)."""
    problems = guards.problems(view.snapshot, view.situation, view.policy, view.now)
    if problems:
        return Finish(ending.status_of(problems), problems[0].message, problems)
    note = view.snapshot.note
    if note and note.confirmed and not view.situation.confirmed:
        gone: RotateError = Refused(
            "confirmed-key-gone",
            f"Key {note.confirmed.key_id}, which every destination holds, is no longer alive at Neon.",
            "Run the `rotate` command: it issues a new key and writes it everywhere.",
        )
        return Finish(Status.REFUSED, gone.message, (gone,))
    left = ending.left_over(view)
    if left:
        return Finish(Status.INCOMPLETE, left.message, (left,))
    stale = _too_old(view)
    return Finish(Status.REFUSED, stale.message, (stale,)) if stale else Finish(Status.UNCHANGED, _healthy(view))


def _too_old(view: View) -> RotateError | None:
    base, limit = view.situation.base, view.policy.max_age
    if base is None or limit is None or view.now - base.created_at <= limit:
        return None
    return Refused(
        "key-too-old",
        f"Key {base.key_id} is {days(view.now - base.created_at)} old; `max_age` is {days(limit)}.",
        "Run the `rotate` command, and find out why its schedule did not: GitHub stops schedules of a repository "
        "without activity after 60 days.",
    )


def nothing_to_do(view: View) -> Step:
    """End a `rotate` or `sweep` that has no reason to act."""
    unfinished = view.situation.newer and view.situation.confirmed
    left = ending.left_over(view) if unfinished else None
    if left:
        return ending.conclude(view, Status.INCOMPLETE, left.message, (left,))
    return ending.conclude(view, Status.UNCHANGED, _healthy(view), ())


def _healthy(view: View) -> str:
    base = view.situation.base
    if base is None:
        return "no key is confirmed yet, so nothing may be revoked"
    age = days(view.now - base.created_at)
    limit = view.policy.cadence.rotate_after
    due = f"; it is rotated when it is {days(limit)} old" if limit else ""
    closed = view.policy.cadence.closed(view.now)
    later = f"; nothing routine begins now: {closed}" if closed and view.policy.rotates else ""
    kept = "".join(
        f"; key {one.key.key_id} stays valid until {one.until:%F %T} UTC" for one in overlap.held(view) if view.doomed
    )
    return f"key {base.key_id} is alive and {age} old{due}{later}{kept}"
