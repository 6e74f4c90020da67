"""The verdicts of runs that change nothing: `check`, a `sweep` with nothing to sweep, a key that is not due."""

from __future__ import annotations

from datetime import datetime

from rotate.errors import Incomplete, Refused, RotateError
from rotate.protocol.decisions import ending, guards, overlap
from rotate.protocol.decisions.lacking import lacking
from rotate.protocol.decisions.last_look import AGAIN
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.decisions.triggers import days
from rotate.protocol.facts.model import NotebookFacts
from rotate.protocol.facts.moves import Finish, Status
from rotate.protocol.facts.policy import Command

NOTHING_CONFIRMED = "no key is confirmed yet, so nothing may be revoked"


def verdict(position: Position) -> Finish:
    """Judge the credential as it stands (`check`): every problem at once, nothing changed."""
    problems = guards.problems(position.snapshot, position.situation, position.policy, position.now)
    if not problems:
        # Without a note that is proven nothing tells what is left over.
        silent = _at_work(position) or position.snapshot.unproven
        left = () if silent else (ending.left_over(position), _not_held(position))
        found = (_gone(position), _another_generation(position), *left, _too_old(position))
        problems = tuple(problem for problem in found if problem)
    if not problems:
        return Finish(Status.UNCHANGED, _healthy(position))
    if all(isinstance(problem, Incomplete) for problem in problems):
        return Finish(Status.INCOMPLETE, problems[0].message, problems)
    return Finish(ending.status_of(problems), problems[0].message, problems)


def _at_work(position: Position) -> bool:
    """Say whether another run is rotating: what lies about is then its business. A canary is such a check."""
    held = position.snapshot.lock
    return held is not None and not guards.breakable(held, position.policy, position.now)


def _gone(position: Position) -> RotateError | None:
    note = position.snapshot.note
    if not note or not note.confirmed or position.situation.confirmed or not position.keys_readable:
        return None
    return Refused(
        "confirmed-key-gone",
        f"Key {note.confirmed.key_id}, which every destination holds, is no longer alive at Neon.",
        "Run the `rotate` command: it issues a new key and writes it everywhere.",
    )


def _not_held(position: Position) -> RotateError | None:
    """Say that a destination was emptied, or written by somebody, since the key was confirmed there."""
    lack = lacking(position.snapshot, position.policy, older=False)
    if lack is None:
        return None
    message = f"Not every destination surely holds the key that was confirmed there: {lack.sentence}."
    return Incomplete(lack.reason, message, f"Find out who writes there. {AGAIN}")


def _another_generation(position: Position) -> RotateError | None:
    note, at_hand = position.snapshot.claim, position.policy.value_at_hand
    if not note or not note.confirmed or at_hand in (None, note.confirmed.fingerprint):
        return None
    if position.situation.newer and not position.snapshot.unproven:
        return None
    return Refused(
        "value-differs",
        f"The value at hand is not that of the confirmed key {note.confirmed.key_id}: this run was queued before the "
        "last rotation, or what holds it is no destination of the rotation.",
        "Run it again. If it goes on, add this place to the destinations, or store the value there by hand once more.",
    )


def _too_old(position: Position) -> RotateError | None:
    made, limit = _made(position), position.policy.max_age
    if limit is None or (made and position.now - made[1] <= limit):
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
        f"Key {made[0]} is {days(position.now - made[1])} old; `max_age` is {days(limit)}.",
        "Run the `rotate` command, and find out why its schedule did not: GitHub stops schedules of a repository "
        "without activity after 60 days.",
    )


def _made(position: Position) -> tuple[int, datetime] | None:
    """Give the id of the key in use and when it was made: from the list, or, where that may not be read, the note.

    Without a note the newest key of the lineage stands in: `check` changes nothing, so that this may be supposed.
    """
    newest = position.situation.base or next(reversed(position.situation.members), None)
    if newest:
        return newest.key_id, newest.created_at - position.snapshot.source_ahead
    note = position.snapshot.note
    return (note.confirmed.key_id, note.confirmed.at) if note and note.confirmed else None


def nothing_to_do(position: Position) -> Step:
    """End a `rotate` or `sweep` that has no reason to act."""
    unfinished = position.situation.newer and position.situation.confirmed
    left = ending.left_over(position) if unfinished else None
    if left:
        return ending.conclude(position, Status.INCOMPLETE, left.message, (left,))
    return ending.conclude(position, Status.UNCHANGED, _healthy(position), ())


def _unmanaged(position: Position) -> str:
    nobody = isinstance(position.snapshot.notebook, NotebookFacts) and position.snapshot.claim is None
    return "the key answers 200" + ("; no rotation has looked after it yet" if nobody else "")


def _healthy(position: Position) -> str:
    made = _made(position)
    if made is None:
        return _unmanaged(position) if position.policy.command is Command.CHECK else NOTHING_CONFIRMED
    limit = position.policy.cadence.rotate_after
    due = f"; it is rotated when it is {days(limit)} old" if limit else ""
    closed = position.policy.cadence.closed(position.now)
    later = f"; nothing routine begins now: {closed}" if closed and position.policy.rotates else ""
    kept = "".join(
        f"; key {one.key.key_id} stays valid until {one.until:%F %T} UTC"
        for one in overlap.held(position)
        if position.doomed
    )
    return f"key {made[0]} is alive and {days(position.now - made[1])} old{due}{later}{kept}"
