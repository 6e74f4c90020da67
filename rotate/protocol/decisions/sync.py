"""`sync`: the value at hand reaches every destination that does not surely hold it; no key is issued, none revoked.

 0  Preflight: the value answers 200, and the note, where there is one, confirms it and no other.
 1  Lock. A shard of the destinations takes none, since its sisters write beside it: it needs to see the note, and that
    no other run holds the lock.
 4  Put the value at hand, to all at once, and confirm each.
 6  Look at the note once more: a rotation that began meanwhile wrote another value. And at all destinations, where
    they are all that the note knows: then it tells anew until when they stand, and older keys may go.

A rotation that drains (protocol: step 7) holds the key which a sync that is under way may still write.
"""

from __future__ import annotations

from dataclasses import replace

from rotate.errors import Incomplete, Refused, RotateError, counted
from rotate.protocol.decisions import ending, guards, last_look, locking
from rotate.protocol.decisions.absent import is_absent
from rotate.protocol.decisions.lacking import marks
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.destination import later
from rotate.protocol.facts.known_places import dropped
from rotate.protocol.facts.model import NoNotebook, NotebookFacts
from rotate.protocol.facts.moves import Observe, Rewrite, Status, WriteNote
from rotate.protocol.facts.note import ConfirmedKey, Note, latest


def decide(position: Position) -> Step:
    """Give the next batch, or the verdict."""
    return _preflight(position) or _write(position) or _judge(position)


def missing(position: Position) -> list[str]:
    """Give the destinations that do not surely hold the confirmed key: the note does not know them, or somebody wrote
    them since, by their own clocks."""
    note = position.snapshot.note
    if note is None or note.confirmed is None:
        return list(position.policy.destinations)
    facts = marks(note, position.snapshot, position.policy)
    held = {name for name, mark in facts.items() if mark and not later(mark, note.until(name, mark))}
    return [name for name in position.policy.destinations if name not in held]


def _preflight(position: Position) -> Step | None:
    if position.progress.put:
        return None
    problems = guards.problems(position.snapshot, position.situation, position.policy, position.now)
    # What an unfinished rotation left in the secret is no replacement by hand.
    unlike = _unfinished(position) or _another(position) or _unconfirmed(position)
    problems = (*problems, *filter(None, (unlike, _nowhere(position))))
    if problems:
        return ending.refuse(position, problems)
    if position.progress.stopping:
        return ending.cancelled(position)
    if position.policy.rehearsal:
        return _foreseen(position)
    return None if position.policy.shards else locking.take(position)


def _foreseen(position: Position) -> Step:
    lacking, total = missing(position), counted(len(position.policy.destinations), "destination")
    new = sum(is_absent(position.snapshot.destinations.get(name)) for name in lacking)
    creates = f" and create {new}" if new else ""
    why = f"nothing was changed; `sync` would overwrite {len(lacking) - new}{creates} of {total}"
    return ending.conclude(position, Status.PLANNED, why, ())


def _another(position: Position) -> RotateError | None:
    confirmed = _confirmed(position)
    if confirmed is None or position.policy.value_at_hand == confirmed.fingerprint:
        return None
    return Refused(
        "value-differs",
        f"The value at hand is not that of the confirmed key {confirmed.key_id}: this run was queued before the last "
        "rotation, or somebody replaced the secret by hand.",
        "Run it again. If the secret was replaced by hand, run `rotate` with `old_key_id`.",
    )


def _unfinished(position: Position) -> RotateError | None:
    """A key that is under way to the destinations would be overwritten by the one before it (R1).

    The note tells of it, or a live key that is newer than the confirmed one: the first write and the note go out at the
    same time, and only one of them may have arrived.
    """
    note = position.snapshot.claim
    if note is None:
        return None
    live = {key.key_id for key in position.snapshot.live}
    ids = [note.pending.key_id] if note.pending and (note.pending.key_id in live or not position.keys_readable) else []
    # A claim that nobody proves is enough to hold back.
    confirmed = note.confirmed.key_id if note.confirmed else None
    base = next((key for key in position.situation.members if key.key_id == confirmed), None)
    ids += [
        key.key_id for key in position.situation.members if base and key.order > base.order and key.key_id not in ids
    ]
    if not ids:
        return None
    return Refused(
        "rotation-unfinished",
        f"An earlier rotation did not finish: key {', '.join(map(str, ids))} is not confirmed everywhere.",
        "Run the `rotate` command: it finishes the rotation. Then run `sync`.",
    )


