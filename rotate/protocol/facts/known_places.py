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
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from typing import TypeAlias

from rotate.protocol.facts.note import Note, Unnamed

MARK = 3
MARK_TEXT = 4
# Of more places than so many that a pending key is on its way to, a note keeps one digest.
MOST_REACHED = 100
DIGEST = "sha256:"

Owners: TypeAlias = Mapping[str, int]
"""The number of the repository of each destination that was looked at; 0 for an organization's secret."""
NOT_ASKED: Owners = MappingProxyType({})


def shortened(note: Note, room: int) -> tuple[tuple[str, ...], Unnamed]:
    """Give the names that fit into so many characters of JSON beside the marks, and what stands for all of them."""
    names = note.destinations
    marks = b"".join(sorted(map(_mark, names))) if len(names) * MARK_TEXT <= room else b""
    sizes = accumulate(len(json.dumps(name)) + len(", ") for name in names)
    named = sum(size <= room - len(marks) * MARK_TEXT // MARK for size in sizes)
    owners = _owned(dict(zip(names, note.owners, strict=True))) if note.owners else ""
    return tuple(names[:named]), Unnamed(len(names), _digest(names), base64.b64encode(marks).decode(), owners)


def reached(note: Note, names: Sequence[str]) -> tuple[str, ...]:
    """Give where a key may be, beyond the noted destinations, once a run has begun to write it to `names`."""
    if note.unnamed and note.unnamed.digest == _digest(names):
        return note.reached
    known = {*note.destinations, *note.reached}
    fresh = tuple(name for name in names if name not in known)
    fresh = fresh if len(fresh) <= MOST_REACHED else (DIGEST + _digest(names),)
    return tuple(dict.fromkeys((*note.reached, *fresh)))


def added(note: Note, names: Sequence[str], owners: Owners = NOT_ASKED) -> str:
    """Say what of today's destinations the note does not know; nothing where it knows them all."""
    if note.unnamed is None:
        known, places = set(note.destinations), _places(note.destinations, note.owners)
        found = next((one for one in names if one not in known and not _there(one, owners.get(one, 0), places)), None)
    elif note.unnamed.digest == _digest(names):
        return ""
    elif not note.unnamed.marks:
        return "some destination was added or dropped (the note has no room to tell which)"
    else:
        marks = _marks(note.unnamed)
        found = next((name for name in names if not _taken(marks, name)), None)
    return f"{found} was added" if found else ""


def known(note: Note, names: Sequence[str], owners: Owners = NOT_ASKED) -> frozenset[str]:
    """Give which of today's destinations the note surely knows; of one that cannot name them all, all or none."""
    if note.unnamed is None:
        places = _places(note.destinations, note.owners)
        return frozenset(one for one in names if one in note.destinations or _there(one, owners.get(one, 0), places))
    return frozenset() if added(note, names, owners) else frozenset(names)


def dropped(note: Note, names: Sequence[str], owners: Owners = NOT_ASKED) -> tuple[tuple[str, ...], int]:
    """Give the places that an earlier run wrote and that are none of today's, and how many more there are whose names
    the note lacks.

    A repository that was renamed is the same place; one that took another's name is not.
    """
    digest = _digest(names)
    today, places = {name.lower() for name in names}, _places(names, [owners.get(name, 0) for name in names])
    numbers = dict(zip(note.destinations, note.owners, strict=False))
    gone = {
        name: None
        for name in (*note.destinations, *note.reached)
        if not _there(name, numbers.get(name, 0), places)
        and (name.lower() not in today or _differs(numbers.get(name, 0), owners.get(name, 0)))
    }
    more = sum(name.startswith(DIGEST) and name != DIGEST + digest for name in note.reached)
    listed = tuple(sorted(name for name in gone if not name.startswith(DIGEST)))
    return listed, more + (_unlisted(note.unnamed, names, owners, len(listed)) if note.unnamed else 0)


@dataclass(frozen=True, slots=True)
class FormerNames:
    """How places were named before they had addresses. `present` gives the address of a former name; `today` has those
    of today's destinations, by their former names; it is asked for a note that cannot name them all."""

    present: Callable[[str], str] = str
    today: Callable[[], Mapping[str, str]] = dict


def renamed(note: Note, former: FormerNames) -> Note:
    """Give a note of the form before addresses with addresses."""
    destinations = tuple(map(former.present, note.destinations))
    if destinations == note.destinations:
        return note
    reached, unnamed = tuple(map(former.present, note.reached)), note.unnamed and _renamed(note.unnamed, former.today())
    return replace(note, destinations=destinations, reached=reached, unnamed=unnamed)


def _renamed(known: Unnamed, today: Mapping[str, str]) -> Unnamed:
    """Change the marks of those that are known. Whose repositories they are is not noted of many under other names."""
    marks = _marks(known)
    told = [_mark(name) for before, name in today.items() if _taken(marks, before)]
    digest = _digest(today.values()) if known.digest == _digest(today) else known.digest
    joined = b"".join(sorted([*told, *marks.elements()]))
    return replace(known, digest=digest, marks=base64.b64encode(joined).decode(), owners="")


def _unlisted(known: Unnamed, names: Sequence[str], owners: Owners, listed: int) -> int:
    """Count the places without a name here that are gone; one stands for some where nothing tells how many."""
    if known.digest == _digest(names):
        told = known.owners and len(owners) == len(names)
        return int(bool(told) and known.owners != _owned({name: owners[name] for name in names}))
    if not known.marks:
        return max(1, known.count - len(names))
    marks = _marks(known)
    return max(0, known.count - sum(_taken(marks, name) for name in names) - listed)


def _places(names: Iterable[str], owners: Iterable[int]) -> frozenset[tuple[int, str]]:
    """Give what tells places whatever their repositories are called now."""
    return frozenset((number, _rest(name)) for name, number in zip(names, owners, strict=False) if number)


def _there(name: str, number: int, places: frozenset[tuple[int, str]]) -> bool:
    return bool(number) and (number, _rest(name)) in places


def _differs(one: int, other: int) -> bool:
    return bool(one and other) and one != other


def _rest(name: str) -> str:
    """Give what tells a place from its owner's others: its options and the name of the value."""
    return re.sub("[^?#]*", "", name, count=1).lower()


def _owned(owners: Owners) -> str:
    return _digest(f"{name}#{number}" for name, number in owners.items())


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
