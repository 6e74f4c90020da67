"""Which key a value is, what is to be done with it, and which of two systems that see one place is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from rotate import registry
from rotate.commands.local.judging import judged, superseded
from rotate.commands.local.known import Known
from rotate.commands.local.looking import look
from rotate.machine import Machine, Sighting
from rotate.protocol.facts.model import Liveness
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey, PreviousKey
from rotate.protocol.story.findings import State
from rotate.protocol.story.lying import Role, Which
from rotate.secret import Secret
from tests.support.desk import SYSTEM

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CURRENT, PENDING, PREVIOUS, LOST, OTHER = (Secret(name * 70) for name in "abcde")
NOTE = Note(
    "payments",
    pending=PendingKey(2, "p_2", PENDING.fingerprint, NOW),
    confirmed=ConfirmedKey(3, "p_3", CURRENT.fingerprint, NOW),
    previous=(PreviousKey(7, None, NOW, NOW), PreviousKey(1, PREVIOUS.fingerprint, NOW, NOW)),
    abandoned=(PendingKey(4, "p_4", LOST.fingerprint, NOW),),
)


def test_the_note_tells_which_key_a_value_is() -> None:
    known = Known(note=NOTE, names={1: "payments (2024)"})
    assert [known.which(one.fingerprint) for one in (CURRENT, PENDING, PREVIOUS, LOST, OTHER)] == [
        Which(Role.CURRENT, 3, "p_3"),
        Which(Role.PENDING, 2, "p_2"),
        Which(Role.SUPERSEDED, 1, "payments (2024)"),
        Which(Role.SUPERSEDED, 4, "p_4"),
        Which(),
    ]
    assert Known(OTHER).which(OTHER.fingerprint) == Which(Role.CURRENT)
    assert Known(note=Note("payments")).which(OTHER.fingerprint) == Which()


def place(value: Secret, *, address: str = "paper://a", past: bool = False) -> Sighting:
    return Sighting(Path("/a"), 1, value, "a paper", address, "" if address else "Rub it out.", past=past)


@pytest.mark.parametrize(
    ("value", "liveness", "state", "todo"),
    [
        (CURRENT, Liveness.DEAD, State.PROBLEM, "writes the standing key"),
        (CURRENT, Liveness.UNKNOWN, State.WELL, "holds the standing key"),
        (PREVIOUS, Liveness.ALIVE, State.PROBLEM, "writes the standing key"),
        (PENDING, Liveness.ALIVE, State.UNKNOWN, "is not known to be superseded"),
        (PENDING, Liveness.UNKNOWN, State.UNKNOWN, "Neon did not say"),
    ],
)
def test_what_is_to_be_done(value: Secret, liveness: Liveness, state: State, todo: str) -> None:
    told = judged(place(value), Known(note=NOTE), liveness, asked=True)
    assert (told.state, todo in told.todo) == (state, True)


def test_the_standing_key_is_never_written_over_and_a_live_one_only_where_the_note_calls_it_previous() -> None:
    written = {(role, lives) for role, lives in product(Role, Liveness) if superseded(Which(role), lives)}
    dead = {(role, Liveness.DEAD) for role in (Role.PENDING, Role.UNKNOWN)}
    assert written == dead | {(Role.SUPERSEDED, lives) for lives in Liveness}


def test_a_row_names_the_key_for_people() -> None:
    told = judged(place(CURRENT), Known(note=NOTE), Liveness.ALIVE, asked=True)
    assert (told.where, told.key) == ("/a:1", "key 3 (p_3), current")
    other = judged(place(OTHER)._replace(line=0), Known(), Liveness.ALIVE, asked=True)
    assert (other.where, other.key) == ("/a", f"a key ({OTHER.fingerprint})")


@pytest.mark.parametrize(
    ("own_lines", "left"),
    [((2,), ["client 2", "file 5"]), ((0,), ["client 0"]), ((), ["file 2", "file 5"])],
)
def test_a_system_that_knows_the_file_is_heard_before_one_that_takes_any(
    own_lines: tuple[int, ...], left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def files(*_: object) -> Iterator[Sighting]:
        yield from (Sighting(Path("/a"), line, OTHER, f"file {line}", general=True) for line in (2, 5))

    def clients(*_: object) -> Iterator[Sighting]:
        yield from (Sighting(Path("/a"), line, OTHER, f"client {line}") for line in own_lines)

    monkeypatch.setattr(registry, "SYSTEMS", {"github": registry.SYSTEMS["github"]})
    for name, of in (("first", files), ("second", clients)):
        monkeypatch.setattr(f"tests.support.desk.{name.upper()}", SYSTEM._replace(sightings=of), raising=False)
        monkeypatch.setitem(registry.SYSTEMS, name, f"tests.support.desk:{name.upper()}")
    seen = look(Machine(Path("/"), Path("/"), {}), lambda _: None)
    assert [one.what for one in seen] == left
