"""A note of ten thousand destinations stays below GitHub's 48 KB, and still tells what was added and dropped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.errors import Refused
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.decisions.triggers import why_rotate
from rotate.protocol.facts import note_texts as note_module
from rotate.protocol.facts.known_places import FormerNames, added, dropped, renamed
from rotate.protocol.facts.model import NotebookFacts
from rotate.protocol.facts.moves import Finish, Status
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.note_texts import LARGEST, read_note, write_note
from rotate.protocol.facts.progress import Progress
from rotate.protocol.story.cautions import cautions
from tests.support.build import NOW, note, policy, snapshot

MANY = tuple(f"github://octo-org/service-{number:05d}#NEON_API_KEY" for number in range(10_000))
TOO_MANY = tuple(f"github://octo-org/s{number}#K" for number in range(12_000))


def kept(names: tuple[str, ...]) -> Note:
    """The note as the next run reads it."""
    text = write_note(note(destinations=names))
    assert len(text.encode()) < LARGEST
    return read_note(text, "the note")


@pytest.mark.parametrize("names", [MANY, TOO_MANY], ids=["with marks", "without"])
def test_a_note_that_cannot_name_all_is_small_and_written_back_as_it_was(names: tuple[str, ...]) -> None:
    one = kept(names)
    assert one.unnamed
    assert one.unnamed.count == len(names) > len(one.destinations) > 30
    assert read_note(write_note(one), "the note") == one
    assert (added(one, names), dropped(one, names)) == ("", ((), 0))


def test_a_note_with_room_names_all_of_them() -> None:
    assert (kept(MANY[:400]).destinations, kept(MANY[:400]).unnamed) == (MANY[:400], None)


@given(st.sampled_from(MANY), st.integers(0, 3))
def test_one_name_that_is_new_is_told(gone: str, more: int) -> None:
    today = (*(name for name in MANY if name != gone), *(f"octo-org/new-{number}" for number in range(more)))
    one = KEPT
    assert added(one, today) == ("octo-org/new-0 was added" if more else "")
    named = gone in one.destinations
    assert dropped(one, today) == (((gone,), 0) if named else ((), 1))


KEPT = kept(MANY)


def test_where_no_mark_fits_any_change_counts_as_added() -> None:
    one = kept(TOO_MANY)
    assert "was added or dropped" in added(one, TOO_MANY[:-1])
    assert dropped(one, TOO_MANY[:-1]) == ((), 1)
    assert dropped(one, (*TOO_MANY, "another")) == ((), 1), "nothing tells that none was dropped for it"


def test_what_was_added_to_many_is_a_reason_to_rotate_and_what_was_dropped_is_said() -> None:
    seen = snapshot(notebook=NotebookFacts(KEPT, None))
    asked = policy(destinations=(*MANY, "octo-org/new"))
    trigger = why_rotate(seen, assess(seen, asked), asked, NOW)
    assert trigger
    assert trigger.sentence == "octo-org/new was added since key 3 was written"
    fewer = policy(destinations=MANY[30:-30])
    position = Position(seen, Progress(tried=("x",)), fewer, NOW, assess(seen, fewer))
    (warning,) = cautions(Finish(Status.ROTATED, ""), seen, position)
    assert warning.message.endswith("and 10 more. 30 more whose names the note had no room for.")


@pytest.mark.parametrize("field", ["count", "digest", "marks"])
def test_what_stands_for_the_names_is_required(field: str) -> None:
    text = note_module.write_note(KEPT).replace(f'"{field}"', '"other"', 1)
    with pytest.raises(Refused):
        read_note(text, "the note")


def test_a_run_that_confirms_names_anew() -> None:
    seen = snapshot(notebook=NotebookFacts(replace(KEPT, pending=None), None))
    position = Position(seen, Progress(), policy(destinations=MANY[:2]), NOW, assess(seen, policy()))
    assert position.note_to_write(confirmed=KEPT.confirmed).unnamed is None
    assert position.note_to_write().unnamed == KEPT.unnamed


FORMER = FormerNames(lambda name: name.replace(" · ", "#"), lambda: {name.replace("#", " · "): name for name in MANY})


def test_a_note_of_the_form_before_addresses_knows_the_same_places() -> None:
    former = note(destinations=tuple(FORMER.today())[:2], owners=(1, 2), reached=("gone · K",))
    now = renamed(former, FORMER)
    assert (now.destinations, now.owners, now.reached) == (MANY[:2], (1, 2), ("gone#K",))
    assert renamed(now, FORMER) is now


@pytest.mark.parametrize("fewer", [0, 3])
def test_of_many_that_it_cannot_name_it_knows_the_same_ones(fewer: int) -> None:
    names = tuple(FORMER.today())[: len(MANY) - fewer]
    former = read_note(write_note(note(destinations=names, owners=tuple(range(1, len(names) + 1)))), "the note")
    assert former.unnamed
    now = renamed(former, FORMER)
    assert added(now, MANY[: len(names)]) == ""
    assert dropped(now, MANY[: len(names)]) == ((), 0)
    assert bool(added(now, MANY)) == bool(fewer)
    assert dropped(now, MANY[1 : len(names)]) == ((MANY[0],), 0)
