"""Equal situations made equal: ids renumbered, the texts of dead runs replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rotate.protocol.facts.marker import Lineage, Marker
from rotate.protocol.facts.model import LiveKey
from rotate.protocol.facts.note import ConfirmedKey, KeyRecord, Note, PendingKey
from tests.support.search.model_world import FIRST, FOREIGN, MINTER, NOW, Outside, fingerprint, key

LINEAGE = Lineage("acme", "0a1b2c3d4e5f6", "0a1b")
OVER, LIVE_RUN = 6, 99


def lineage(outside: Outside) -> list[LiveKey]:
    """Give the live keys that the rotation is about."""
    return [one for one in outside.keys if one.key_id not in (FOREIGN, MINTER)]


def canonical(outside: Outside, now: datetime = NOW) -> Outside:
    """Rename what dead runs left, so that equal situations are equal. Order is kept; `FIRST` keeps its id.

    `now`: when the last run ended; the next one begins at `NOW`.
    """
    note = outside.note and _needed(outside.note, outside, now)
    ids = {one.key_id for one in outside.keys} | set(outside.stored) | (set(note.key_ids()) if note else set())
    new = {old: number for number, old in enumerate(sorted(ids - {0, FOREIGN, MINTER, FIRST}), FIRST + 1)}
    new |= {0: 0, FOREIGN: FOREIGN, MINTER: MINTER, FIRST: FIRST}
    names = {old: _name(number) for old, number in new.items()}
    keys = tuple(
        one if one.key_id <= FIRST else key(new[one.key_id], names[one.key_id])
        for one in sorted(outside.keys, key=lambda one: one.key_id)
    )
    lock = outside.lock
    if lock and not lock.doubt and lock.run_id != LIVE_RUN:
        lock = replace(lock, run_id=OVER, token="zzzz")
    burnt = frozenset(new[one] for one in outside.burnt if one in new and not outside.alive(one))
    primary, *rest = zip((new[value] for value in outside.stored), _since(outside), strict=True)
    rest.sort()
    return Outside(
        keys,
        tuple(value for value, _ in (primary, *rest)),
        note and _renamed(note, new, now),
        lock,
        max(new.values()) + 1,
        outside.notebook,
        burnt,
        heard=None if outside.heard is None else False,
        seals=_sealing(outside.seals, new, outside),
        bad=outside.bad,
        past=outside.past and _past(outside, new, now),
        written=tuple(at for _, at in (primary, *rest)) if outside.written else (),
        tells=outside.tells,
    )


def _since(outside: Outside) -> list[datetime]:
    """Keep of write times only what a later run can tell: whether it is later than the note says ours were."""
    until = max((at for _, at in outside.note.stood_until), default=None) if outside.note else None
    late = [until is not None and at > until for at in outside.written or [NOW] * len(outside.stored)]
    return [NOW + timedelta(seconds=one) for one in late]


def _sealing(seals: frozenset[int], new: dict[int, int], outside: Outside) -> frozenset[int]:
    """Keep of the values that vouch for a note those that somebody may still have at hand."""
    return frozenset(new[one] for one in seals if one in outside.stored or outside.alive(one))


def _past(outside: Outside, new: dict[int, int], now: datetime) -> tuple[tuple[Note, frozenset[int]], ...]:
    """Rename the notes that may be put back; one that names what is forgotten by now says nothing any more."""
    kept = []
    for note, seals in outside.past or ():
        shorter = _needed(note, outside, now)
        if set(shorter.key_ids()) <= set(new):
            kept.append((_renamed(shorter, new, now), _sealing(seals, new, outside)))
    return tuple(kept)


def _needed(note: Note, outside: Outside, now: datetime) -> Note:
    """Drop from a note what no run can tell from nothing: keys that are dead and stored nowhere, and keys whose value
    nobody has and which may go at once.
    """
    held = {one.key_id for one in outside.keys} | set(outside.stored)
    idle = {one.key_id for one in note.previous if one.fingerprint is None and one.revoke_after <= now}
    pending = note.pending if note.pending and note.pending.key_id in held else None
    abandoned = tuple(one for one in note.abandoned if one.key_id in held)
    return replace(
        note,
        pending=pending,
        abandoned=abandoned,
        previous=tuple(one for one in note.previous if one.key_id in held - idle),
    )


def simpler(outside: Outside) -> Outside:
    """Let the lock of a dead run be gone, and of lost keys in a row, which nobody holds and no note names, keep one."""
    known = set(outside.stored) | (set(outside.note.key_ids()) if outside.note else set())
    lost = [one.key_id > FIRST and one.key_id not in known for one in outside.keys]
    before = [False, *lost]
    kept = tuple(one for one, last, this in zip(outside.keys, before, lost, strict=False) if not (last and this))
    return canonical(replace(outside, keys=kept, lock=None))


def later(outside: Outside) -> Outside:
    """Let every overlap end."""
    note = outside.note
    if note is None:
        return outside
    return replace(outside, note=replace(note, previous=tuple(replace(one, revoke_after=NOW) for one in note.previous)))


def _renamed(note: Note, new: dict[int, int], now: datetime) -> Note:
    pending, confirmed = note.pending, note.confirmed
    previous = tuple(
        replace(
            one,
            key_id=new[one.key_id],
            fingerprint=one.fingerprint and fingerprint(new[one.key_id]),
            superseded_at=NOW,
            revoke_after=NOW + max(one.revoke_after - now, timedelta()),
        )
        for one in note.previous
    )
    return replace(
        note,
        pending=pending and PendingKey(*_record(pending, new)),
        abandoned=tuple(PendingKey(*_record(one, new)) for one in note.abandoned),
        confirmed=confirmed and ConfirmedKey(*_record(confirmed, new)),
        stood_until=tuple((kind, NOW) for kind, _ in note.stood_until),
        previous=previous,
    )


def _record(record: KeyRecord, new: dict[int, int]) -> tuple[int, str, str, datetime]:
    number = new[record.key_id]
    made = key(number, _name(number))
    return number, record.name if number == FIRST else made.name, fingerprint(number), made.created_at


def _name(number: int) -> str:
    return Marker(LINEAGE, OVER, 1, f"k{number:03d}", 1).name()
