"""The chain: whatever is changed, taken out, added, moved or cut in the middle is found, and nothing else is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.facts.strict_json import canonical
from rotate.protocol.story.audit import ORIGIN, Chain, Link, Record, chained, read, verify
from tests.support.build import NOW

TEXTS = st.text(max_size=8)
NAMES = TEXTS.filter(lambda name: name not in {"at", "schema", "seq", "prev", "hash"})
FACTS = st.dictionaries(NAMES, st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.lists(TEXTS, max_size=2)))
CONTENTS = st.lists(FACTS, min_size=1, max_size=6).map(
    lambda many: [{**one, "at": (NOW + timedelta(seconds=number)).isoformat()} for number, one in enumerate(many)]
)


def lines_of(contents: list[Record]) -> list[bytes]:
    return chained(contents, Link())[0].splitlines(keepends=True)


def flawed_line(data: bytes) -> int:
    flaw = verify(data).flaw
    assert flaw, "it was not found"
    return flaw.line


def three() -> list[bytes]:
    return lines_of([{"at": NOW.isoformat(), "n": number} for number in range(3)])


@given(CONTENTS)
def test_an_untouched_chain_holds(contents: list[Record]) -> None:
    data, end = chained(contents, Link())
    assert verify(data) == Chain(end, NOW)
    assert (end.seq, end.at) == (len(contents), NOW + timedelta(seconds=len(contents) - 1))


@given(CONTENTS, CONTENTS)
def test_a_chain_goes_on_where_its_last_line_ends(first: list[Record], second: list[Record]) -> None:
    data, end = chained(first, Link())
    assert read(data.splitlines()[-1]) == end
    more, end = chained(second, end)
    assert verify(data + more) == Chain(end, NOW)


@given(CONTENTS, st.data())
def test_any_changed_byte_is_found_in_its_line_or_the_next(contents: list[Record], data: st.DataObject) -> None:
    text = bytearray(b"".join(lines_of(contents)))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[place]))
    line = bytes(text[:place]).count(b"\n") + 1
    text[place] = other
    assert flawed_line(bytes(text)) == line


@given(CONTENTS.filter(lambda many: len(many) > 1), st.data())
def test_a_line_that_is_taken_out_of_the_middle_is_missed(contents: list[Record], data: st.DataObject) -> None:
    lines = lines_of(contents)
    gone = data.draw(st.integers(0, len(lines) - 2))
    assert flawed_line(b"".join(lines[:gone] + lines[gone + 1 :])) == gone + 1


@given(CONTENTS.filter(lambda many: len(many) > 1), st.data())
def test_two_lines_that_change_places_are_found(contents: list[Record], data: st.DataObject) -> None:
    lines = lines_of(contents)
    one, other = sorted(data.draw(st.lists(st.sampled_from(range(len(lines))), min_size=2, max_size=2, unique=True)))
    lines[one], lines[other] = lines[other], lines[one]
    assert flawed_line(b"".join(lines)) == one + 1


@given(CONTENTS, st.data())
def test_a_line_that_is_added_is_found(contents: list[Record], data: st.DataObject) -> None:
    lines = lines_of(contents)
    place = data.draw(st.integers(0, len(lines)))
    lines.insert(place, data.draw(st.sampled_from([*lines, b"{}\n", b"\n"])))
    assert flawed_line(b"".join(lines)) in (place + 1, place + 2)


@given(CONTENTS, st.data())
def test_a_file_that_is_cut_amid_a_line_is_found(contents: list[Record], data: st.DataObject) -> None:
    text = b"".join(lines_of(contents))
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    if cut.endswith(b"\n"):
        assert verify(cut).flaw is None, "whole lines are missed only by who knows the head"
    else:
        assert flawed_line(cut) == cut.count(b"\n") + 1


@given(CONTENTS.filter(lambda many: len(many) > 1))
def test_a_forged_line_with_a_hash_of_its_own_betrays_itself_in_the_next(contents: list[Record]) -> None:
    lines = lines_of(contents)
    forged, _ = chained([{**contents[0], "forged": True}], Link())
    assert flawed_line(forged + b"".join(lines[1:])) == 2


def with_own_hash(**changes: Any) -> bytes:
    """A line that is changed and hashed anew."""
    record = {name: value for name, value in {**json.loads(three()[0]), **changes}.items() if name != "hash"}
    record = {name: value for name, value in record.items() if value != "absent"}
    return canonical({**record, "hash": _hash(record)}).encode() + b"\n"


def _hash(record: dict[str, Any]) -> str:
    import hashlib

    return hashlib.sha256(canonical(record).encode()).hexdigest()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\xff\n", "canonical"),
        (b"[]\n", "canonical"),
        (b"{}\n", "canonical"),
        (b'{"a": 1}\n', "canonical"),
        (b'{"a":1,"a":1}\n', "canonical"),
        (b'{"a":NaN}\n', "canonical"),
        (b"[" * 100_000 + b"\n", "canonical"),
        (with_own_hash(schema=2), "`schema` is 2"),
        (with_own_hash(schema="x" * 99), "`schema` is xxxxxxxx…, "),
        (with_own_hash(seq="1"), "`seq` is no number"),
        (with_own_hash(seq=True), "`seq` is no number"),
        (with_own_hash(seq=2), "where 1 is due"),
        (with_own_hash(prev="f" * 64), "`prev`"),
        (with_own_hash(prev="absent"), "`prev`"),
        (with_own_hash(at="soon"), "no time"),
        (with_own_hash(at="2026-01-01"), "no zone"),
        (three()[0].replace(b'"n":0', b'"n":1'), "`hash`"),
        (three()[0].rstrip(), "unfinished"),
    ],
    ids=lambda value: value[:30].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_the_first_line_that_does_not_hold_is_named_with_its_reason(line: bytes, why: str) -> None:
    found = verify(line)
    assert found.flaw
    assert (found.flaw.line, found.end) == (1, Link())
    assert why in found.flaw.why


def test_a_line_changed_and_hashed_anew_as_it_was_is_no_change() -> None:
    assert with_own_hash() == three()[0]
    assert json.loads(three()[0])["prev"] == ORIGIN


def test_an_empty_file_holds_no_record() -> None:
    assert verify(b"") == Chain(Link(), None)
