"""The audit's chain: one record a line, each bound to the one before it by a hash.

    {"at": …, "hash": H1, "prev": 000…, "schema": 1, "seq": 1, …}
    {"at": …, "hash": H2, "prev": H1,   "schema": 1, "seq": 2, …}

A line is the one canonical JSON of its record: keys sorted, no white space, ASCII. `hash` is the SHA-256 of the same
text without `hash`. So no line can be changed, taken out, added or moved without the next one telling. Lines cut off at
the end are missed only by who knows a later hash: the report and the job summary of every run tell it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from rotate.errors import one_line
from rotate.protocol.facts.strict_json import Value, canonical

SCHEMA = 1
LONGEST = 20
ORIGIN = "0" * 64

Record: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Link:
    """The end of a chain: the number, time and hash of its last record."""

    seq: int = 0
    at: datetime | None = None
    head: str = ORIGIN


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first line that does not hold, counted from 1, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as far as it holds. `since` is the time of its first record."""

    end: Link
    since: datetime | None
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run's audit came to: where it is, how many records it has, and the hash of the last."""

    file: str
    records: int
    head: str


def chained(contents: Iterable[Record], end: Link) -> tuple[bytes, Link]:
    """Write records down as lines that continue a chain; give them and the new end. Each content has its `at`."""
    lines = []
    for content in contents:
        record = {**content, "schema": SCHEMA, "seq": end.seq + 1, "prev": end.head}
        head = _hash(record)
        lines.append(canonical({**record, "hash": head}) + "\n")
        end = Link(end.seq + 1, _time(record["at"]), head)
    return "".join(lines).encode(), end


def read(line: bytes) -> Link:
    """Read one line by itself, without what came before it.

    Raises:
        ValueError: it is no record; the text says why.
    """
    return _checked(_parsed(line))


def verify(data: bytes) -> Chain:
    """Follow a chain from its first line to its last; stop at the first that does not hold."""
    end, since = Link(), None
    *lines, rest = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            record = _parsed(line)
            link = _checked(record)
            _expect(link.seq == end.seq + 1, f"its `seq` is {link.seq}, where {end.seq + 1} is due")
            _expect(record.get("prev") == end.head, "its `prev` is not the hash of the line before it")
        except ValueError as error:
            return Chain(end, since, Flaw(number, str(error)))
        end, since = link, since or link.at
    if rest:
        return Chain(end, since, Flaw(len(lines) + 1, "it is unfinished: the run that wrote it was cut off"))
    return Chain(end, since)


def _parsed(line: bytes) -> Record:
    try:
        text = line.decode("ascii")
        record: Value = json.loads(text)
        whole = record if isinstance(record, dict) and canonical(record) == text else {}
    except (ValueError, RecursionError):
        whole = {}
    _expect(whole, "it is not the canonical JSON of a record")
    return whole


def _checked(record: Record) -> Link:
    schema, seq, head = record.get("schema"), record.get("seq"), str(record.get("hash"))
    _expect(schema == SCHEMA, f"its `schema` is {one_line(str(schema), LONGEST)}, and this version reads {SCHEMA}")
    bare = {name: value for name, value in record.items() if name != "hash"}
    _expect(head == _hash(bare), "its `hash` is not that of its text: the line was changed")
    return Link(_number(seq), _time(record.get("at")), head)


def _expect(that: object, why: str) -> None:
    if not that:
        raise ValueError(why)


def _hash(record: Record) -> str:
    return hashlib.sha256(canonical(record).encode()).hexdigest()


def _number(value: Value) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("its `seq` is no number")


def _time(value: Value) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError("it has no time") from None
    _expect(moment.tzinfo is not None, "its time has no zone")
    return moment
