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
from rotate.protocol import ending, guards, last_look, lease, locking
from rotate.protocol.absent import is_absent
from rotate.protocol.aspects import Aspect
from rotate.protocol.lacking import written_at
from rotate.protocol.model import NoNotebook, NotebookFacts
from rotate.protocol.noted import ConfirmedKey, Note
from rotate.protocol.roll import dropped
from rotate.protocol.steps import Observe, Rewrite, Status, WriteNote
from rotate.protocol.view import Step, View


def decide(view: View) -> Step:
    """Give the next batch, or the verdict."""
    return _preflight(view) or _write(view) or _judge(view)


def missing(view: View) -> list[str]:
    """Give the destinations that do not surely hold the confirmed key: the note does not know them, or somebody wrote
    them since, by their own clocks."""
    note = view.snapshot.note
    if note is None or note.confirmed is None or note.stood_until is None:
        return list(view.policy.destinations)
    facts = written_at(note, view.snapshot, view.policy)
    held = {name for name, written in facts.items() if written and written <= note.stood_until}
    return [name for name in view.policy.destinations if name not in held]


def _preflight(view: View) -> Step | None:
    if view.holding.put:
        return None
    problems = guards.problems(view.snapshot, view.situation, view.policy, view.now)
    # What an unfinished rotation left in the secret is no replacement by hand.
    unlike = _unfinished(view) or _another(view) or _unconfirmed(view)
    problems = (*problems, *filter(None, (unlike, _nowhere(view))))
    if problems:
        return ending.refuse(view, problems)
    if view.holding.stopping:
        return ending.cancelled(view)
    if view.policy.rehearsal:
        return _foreseen(view)
    return None if view.policy.shards else locking.take(view)


def _foreseen(view: View) -> Step:
    lacking, total = missing(view), counted(len(view.policy.destinations), "destination")
    new = sum(is_absent(view.snapshot.destinations.get(name)) for name in lacking)
    creates = f" and create {new}" if new else ""
    why = f"nothing was changed; `sync` would overwrite {len(lacking) - new}{creates} of {total}"
    return ending.conclude(view, Status.PLANNED, why, ())


def _another(view: View) -> RotateError | None:
    confirmed = _confirmed(view)
    if confirmed is None or view.policy.value_at_hand == confirmed.fingerprint:
        return None
    return Refused(
        "value-differs",
        f"The value at hand is not that of the confirmed key {confirmed.key_id}: this run was queued before the last "
        "rotation, or somebody replaced the secret by hand.",
        "Run it again. If the secret was replaced by hand, run `rotate` with `old_key_id`.",
    )


def _unfinished(view: View) -> RotateError | None:
    """A key that is under way to the destinations would be overwritten by the one before it (R1).

    The note tells of it, or a live key that is newer than the confirmed one: the first write and the note go out at the
    same time, and only one of them may have arrived.
    """
    note = view.snapshot.claim
    if note is None:
        return None
    live = {key.key_id for key in view.snapshot.live}
    ids = [note.pending.key_id] if note.pending and (note.pending.key_id in live or not view.keys_readable) else []
    # A claim that nobody proves is enough to hold back.
    confirmed = note.confirmed.key_id if note.confirmed else None
    base = next((key for key in view.situation.members if key.key_id == confirmed), None)
    ids += [key.key_id for key in view.situation.members if base and key.order > base.order and key.key_id not in ids]
    if not ids:
        return None
    return Refused(
        "rotation-unfinished",
        f"An earlier rotation did not finish: key {', '.join(map(str, ids))} is not confirmed everywhere.",
        "Run the `rotate` command: it finishes the rotation. Then run `sync`.",
    )


