"""Which destinations a note knows, where their names are more than it can hold.

GitHub lets a variable have 48 KB. A note of so many destinations keeps the first names that fit, and of all of them the
number, one digest, and a mark each: 24 bits of a hash. The digest tells exactly whether anything was added or dropped,
the marks which of today's destinations is new (wrong only where a new name shares its mark with one dropped in the same
change: one in 16 million for each such pair), and how many are gone. Those gone can be named as far as the names go.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from rotate.protocol.noted import Note, Unnamed

MARK = 3
MARK_TEXT = 4


def shortened(names: Sequence[str], room: int) -> tuple[tuple[str, ...], Unnamed]:
    """Give the names that fit into so many characters of JSON beside the marks, and what stands for all of them."""
    marks = b"".join(sorted(map(_mark, names))) if len(names) * MARK_TEXT <= room else b""
    sizes = accumulate(len(json.dumps(name)) + len(", ") for name in names)
    named = sum(size <= room - len(marks) * MARK_TEXT // MARK for size in sizes)
    return tuple(names[:named]), Unnamed(len(names), _digest(names), base64.b64encode(marks).decode())


def added(note: Note, names: Sequence[str]) -> str:
    """Say what of today's destinations the note does not know; nothing where it knows them all."""
    if note.unnamed is None:
        known = set(note.destinations)
        found = next((name for name in names if name not in known), None)
    elif note.unnamed.digest == _digest(names):
        return ""
    elif not note.unnamed.marks:
        return "some destination was added or dropped (the note has no room to tell which)"
    else:
        marks = _marks(note.unnamed)
        found = next((name for name in names if not _taken(marks, name)), None)
    return f"{found} was added" if found else ""


def known(note: Note, names: Sequence[str]) -> frozenset[str]:
    """Give which of today's destinations the note surely knows; of one that cannot name them all, all or none."""
    if note.unnamed is None:
        return frozenset(note.destinations)
    return frozenset() if added(note, names) else frozenset(names)


def dropped(note: Note, names: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Give the destinations of the note that are none any more, and how many more there are whose names it lacks."""
    known = note.unnamed
    if known and known.digest == _digest(names):
        return (), 0
    gone = tuple(sorted(set(note.destinations) - set(names)))
    if known is None:
        return gone, 0
    marks = _marks(known)
    kept = sum(_taken(marks, name) for name in names) if known.marks else min(len(names), known.count)
    return gone, max(0, known.count - kept - len(gone))


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _mark(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:MARK]


def _marks(known: Unnamed) -> Counter[bytes]:
    data = base64.b64decode(known.marks)
    return Counter(data[start : start + MARK] for start in range(0, len(data), MARK))


def _taken(marks: Counter[bytes], name: str) -> bool:
    """Take a name's mark away, if it is there."""
    mark = _mark(name)
    found = marks[mark] > 0
    marks[mark] -= found
    return found
