"""Notes and locks that somebody else wrote, of any shape: each is read as what it says or refused; nothing breaks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.decisions import guards, recovery
from rotate.protocol.facts.model import NotebookFacts
from rotate.protocol.facts.note import PreviousKey
from rotate.protocol.facts.note_texts import read_lock, write_lock, write_note
from rotate.run.seals import lock_in, note_in, sealed
from rotate.secret import Secret
from tests.support.build import LINEAGE, NOW, RUN, note, pending, policy, snapshot

VALUE = Secret("v3")
PREVIOUS = PreviousKey(2, "f2", NOW, NOW + timedelta(days=1))
WHOLE: dict[str, Any] = json.loads(write_note(replace(note(run_url=RUN.url), pending=pending(4), previous=(PREVIOUS,))))
LOCK: dict[str, Any] = json.loads(write_lock(RUN, NOW, timedelta()))
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    1.5,
    2**63,
    10**400,
    float("nan"),
    float("inf"),
    "",
    "\ud800",
    "x" * 10**5,
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-11-23T00:00:00",
    [],
    [0] * 10**5,
    [[]],
    {},
    {"key_id": 1},
]
DEEP = "[" * 10**5
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def the_same_as_nothing_or_refused(text: str) -> None:
    """Read a text as a note and as a lock; decide upon either."""
    found = note_in(text, "The note", [VALUE], LINEAGE.home)
    assert found.bad is not None or not found.proven, "nobody vouches for it"
    seen = snapshot(notebook=replace(found, lock=lock_in(text, "The lock", [VALUE], NOW)))
    recovery.assess(seen, policy())
    said = guards.problems(seen, recovery.assess(seen, policy()), policy(), NOW)
    assert all(problem.message and problem.remedy for problem in said)


def paths(data: Any) -> list[tuple[str | int, ...]]:
    """Give where every value of a text stands."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [(name, *rest) for name, value in inner for rest in ((), *paths(value))]


def with_value(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Give a copy with another value somewhere."""
    copy = json.loads(json.dumps(data))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy


@pytest.mark.parametrize("path", paths(WHOLE), ids=str)
def test_an_odd_value_anywhere_in_a_note_breaks_nothing(path: tuple[str | int, ...]) -> None:
    for value in ODD:
        the_same_as_nothing_or_refused(json.dumps(with_value(WHOLE, path, value)))


@pytest.mark.parametrize("path", paths(LOCK), ids=str)
def test_an_odd_value_anywhere_in_a_lock_breaks_nothing(path: tuple[str | int, ...]) -> None:
    for value in ODD:
        the_same_as_nothing_or_refused(json.dumps(with_value(LOCK, path, value)))


@pytest.mark.parametrize(
    "text", ["", DEEP, '{"version":' + "9" * 5000 + "}", "{}", "null", '{"a":1,"a":2}', "\x00", "NaN"]
)
def test_a_text_that_is_no_note_is_bad_and_no_lock_is_doubted(text: str) -> None:
    the_same_as_nothing_or_refused(text)
    assert note_in(text, "The note", [VALUE], LINEAGE.home).bad is not None
    assert lock_in(text, "The lock", [VALUE], NOW).doubt == "it is no lock that this version can read"


@given(json_values)
def test_any_json_is_read_or_refused(data: Any) -> None:
    the_same_as_nothing_or_refused(json.dumps(data))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    the_same_as_nothing_or_refused(text)


@given(json_values)
def test_any_seals_are_read_or_refused(seals: Any) -> None:
    the_same_as_nothing_or_refused(json.dumps({**WHOLE, "seals": seals}))


def test_a_note_with_a_value_twice_says_what_its_last_one_says() -> None:
    twice = json.dumps(WHOLE)[:-1] + ', "lineage": "another"}'
    found = note_in(twice, "The note", [VALUE], LINEAGE.home)
    assert found.note is not None
    assert found.note.lineage == "another"
    honest = sealed("note", json.dumps(WHOLE), [VALUE])
    added = honest[:-1] + ', "lineage": "another"}'
    assert [one.reason for one in [note_in(added, "The note", [VALUE], LINEAGE.home).bad] if one] == ["note-forged"]


def test_times_are_read_in_utc() -> None:
    text = write_lock(RUN, datetime(2026, 11, 23, 5, tzinfo=UTC), timedelta()).replace(
        "05:00:00+00:00", "07:00:00+02:00"
    )
    assert read_lock(text, "The lock").expires_at.isoformat() == "2026-11-23T05:00:00+00:00"


def test_what_is_bad_is_no_note() -> None:
    seen = snapshot(notebook=NotebookFacts(None, None, bad=note_in("", "The note", [VALUE], "").bad))
    assert (seen.note, seen.claim, seen.unproven) == (None, None, False)
