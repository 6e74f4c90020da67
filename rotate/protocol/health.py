"""The verdicts of runs that change nothing: `check`, a `sweep` with nothing to sweep, a key that is not due."""

from __future__ import annotations

from datetime import datetime

from rotate.errors import Incomplete, Refused, RotateError
from rotate.protocol import ending, guards, overlap
from rotate.protocol.lacking import lacking
from rotate.protocol.last_look import AGAIN
from rotate.protocol.model import NotebookFacts
from rotate.protocol.policy import Command
from rotate.protocol.steps import Finish, Status
from rotate.protocol.triggers import days
from rotate.protocol.view import Step, View

NOTHING_CONFIRMED = "no key is confirmed yet, so nothing may be revoked"


def only_looks(view: View) -> bool:
    """Say whether the command never changes anything."""
    return view.policy.command is Command.CHECK


def verdict(view: View) -> Finish:
    """Judge the credential as it stands (`check`): every problem at once, nothing changed."""
    problems = guards.problems(view.snapshot, view.situation, view.policy, view.now)
    if not problems:
        # Without a note that is proven nothing tells what is left over.
        silent = _at_work(view) or view.snapshot.unproven
        left = () if silent else (ending.left_over(view), _not_held(view))
        found = (_gone(view), _another_generation(view), *left, _too_old(view))
        problems = tuple(problem for problem in found if problem)
    if not problems:
        return Finish(Status.UNCHANGED, _healthy(view))
    if all(isinstance(problem, Incomplete) for problem in problems):
        return Finish(Status.INCOMPLETE, problems[0].message, problems)
    return Finish(ending.status_of(problems), problems[0].message, problems)


def _at_work(view: View) -> bool:
    """Say whether another run is rotating: what lies about is then its business. A canary is such a check."""
    held = view.snapshot.lock
    return held is not None and not guards.breakable(held, view.policy, view.now)


def _gone(view: View) -> RotateError | None:
    note = view.snapshot.note
    if not note or not note.confirmed or view.situation.confirmed or not view.keys_readable:
        return None
    return Refused(
        "confirmed-key-gone",
        f"Key {note.confirmed.key_id}, which every destination holds, is no longer alive at Neon.",
        "Run the `rotate` command: it issues a new key and writes it everywhere.",
    )


def _not_held(view: View) -> RotateError | None:
    """Say that a destination was emptied, or written by somebody, since the key was confirmed there."""
    lack = lacking(view.snapshot, view.policy, older=False)
    if lack is None:
        return None
    message = f"Not every destination surely holds the key that was confirmed there: {lack.sentence}."
    return Incomplete(lack.reason, message, f"Find out who writes there. {AGAIN}")


def _another_generation(view: View) -> RotateError | None:
    note, at_hand = view.snapshot.claim, view.policy.value_at_hand
    if not note or not note.confirmed or at_hand in (None, note.confirmed.fingerprint):
        return None
    if view.situation.newer and not view.snapshot.unproven:
        return None
    return Refused(
        "value-differs",
        f"The value at hand is not that of the confirmed key {note.confirmed.key_id}: this run was queued before the "
        "last rotation, or what holds it is no destination of the rotation.",
        "Run it again. If it goes on, add this place to the destinations, or store the value there by hand once more.",
    )


def _too_old(view: View) -> RotateError | None:
    made, limit = _made(view), view.policy.max_age
    if limit is None or (made and view.now - made[1] <= limit):
        return None
    if made is None:
        return Refused(
            "key-age-unknown",
            f"`max_age` is {days(limit)}, but nothing tells how old this key is: it may not list keys, or was made by "
            "hand, and no note was read.",
            "Give in `github_token` one that may read the repository's variables, where the note is; or the key's id:"
            "\n\n    old_key_id: …",
        )
    return Refused(
        "key-too-old",
        f"Key {made[0]} is {days(view.now - made[1])} old; `max_age` is {days(limit)}.",
        "Run the `rotate` command, and find out why its schedule did not: GitHub stops schedules of a repository "
        "without activity after 60 days.",
    )


def _made(view: View) -> tuple[int, datetime] | None:
    """Give the id of the key in use and when it was made: from the list, or, where that may not be read, the note.

    Without a note the newest key of the lineage stands in: `check` changes nothing, so that this may be supposed.
    """
    newest = view.situation.base or next(reversed(view.situation.members), None)
    if newest:
        return newest.key_id, newest.created_at - view.snapshot.source_ahead
    note = view.snapshot.note
    return (note.confirmed.key_id, note.confirmed.at) if note and note.confirmed else None


def nothing_to_do(view: View) -> Step:
    """End a `rotate` or `sweep` that has no reason to act."""
    unfinished = view.situation.newer and view.situation.confirmed
    left = ending.left_over(view) if unfinished else None
    if left:
        return ending.conclude(view, Status.INCOMPLETE, left.message, (left,))
    return ending.conclude(view, Status.UNCHANGED, _healthy(view), ())


def _unmanaged(view: View) -> str:
    nobody = isinstance(view.snapshot.notebook, NotebookFacts) and view.snapshot.claim is None
    return "the key answers 200" + ("; no rotation has looked after it yet" if nobody else "")


def _healthy(view: View) -> str:
    made = _made(view)
    if made is None:
        return _unmanaged(view) if view.policy.command is Command.CHECK else NOTHING_CONFIRMED
    limit = view.policy.cadence.rotate_after
    due = f"; it is rotated when it is {days(limit)} old" if limit else ""
    closed = view.policy.cadence.closed(view.now)
    later = f"; nothing routine begins now: {closed}" if closed and view.policy.rotates else ""
    kept = "".join(
        f"; key {one.key.key_id} stays valid until {one.until:%F %T} UTC" for one in overlap.held(view) if view.doomed
    )
    return f"key {made[0]} is alive and {days(view.now - made[1])} old{due}{later}{kept}"
