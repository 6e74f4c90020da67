"""The note and the lock survive being text; what cannot be read is refused, never taken for absent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.errors import Refused
from rotate.protocol.facts.destination import Held
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey, PreviousKey, latest
from rotate.protocol.facts.note_texts import read_lock, read_note, write_lock, write_note
from rotate.protocol.facts.policy import Run
from tests.support.build import NOW, RUN, note, pending

moments = st.integers(0, 10**6).map(lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
ids = st.integers(1, 2**53)
records = (ids, st.text(max_size=64), st.text(max_size=12), moments)
fingerprints = st.none() | st.text(max_size=12)
notes = st.builds(
    Note,
    st.text(max_size=35),
    pending=st.none() | st.builds(PendingKey, *records),
    confirmed=st.none() | st.builds(ConfirmedKey, *records),
    stood_until=st.dictionaries(st.text(max_size=8), moments, max_size=3).map(
        lambda times: tuple(sorted(times.items()))
    ),
    abandoned=st.lists(st.builds(PendingKey, *records), max_size=3).map(tuple),
    previous=st.lists(
        st.builds(PreviousKey, ids, fingerprints, moments, moments, st.booleans(), st.booleans()), max_size=4
    ).map(tuple),
    destinations=st.lists(st.text(max_size=40), max_size=3).map(tuple),
    run_url=st.text(max_size=80),
)


@given(notes)
def test_every_field_of_a_note_survives(one: Note) -> None:
    assert read_note(write_note(one), "the note") == one


@given(ids, st.integers(1, 99), st.text(max_size=8), moments)
def test_every_field_of_a_lock_survives(run_id: int, attempt: int, token: str, expires: datetime) -> None:
    lock = read_lock(write_lock(Run(run_id, attempt, token, "url"), expires, timedelta()), "the lock")
    assert (lock.run_id, lock.attempt, lock.token, lock.expires_at) == (run_id, attempt, token, expires)


def broken(text: str, *path: str | int, value: object) -> str:
    """Put a wrong value somewhere into a good text."""
    data: Any = json.loads(text)
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(data)


NOTE_FIELDS = [
    ("lineage",),
    ("pending", "key_id"),
    ("pending", "name"),
    ("pending", "fingerprint"),
    ("pending", "at"),
    ("confirmed", "key_id"),
    ("confirmed", "name"),
    ("confirmed", "fingerprint"),
    ("confirmed", "at"),
    ("previous", 0, "key_id"),
    ("previous", 0, "fingerprint"),
    ("previous", 0, "superseded_at"),
    ("previous", 0, "revoke_after"),
    ("previous", 0, "drain"),
    ("destinations", 0),
    ("run_url",),
]
LOCK_FIELDS = [("run_id",), ("attempt",), ("token",), ("expires_at",)]
OTHER = {int: 987654, str: "another text", bool: True}


def at(text: str, *path: str | int) -> Any:
    """Read what stands somewhere in a text."""
    place: Any = json.loads(text)
    for step in path:
        place = place[step]
    return place


def another(value: Any) -> Any:
    """Give another value of the same kind."""
    try:
        return (datetime.fromisoformat(value) + timedelta(hours=7)).isoformat()
    except (TypeError, ValueError):
        return OTHER[type(value)]


LOCK = write_lock(RUN, NOW, timedelta())
FULL = replace(note(run_url=RUN.url), pending=pending(4))
WHOLE = write_note(replace(FULL, previous=(PreviousKey(2, "f2", NOW, NOW + timedelta(days=1)),)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        WHOLE[:-1],
        broken(WHOLE, "version", value=0),
        broken(WHOLE, "version", value="2"),
        broken(WHOLE, "lineage", value=None),
        broken(WHOLE, "confirmed", value={}),
        broken(WHOLE, "confirmed", "key_id", value="3"),
        broken(WHOLE, "confirmed", "key_id", value=True),
        broken(WHOLE, "pending", "at", value="noon"),
        broken(WHOLE, "pending", "at", value="2026-11-23T00:00:00"),
        broken(WHOLE, "previous", 0, "fingerprint", value=7),
        broken(WHOLE, "previous", 0, "drain", value=1),
        broken(WHOLE, "destinations", value=[1]),
    ],
)
def test_a_note_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_note(text, "The variable X")
    assert caught.value.reason == "note-unreadable"
    assert caught.value.message.startswith("The variable X")
    assert "old_key_id" in caught.value.remedy


@pytest.mark.parametrize("path", NOTE_FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_each_field_of_a_note_is_written_read_and_required(path: tuple[str | int, ...]) -> None:
    other = broken(WHOLE, *path, value=another(at(WHOLE, *path)))
    read = read_note(other, "the note")
    assert read != read_note(WHOLE, "the note")
    assert at(write_note(read), *path) == at(other, *path)
    with pytest.raises(Refused):
        read_note(broken(WHOLE, *path, value=[]), "the note")


@pytest.mark.parametrize("path", LOCK_FIELDS, ids=lambda path: path[0])
def test_each_field_of_a_lock_is_written_read_and_required(path: tuple[str]) -> None:
    other = broken(LOCK, *path, value=another(at(LOCK, *path)))
    assert read_lock(other, "the lock") != read_lock(LOCK, "the lock")
    with pytest.raises(Refused):
        read_lock(broken(LOCK, *path, value=[]), "the lock")


def test_a_lease_counts_from_when_the_lock_was_taken_by_the_clock_of_where_it_is_kept() -> None:
    text = write_lock(RUN, NOW - timedelta(hours=5), timedelta(minutes=15))
    assert read_lock(text, "the lock", NOW).expires_at == NOW + timedelta(minutes=15)
    assert read_lock(text, "the lock").expires_at == NOW - timedelta(hours=4, minutes=45)


def test_the_lease_of_a_lock_that_names_only_its_end_is_read() -> None:
    told = json.loads(LOCK)
    del told["seconds"]
    assert read_lock(json.dumps(told), "the lock", NOW + timedelta(hours=1)).expires_at == NOW


@pytest.mark.parametrize("value", ["900", None, 9.5, True, 10**12, -(10**30)])
def test_a_lease_that_is_no_length_makes_a_lock_unreadable(value: object) -> None:
    with pytest.raises(Refused) as caught:
        read_lock(broken(LOCK, "seconds", value=value), "the lock", NOW)
    assert caught.value.reason == "lock-unreadable"


def test_a_note_of_a_newer_version_says_so() -> None:
    with pytest.raises(Refused) as caught:
        read_note(broken(WHOLE, "version", value=4), "The variable X")
    assert caught.value.reason == "note-too-new"


@pytest.mark.parametrize(
    "text",
    ["", "7", broken(LOCK, "version", value=2), broken(LOCK, "run_id", value="1"), broken(LOCK, "expires_at", value=1)],
)
def test_a_lock_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_lock(text, "The variable X")
    assert caught.value.reason == "lock-unreadable"


def test_the_last_keys_that_were_given_up_for_another_stay_known() -> None:
    kept = note(pending=pending(4))
    for key_id in (5, 6, 7, 8):
        newer = pending(key_id)
        kept = replace(kept, pending=newer, abandoned=kept.given_up_for(newer))
    assert [key.key_id for key in kept.abandoned] == [5, 6, 7]
    assert kept.given_up_for(kept.pending) == kept.abandoned
    assert kept.fingerprints()[5] == pending(5).fingerprint


def test_each_kind_of_destination_goes_by_a_clock_of_its_own() -> None:
    later = NOW + timedelta(minutes=10)
    known = note(stood_until=latest({"toy://a#K": later, "github://o/a#K": NOW, "github://o/b#K": NOW - timedelta(1)}))
    assert [known.until(name, NOW) for name in ("toy://z#K", "github://o/z#K", "file:x#K")] == [later, NOW, None]
    again = latest({"github://o/a#K": later}, known.stood_until)
    assert again == (("github", later), ("toy", later))


def test_the_one_time_that_earlier_versions_wrote_is_every_kinds() -> None:
    text = json.dumps({**json.loads(write_note(note())), "stood_until": NOW.isoformat()})
    assert read_note(text, "the note").until("github://o/a#K", NOW) == NOW
    none = json.dumps({**json.loads(write_note(note())), "stood_until": None})
    assert read_note(none, "the note").until("github://o/a#K", NOW) is None


def test_a_place_that_tells_what_it_holds_goes_by_the_confirmed_value() -> None:
    known = note(stood_until=latest({"toy://a#K": Held("f9"), "github://o/a#K": NOW}))
    assert known.confirmed
    assert dict(known.stood_until) == {"github": NOW}, "no time is made up"
    assert known.until("toy://a#K", Held("other")) == Held(known.confirmed.fingerprint)
    assert replace(known, confirmed=None).until("toy://a#K", Held("other")) is None