def _unconfirmed(view: View) -> RotateError | None:
    """A secret cannot be read back: what is overwritten is gone, so something must say that this value is the one.

    The note does, or the person, who names its key's id. A run that may list keys must find it among them.
    """
    named = view.policy.old_key_id
    listed = not view.keys_readable or named in {key.key_id for key in view.snapshot.live}
    if _confirmed(view) or isinstance(view.snapshot.notebook, RotateError) or (named and listed):
        return None
    return Refused(
        "nothing-confirmed",
        "No note confirms a key, so nothing shows that the value at hand is the one that every destination should "
        "hold. What they hold now cannot be read back: it would be lost.",
        "Run `rotate` first. If you are sure, say which key this value is, by its id at Neon:\n\n    old_key_id: …",
    )


def _nowhere(view: View) -> RotateError | None:
    if not view.policy.shards or not isinstance(view.snapshot.notebook, NoNotebook):
        return None
    return Refused(
        "shard-needs-notebook",
        "A shard of the destinations is written beside others and without a lock, so the note must tell whether a "
        "rotation began meanwhile. There is nowhere to keep one.",
        "Give the token the repository permission Variables: read and write, or leave out `shard`.",
    )


def _confirmed(view: View) -> ConfirmedKey | None:
    return view.snapshot.claim.confirmed if view.snapshot.claim else None


def _write(view: View) -> Step | None:
    holding = view.holding
    lacking = [] if holding.put else missing(view)
    if not lacking:
        return None
    if holding.locked and not lease.lasts(view):
        return ending.refuse(view, (lease.lost(Refused),))
    return tuple(Rewrite(name) for name in lacking)


def _judge(view: View) -> Step:
    holding = view.holding
    if holding.put and not holding.fenced and isinstance(view.snapshot.notebook, NotebookFacts):
        looks = {Aspect.WRITES} if _covers_the_note(view) else set[Aspect]()
        return (Observe(frozenset({Aspect.NOTEBOOK, *looks})),)
    failed = [name for name in holding.put if not holding.confirmed.get(name)]
    problems = tuple(filter(None, (_overtaken(view), _not_everywhere(failed))))
    if problems:
        return ending.conclude(view, Status.INCOMPLETE, problems[0].message, (*problems, *holding.errors))
    note = view.snapshot.note
    if note and holding.looked and holding.noted_confirmed is None:
        return _note_again(view, note)
    total, written = len(view.policy.destinations), len(holding.put)
    key = f"key {confirmed.key_id}" if (confirmed := _confirmed(view)) else "the value at hand"
    others = ", the others held it already" if written < total else ""
    why = f"{key} stands in every destination: {written} of {total} written{others}"
    return ending.conclude(view, Status.UNCHANGED, why, ())


def _covers_the_note(view: View) -> bool:
    """Say whether this run looks after every destination of the note, so that it may tell anew until when they stand.

    A shard does not: its sisters write beside it."""
    note, holding = view.snapshot.note, view.holding
    if note is None or note.confirmed is None or not holding.locked or view.policy.shards:
        return False
    return dropped(note, view.policy.destinations, view.snapshot.owners) == ((), 0)


def _note_again(view: View, note: Note) -> Step:
    """Note until when the writes stand now, if every destination still holds them."""
    holding, found = view.holding, last_look.problems(view)
    if found:
        return ending.conclude(view, Status.INCOMPLETE, found[0].message, (*found, *holding.errors))
    until = max(holding.stood.values())
    return (WriteNote(replace(note, stood_until=until, run_url=view.policy.run.url), confirmed=True),)


def _overtaken(view: View) -> Incomplete | None:
    """Say that the note speaks of another key now, or could not be read again, after something was written."""
    notebook = view.snapshot.notebook
    if not view.holding.put or not (view.holding.fenced or isinstance(notebook, RotateError)):
        return None
    another = _another(view) or _unfinished(view)
    lock = view.snapshot.lock
    held = lock is not None and not guards.breakable(lock, view.policy, view.now)
    foreign = held and not view.policy.run.holds(lock)
    rewritten = view.snapshot.unproven or view.snapshot.bad_note
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
