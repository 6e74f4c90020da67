"""Who vouches for a note or a lock: whoever has a value, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.facts.note_texts import LARGEST, write_lock, write_note
from rotate.protocol.facts.policy import Run
from rotate.run import seals
from rotate.run.seals import lock_in, note_in, sealed, vouched
from rotate.secret import Secret
from tests.support.build import LINEAGE, NOW, RUN, note, pending

OURS, THEIRS, MINTER = Secret("v3"), Secret("v4"), Secret("minter")
BODY = write_note(note())
values = st.text(min_size=1).map(Secret)


@given(values, values)
def test_a_value_vouches_for_what_it_sealed_and_no_other_value_does(one: Secret, other: Secret) -> None:
    text = sealed("note", BODY, [one])
    assert vouched("note", text, [one]) is True
    assert vouched("note", text, [other]) is (True if one == other else None)


def test_any_of_several_values_vouches() -> None:
    text = sealed("note", BODY, [OURS, MINTER])
    assert [vouched("note", text, [one]) for one in (OURS, MINTER, THEIRS)] == [True, True, None]
    assert vouched("note", text, [THEIRS, MINTER]) is True


def changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """Write a text anew after a change, as somebody without a value can."""
    data = json.loads(text)
    change(data)
    return json.dumps(data)


FORGERIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another confirmed key": lambda data: data.update(confirmed=None),
    "another previous key": lambda data: data.update(previous=[1]),
    "another lineage": lambda data: data.update(lineage="other"),
    "a field more": lambda data: data.update(more=1),
    "another version": lambda data: data.update(version=1),
    "another code": lambda data: data.update(seals={OURS.fingerprint: "0" * 64}),
    "a code that is no code": lambda data: data.update(seals={OURS.fingerprint: "ä"}),
    "the code of another value": lambda data: data.update(
        seals={OURS.fingerprint: json.loads(sealed("note", BODY, [THEIRS]))["seals"][THEIRS.fingerprint]}
    ),
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_what_was_changed_after_it_was_sealed_is_forged(change: Callable[[dict[str, Any]], None]) -> None:
    assert vouched("note", changed(sealed("note", BODY, [OURS]), change), [OURS]) is False


def test_one_code_that_is_wrong_is_enough() -> None:
    text = sealed("note", BODY, [OURS, MINTER])
    broken = changed(text, lambda data: data["seals"].update({MINTER.fingerprint: "0" * 64}))
    assert vouched("note", broken, [OURS, MINTER]) is False


def test_without_its_codes_a_note_is_one_that_nobody_can_tell() -> None:
    assert vouched("note", changed(sealed("note", BODY, [OURS]), lambda data: data.pop("seals")), [OURS]) is None


def test_a_lock_does_not_vouch_for_a_note() -> None:
    assert vouched("note", sealed("lock", BODY, [OURS]), [OURS]) is False


def test_how_white_space_and_order_are_written_does_not_matter() -> None:
    data = json.loads(sealed("note", BODY, [OURS]))
    assert vouched("note", json.dumps(dict(reversed(data.items())), indent=3), [OURS]) is True


def test_a_code_is_neither_the_fingerprint_nor_the_hash_of_the_value() -> None:
    codes = json.loads(sealed("note", BODY, [OURS]))["seals"]
    assert list(codes) == [OURS.fingerprint]
    assert len(codes[OURS.fingerprint]) == 64
    assert OURS.fingerprint not in codes[OURS.fingerprint]


def test_a_note_of_another_home_is_proven_for_that_home_alone() -> None:
    text = sealed("note", BODY, [MINTER])
    assert note_in(text, "The note", [MINTER], LINEAGE.home).proven
    assert not note_in(text, "The note", [MINTER], "ffff").proven


def test_a_note_of_an_earlier_version_is_read_and_proven_by_nobody() -> None:
    data = json.loads(BODY)
    for version, names in ((1, {}), (2, {"unnamed": {"count": 9, "digest": "0" * 64, "marks": ""}})):
        old = {name: value for name, value in data.items() if name not in ("home", "unnamed")}
        found = note_in(json.dumps({**old, **names, "version": version}), "The note", [OURS], LINEAGE.home)
        assert (found.bad, found.proven, bool(found.note and found.note.unnamed)) == (None, False, bool(names))


def test_every_field_of_a_note_is_sealed() -> None:
    text = sealed("note", write_note(note(account="ada")), [OURS])
    found = note_in(text, "The note", [OURS], LINEAGE.home)
    assert found.note is not None
    assert found.note.account == "ada"
    for name in json.loads(text).keys() - {"seals"}:
        forged = json.dumps({**json.loads(text), name: "x"})
        assert vouched("note", forged, [OURS]) is False


def test_the_largest_note_has_room_for_its_codes() -> None:
    names = tuple(f"github://octo-org/{'service' * 5}-{number}#NEON_API_KEY" for number in range(5000))
    text = sealed("note", write_note(replace(note(destinations=names), pending=pending(4))), [OURS, THEIRS, MINTER])
    assert len(text) <= LARGEST


LOCK = write_lock(RUN, NOW, timedelta(minutes=15))
LONG = write_lock(RUN, NOW, timedelta(days=900))


def test_a_lock_for_longer_than_any_run_is_doubted_unless_a_value_vouches_for_it() -> None:
    assert lock_in(LONG, "The lock", [OURS], NOW).doubt == "no run of ours holds a lock for so long"
    assert lock_in(sealed("lock", LONG, [THEIRS]), "The lock", [OURS], NOW).doubt != ""
    assert lock_in(sealed("lock", LONG, [OURS]), "The lock", [OURS], NOW).doubt == ""
    assert lock_in(LOCK, "The lock", [OURS], NOW).doubt == ""


def test_only_a_value_makes_a_lock_that_of_a_run_which_github_does_not_know() -> None:
    by_hand = write_lock(Run(5, 1, "aaaa"), NOW, timedelta())
    assert [lock_in(text, "", [OURS], NOW).by_hand for text in (LOCK, by_hand, sealed("lock", by_hand, [OURS]))] == [
        False,
        False,
        True,
    ]
    assert not lock_in(sealed("lock", LOCK, [OURS]), "", [OURS], NOW).by_hand


def test_the_control_would_notice_a_code_that_every_text_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a code of the value alone, which proves no text."""
    monkeypatch.setattr(seals, "_code", lambda _kind, _said, value: value.fingerprint)
    forged = changed(sealed("note", BODY, [OURS]), FORGERIES["another previous key"])
    assert vouched("note", forged, [OURS]) is True, "which the tests above would not accept"
