"""Equal situations made equal: ids renumbered, the texts of dead runs replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rotate.protocol.marker import Lineage, Marker
from rotate.protocol.model import ConfirmedKey, KeyRecord, LiveKey, Note, PendingKey
from tests.protocol.model_world import FIRST, FOREIGN, MINTER, NOW, Outside, fingerprint, key

LINEAGE = Lineage("acme", "0a1b")
OVER = 6


def lineage(outside: Outside) -> list[LiveKey]:
    """Give the live keys that the rotation is about."""
    return [one for one in outside.keys if one.key_id not in (FOREIGN, MINTER)]


def canonical(outside: Outside, now: datetime = NOW) -> Outside:
    """Rename what dead runs left, so that equal situations are equal. Order is kept; `FIRST` keeps its id.

    `now`: when the last run ended; the next one begins at `NOW`.
    """
    note = outside.note
    ids = {one.key_id for one in outside.keys} | set(outside.stored) | (set(note.key_ids()) if note else set())
    new = {old: number for number, old in enumerate(sorted(ids - {FOREIGN, MINTER, FIRST}), FIRST + 1)}
    new |= {FOREIGN: FOREIGN, MINTER: MINTER, FIRST: FIRST}
    names = {old: _name(number) for old, number in new.items()}
    keys = tuple(
        one if one.key_id <= FIRST else key(new[one.key_id], names[one.key_id])
        for one in sorted(outside.keys, key=lambda one: one.key_id)
    )
    lock = outside.lock and replace(outside.lock, run_id=OVER, token="zzzz")
    burnt = frozenset(new[one] for one in outside.burnt if one in new and not outside.alive(one))
    return Outside(
        keys,
        tuple(new[value] for value in outside.stored),
        note and _renamed(note, new, now),
        lock,
        max(new.values()) + 1,
        outside.notebook,
        burnt,
        heard=None if outside.heard is None else False,
    )


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
        confirmed=confirmed and ConfirmedKey(*_record(confirmed, new)),
        previous=previous,
    )


def _record(record: KeyRecord, new: dict[int, int]) -> tuple[int, str, str, datetime]:
    number = new[record.key_id]
    made = key(number, _name(number))
    return number, record.name if number == FIRST else made.name, fingerprint(number), made.created_at


def _name(number: int) -> str:
    return Marker(LINEAGE, OVER, 1, f"k{number:03d}", 1).name()
