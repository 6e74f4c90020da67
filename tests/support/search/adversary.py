"""Somebody who may write variables, but has no key: every way in which note and lock can be rewritten.

A note of theirs carries no code of any value, or codes that are wrong, or is an older one of ours, with its codes.
Equal are: notes that differ in what no run can tell from another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

from rotate.protocol.facts.model import LockFacts
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey, PreviousKey
from tests.support.search.canonical import LINEAGE, LIVE_RUN
from tests.support.search.model_world import FOREIGN, NOW, Outside, fingerprint


def rewritings(outside: Outside) -> Iterator[tuple[str, Outside]]:
    """Give each world that one rewriting leads to, and what was done."""
    if not outside.notebook:
        return
    yield "somebody deletes the note", replace(outside, note=None, seals=frozenset(), bad=False)
    yield "somebody garbles or forges the note", replace(outside, note=None, seals=frozenset(), bad=True)
    for note in claims(outside):
        yield f"somebody writes the note {note}", replace(outside, note=note, seals=frozenset(), bad=False)
    for note, seals in outside.past or ():
        yield f"somebody puts back the note {note}", replace(outside, note=note, seals=seals, bad=False)
    for lock in locks(outside):
        yield f"somebody writes the lock {lock}", replace(outside, lock=lock)


def claims(outside: Outside) -> Iterator[Note]:
    """Give notes that claim anything of the keys that live."""
    live = sorted(one.key_id for one in outside.keys)
    for confirmed, everybody, pending in product(
        {None, FOREIGN, *live[2:3], live[-1]}, (False, True), (None, live[-1])
    ):
        previous = [one for one in live if everybody and one not in (confirmed, pending)]
        yield Note(
            LINEAGE.name,
            pending=None if pending is None else PendingKey(*record(outside, pending)),
            confirmed=None if confirmed is None else ConfirmedKey(*record(outside, confirmed)),
            previous=tuple(PreviousKey(one, None, NOW, NOW) for one in previous),
            home=LINEAGE.home,
        )


def record(outside: Outside, key_id: int) -> tuple[int, str, str, datetime]:
    """Describe a live key as a note does."""
    key = next(one for one in outside.keys if one.key_id == key_id)
    return key_id, key.name, fingerprint(key_id), key.created_at


def locks(outside: Outside) -> Iterator[LockFacts | None]:
    """Give locks: none, one that no run of ours wrote, one of a run at work, and that which is there, for longer."""
    soon = NOW + timedelta(minutes=10)
    yield None
    yield LockFacts(0, 0, "", NOW, doubt="it is no lock")
    yield LockFacts(LIVE_RUN, 1, "live", soon)
    if outside.lock:
        yield replace(outside.lock, expires_at=soon)