def _unconfirmed(position: Position) -> RotateError | None:
    """A secret cannot be read back: what is overwritten is gone, so something must say that this value is the one.

    The note does, or the person, who names its key's id. A run that may list keys must find it among them.
    """
    named = position.policy.old_key_id
    listed = not position.keys_readable or named in {key.key_id for key in position.snapshot.live}
    if _confirmed(position) or isinstance(position.snapshot.notebook, RotateError) or (named and listed):
        return None
    return Refused(
        "nothing-confirmed",
        "No note confirms a key, so nothing shows that the value at hand is the one that every destination should "
        "hold. What they hold now cannot be read back: it would be lost.",
        "Run `rotate` first. If you are sure, say which key this value is, by its id at Neon:\n\n    old_key_id: …",
    )


def _nowhere(position: Position) -> RotateError | None:
    if not position.policy.shards or not isinstance(position.snapshot.notebook, NoNotebook):
        return None
    return Refused(
        "shard-needs-notebook",
        "A shard of the destinations is written beside others and without a lock, so the note must tell whether a "
        "rotation began meanwhile. There is nowhere to keep one.",
        "Give the token the repository permission Variables: read and write, or leave out `shard`.",
    )


def _confirmed(position: Position) -> ConfirmedKey | None:
    return position.snapshot.claim.confirmed if position.snapshot.claim else None


def _write(position: Position) -> Step | None:
    progress = position.progress
    lacking = [] if progress.put else missing(position)
    if not lacking:
        return None
    if progress.locked and not position.lease_lasts:
        return ending.refuse(position, (ending.lock_lost(Refused),))
    return tuple(Rewrite(name) for name in lacking)


def _judge(position: Position) -> Step:
    progress = position.progress
    if progress.put and not progress.fenced and isinstance(position.snapshot.notebook, NotebookFacts):
        looks = {Aspect.WRITES} if _covers_the_note(position) else set[Aspect]()
        return (Observe(frozenset({Aspect.NOTEBOOK, *looks})),)
    failed = [name for name in progress.put if not progress.confirmed.get(name)]
    problems = tuple(filter(None, (_overtaken(position), _not_everywhere(failed))))
    if problems:
        return ending.conclude(position, Status.INCOMPLETE, problems[0].message, (*problems, *progress.errors))
    note = position.snapshot.note
    if note and progress.looked and progress.noted_confirmed is None:
        return _note_again(position, note)
    total, written = len(position.policy.destinations), len(progress.put)
    key = f"key {confirmed.key_id}" if (confirmed := _confirmed(position)) else "the value at hand"
    others = ", the others held it already" if written < total else ""
    why = f"{key} stands in every destination: {written} of {total} written{others}"
    return ending.conclude(position, Status.UNCHANGED, why, ())


def _covers_the_note(position: Position) -> bool:
    """Say whether this run looks after every destination of the note, so that it may tell anew until when they stand.

    A shard does not: its sisters write beside it."""
    note, progress = position.snapshot.note, position.progress
    if note is None or note.confirmed is None or not progress.locked or position.policy.shards:
        return False
    return dropped(note, position.policy.destinations, position.snapshot.owners) == ((), 0)


def _note_again(position: Position, note: Note) -> Step:
    """Note until when the writes stand now, if every destination still holds them."""
    progress, found = position.progress, last_look.problems(position)
    if found:
        return ending.conclude(position, Status.INCOMPLETE, found[0].message, (*found, *progress.errors))
    until = latest(progress.stood, note.stood_until)
    return (WriteNote(replace(note, stood_until=until, run_url=position.policy.run.url), confirmed=True),)


def _overtaken(position: Position) -> Incomplete | None:
    """Say that the note speaks of another key now, or could not be read again, after something was written."""
    notebook = position.snapshot.notebook
    if not position.progress.put or not (position.progress.fenced or isinstance(notebook, RotateError)):
        return None
    another = _another(position) or _unfinished(position)
    lock = position.snapshot.lock
    held = lock is not None and not guards.breakable(lock, position.policy, position.now)
    foreign = held and not position.policy.run.holds(lock)
    rewritten = position.snapshot.unproven or position.snapshot.bad_note
    if not (another or foreign or rewritten or isinstance(notebook, RotateError)):
        return None
    return Incomplete(
        "sync-overtaken",
        "While this run wrote, another rotation may have begun: what was written may be the value before it.",
        "Run `sync` again, with the value that is current then, and until that revoke nothing by hand. Give the "
        "workflows one `concurrency:` group.",
    )


def _not_everywhere(failed: list[str]) -> Incomplete | None:
    if not failed:
        return None
    return Incomplete(
        "sync-unfinished",
        f"The value is not confirmed in: {', '.join(failed)}. It is valid; no key was revoked.",
        "Mend what the other messages name and run `sync` again: it writes what is left.",
    )
