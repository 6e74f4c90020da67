"""A key is superseded only where every place that an earlier run wrote is written again, or was given up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.decisions import place_guards
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.known_places import DIGEST, MOST_REACHED, dropped, reached
from rotate.protocol.facts.model import NotebookFacts, Snapshot
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.note_texts import read_note, write_note
from rotate.protocol.facts.policy import Command, Exposure, Policy
from tests.support.build import NOW, note, policy, snapshot
from tests.support.search.canonical import canonical
from tests.support.search.invariants import ViolationError
from tests.support.search.search import Explorer
from tests.support.search.setting import Setting, beginning, process_for

NAMES = tuple(f"github://octo-org/{name}#K" for name in "abcd")
A, B, C, D = NAMES
MANY = tuple(f"github://octo-org/service-{number:05d}#NEON_API_KEY" for number in range(9_000))
TWO = Setting(destinations=2)


def seen(known: Note, *names: str, **owners: int) -> Snapshot:
    """A world whose destinations were looked at; `owners`: numbers of repositories by their names."""
    places = {name: DestinationFacts(NOW, owner_id=owners.get(name.partition("#")[0][-1], 0)) for name in names}
    return snapshot(destinations=places, notebook=NotebookFacts(known, None))


def refused(looked: Snapshot, asked: Policy) -> bool:
    return bool([*place_guards.places_left(looked, assess(looked, asked), asked, NOW)])


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES), min_size=1))
def test_whatever_was_written_or_begun_is_written_again_or_refused(
    old: set[str], begun: set[str], now: set[str]
) -> None:
    known = note(destinations=tuple(sorted(old)), reached=tuple(sorted(begun - old)))
    asked = policy(destinations=tuple(sorted(now)))
    assert refused(seen(known, *now), asked) == bool((old | begun) - now)
    given_up = replace(asked, give_up=tuple((old | begun) - now))
    assert not refused(seen(known, *now), given_up)


@pytest.mark.parametrize("changes", [{"exposure": Exposure()}, {"command": Command.SWEEP}, {"command": Command.SYNC}])
def test_what_supersedes_nothing_and_an_exposure_are_not_held_up(changes: dict[str, Any]) -> None:
    asked = policy(destinations=(A,), **changes)
    assert not refused(seen(note(destinations=(A, B)), A), asked)


def test_of_many_places_it_is_asked_once_all_were_looked_at() -> None:
    known, asked = note(destinations=(A, B), owners=(1, 2)), policy(destinations=(A, C))
    assert not refused(seen(known, A, a=1), asked)
    assert refused(seen(known, A, C, a=1, c=3), asked)
    assert not refused(seen(known, A, C, a=1, c=2), asked), "the same repository under another name"


def test_a_repository_is_known_by_its_number_and_by_nothing_but_its_name_where_that_is_not_known() -> None:
    known = note(destinations=(A, B), owners=(1, 2))
    assert dropped(known, (A, B), {A: 1, B: 7}) == ((B,), 0), "another one took the name"
    assert dropped(known, (A, B), {A: 2, B: 1}) == ((), 0), "they changed names"
    assert dropped(known, (A, B), {A: 1}) == ((), 0)
    other = C.replace("#", "?store=dependabot#")
    assert dropped(known, (A, other), {other: 2}) == ((B,), 0)
    assert dropped(note(destinations=(A.upper(), B)), (A, B)) == ((), 0), "GitHub does not tell cases apart"


def test_a_note_without_room_for_names_still_tells_that_a_name_was_taken() -> None:
    numbers = {name: number for number, name in enumerate(MANY, 1)}
    known = read_note(write_note(note(destinations=MANY, owners=tuple(numbers.values()))), "the note")
    assert known.unnamed
    assert (known.owners, dropped(known, MANY, numbers)) == ((), ((), 0))
    assert dropped(known, MANY, {**numbers, MANY[5]: 99_999}) == ((), 1)
    assert dropped(known, MANY, {MANY[0]: 1}) == ((), 0), "most were not looked at"
    asked = policy(destinations=MANY, give_up=("octo-org/service-*",))
    facts = {name: DestinationFacts(NOW, owner_id=number + 1) for name, number in numbers.items()}
    looked = snapshot(destinations=facts, notebook=NotebookFacts(known, None))
    assert refused(looked, asked)
    assert not refused(looked, replace(asked, give_up=("*",)))


def test_of_many_places_that_a_pending_key_is_on_its_way_to_a_digest_is_kept() -> None:
    few, many = MANY[:MOST_REACHED], MANY[: MOST_REACHED + 1]
    assert reached(note(destinations=few[:1]), few) == few[1:]
    (kept,) = reached(note(destinations=()), many)
    assert kept.startswith(DIGEST)
    begun = note(destinations=(), reached=(kept,))
    assert (dropped(begun, many), dropped(begun, many[1:])) == (((), 0), ((), 1))
    assert reached(begun, many) == (kept,)
    long = read_note(write_note(note(destinations=MANY)), "the note")
    assert reached(long, MANY) == ()


def from_where_two_are_written() -> Iterator[None]:
    """Rotate both destinations, with a fault anywhere; then one of them, with another. The search judges each move."""
    explorer = Explorer(TWO)
    world = canonical(beginning(TWO))
    for ended in explorer.run(world, process_for(TWO, world), 1):
        left = canonical(ended.outside, ended.now)
        if left.note is None:
            continue  # nothing tells the next run that there is another place
        process = process_for(TWO, left)
        one = replace(process, policy=replace(process.policy, destinations=("d0",)))
        for _ in explorer.run(left, one, 1):
            yield


def test_no_run_that_writes_fewer_places_takes_a_valid_key_from_another() -> None:
    assert sum(1 for _ in from_where_two_are_written()) > 10


def test_a_design_that_only_warns_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_guards, "places_left", lambda *_: iter(()))
    with pytest.raises(ViolationError, match="S1"):
        sum(1 for _ in from_where_two_are_written())
