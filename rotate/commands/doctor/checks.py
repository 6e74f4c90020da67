"""What `doctor` found: judgement of destinations, the note, the lock and the key.

Write permission cannot be proven without a write (facts: GitHub §2.5): where nothing tells of it, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from rotate.errors import Incomplete, Refused, RotateError
from rotate.protocol.decisions import guards, narrowing
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.model import LockFacts, NoNotebook, NotebookFacts, Snapshot
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import Command, Policy
from rotate.protocol.story.findings import Finding, State, Writes

NOT_SHOWN = "may read; write is not shown"
SHOWN = "may read and write"
NARROWER = "the secret holds a personal key, where a project-scoped one may do (docs/narrower-key.md)"


def destination(name: str, reading: DestinationFacts | RotateError, writes: Writes, more: str = "") -> Finding:
    """Say what may be done at a destination. `more`: what else is known of it."""
    if isinstance(reading, RotateError):
        return Finding.problem(name, reading)
    if isinstance(writes, RotateError):
        return Finding.problem(name, writes)
    at = reading.written_at
    held = "its value can be read" if reading.holds and reading.holds.fingerprint else "its value cannot be read"
    stored = held if reading.mark else "nothing is stored yet"
    written = f"written {at:%F %T} UTC" if at else stored
    return _reached(name, f"; {written}{more and f'; {more}'}", shown=writes or reading.may_write)


def notebook(
    seen: Snapshot, where: tuple[str, str], writes: Writes, policy: Policy, now: datetime
) -> Iterator[Finding]:
    """Say whether the note and the lock can be kept, and what they say."""
    found = seen.notebook
    if isinstance(found, RotateError):
        yield Finding.problem(where[0], found)
    elif isinstance(found, NoNotebook):
        yield Finding.problem(where[0], Refused("no-notebook", found.why, found.remedy))
    else:
        yield from _kept(seen, found, where, writes, policy, now)


def _kept(
    seen: Snapshot, found: NotebookFacts, where: tuple[str, str], writes: Writes, policy: Policy, now: datetime
) -> Iterator[Finding]:
    if isinstance(writes, RotateError):
        yield Finding.problem(where[0], writes)
    elif found.bad is not None:
        yield Finding.problem(where[0], found.bad)
    else:
        told = _note(found.note, seen) if found.proven else "no value at hand vouches for what it says"
        yield _reached(where[0], f"; {told}", shown=writes and found.proven)
    yield _lock(found.lock, where[1], policy, now)


def _reached(about: str, more: str, *, shown: bool) -> Finding:
    return Finding(about, State.WELL, SHOWN + more) if shown else Finding(about, State.UNKNOWN, NOT_SHOWN + more)


def _note(note: Note | None, seen: Snapshot) -> str:
    if note is None:
        return "there is none yet"
    parts = [f"it confirms key {note.confirmed.key_id} since {note.confirmed.at:%F %T} UTC"] if note.confirmed else []
    parts += [f"key {note.pending.key_id} is not yet everywhere"] if note.pending else []
    listed = {key.key_id for key in seen.live}
    alive = [one.key_id for one in note.previous if isinstance(seen.keys, RotateError) or one.key_id in listed]
    parts += [f"of the older keys {', '.join(map(str, alive))} may be alive"] if alive else []
    return ", ".join(parts) or "it names no key"


def _lock(held: LockFacts | None, where: str, policy: Policy, now: datetime) -> Finding:
    if held is None:
        return Finding(where, State.WELL, "free")
    if not guards.breakable(held, policy, now):
        return Finding.problem(where, guards.lock_held(held))
    if held.doubt:
        message = f"The rotation lock was written by no run of ours: {held.doubt}."
        remedy = "The next rotation takes it over. Find out who may write the variables of this repository."
        return Finding(where, State.WELL, message, Incomplete("lock-stale", message, remedy))
    over = "its run is over" if held.run_completed else f"it ended {held.expires_at:%F %T} UTC"
    message = f"The rotation lock of run {held.run_id} (attempt {held.attempt}) is stale: {over}."
    remedy = "Nothing: the next rotation takes it over, and finishes what that run left. See why that run ended."
    return Finding(where, State.WELL, message, Incomplete("lock-stale", message, remedy))


def key(seen: Snapshot, policy: Policy, now: datetime) -> Iterator[Finding]:
    """Say whether the key in `api_key` answers and may issue, and whether the one being replaced answers."""
    situation = assess(seen, policy)
    if isinstance(seen.issuer, RotateError):
        yield Finding.problem("`api_key`", seen.issuer)
        return
    refused = [*guards.issuer(seen, situation, policy, now)]
    # A dead key may not list, and one that may not issue needs no second reason.
    refused += [seen.keys] if isinstance(seen.keys, RotateError) and not refused else []
    yield from (Finding.problem("`api_key`", error) for error in refused)
    wide = f"; {NARROWER}" if narrowing.personal(seen, policy) else ""
    if not refused:
        yield _issuer(seen, policy, wide if policy.self_rotation else "")
    if isinstance(seen.previous, RotateError):
        yield Finding.problem("`current_key`", seen.previous)
    elif seen.previous is not None:
        wrong = [*guards.previous_value(seen, situation, policy, now)]
        yield from (Finding.problem("`current_key`", error) for error in wrong)
        if not wrong:
            yield Finding("`current_key`", State.WELL, f"it answers 200, and is {policy.scope} as stated{wide}")


def _issuer(seen: Snapshot, policy: Policy, wide: str) -> Finding:
    told = f"it answers 200 and lists {len(seen.live)} live keys"
    if policy.org_id is None:
        return Finding("`api_key`", State.WELL, f"{told}; a personal key may issue another{wide}")
    # Who may list an organization's keys is not shown to be an Admin, and only an Admin may issue (Neon's docs).
    return Finding("`api_key`", State.UNKNOWN, f"{told} of {policy.org_id}; that it may issue there is not shown")


def next_rotation(seen: Snapshot, policy: Policy, findings: Sequence[Finding], now: datetime) -> Iterator[Finding]:
    """Say why a rotation would be refused now, as far as the other findings have not said it."""
    asked = replace(policy, command=Command.PLAN)
    told = {(one.error.reason, one.error.message) for one in findings if one.error}
    for error in guards.problems(seen, assess(seen, asked), asked, now):
        if (error.reason, error.message) not in told:
            yield Finding.problem("The next rotation", error)
