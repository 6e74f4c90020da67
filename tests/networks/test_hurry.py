"""After an exposure the kill does not wait for what it does not need, and what is late does no harm."""

from __future__ import annotations

import threading

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.protocol.facts.note_texts import write_note
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.notes.notebook import HurriedVariables
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.build import note, pending
from tests.support.opened import keep
from tests.support.runner import Runner
from tests.support.stories import STORIES, at_rest, tells

REPOSITORY = "octo-org/payments"
LATER = write_note(note())
FIRST = write_note(note(pending=pending(4)))


def notebook(world: World) -> HurriedVariables:
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(repositories={REPOSITORY: {"variables": "write"}})
    return HurriedVariables(
        keep(GitHub(world.github.url, Secret(token), SystemClock(threading.Event()))), REPOSITORY, "A"
    )


def slow(world: World, seconds: float) -> None:
    world.faults.add(Fault("delay", method="POST", path="*/actions/variables", seconds=seconds))


def test_a_note_that_is_late_ends_before_the_next_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rotate.systems.github.notes.notebook.PATIENCE", 0.05)
    book = notebook(world)
    slow(world, 0.8)
    with pytest.raises(DestinationError) as caught:
        book.write_note(FIRST)
    assert (caught.value.reason, caught.value.outcome) == ("github-unreachable", Outcome.UNKNOWN)
    book.write_note(LATER)
    assert world.github.variable(REPOSITORY, "A_ROTATION") == LATER


def test_the_lock_is_not_given_back_before_a_late_note_has_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rotate.systems.github.notes.notebook.PATIENCE", 0.05)
    book = notebook(world)
    slow(world, 0.8)
    with pytest.raises(DestinationError):
        book.write_note(FIRST)
    book.release_lock("nobody's")
    assert world.github.variable(REPOSITORY, "A_ROTATION") == FIRST


def test_a_note_in_time_is_written_and_one_that_is_refused_says_so(world: World) -> None:
    book = notebook(world)
    book.write_note(FIRST)
    assert world.github.variable(REPOSITORY, "A_ROTATION") == FIRST
    world.faults.add(Fault("status", path="*/actions/variables*", code=403, times=None))
    with pytest.raises(DestinationError) as caught:
        book.write_note(FIRST)
    assert caught.value.reason == "github-permission-missing"


def test_an_exposed_key_dies_while_the_note_is_still_on_its_way(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.faults.add(Fault("delay", method="POST", path="*/actions/variables", nth=2, seconds=9.0))
    ended = runner.run(story.environment(), exposed="true", reason="seen in a log")
    tells(ended, "rotated", 0)
    at_rest(world, story)
    died = next(entry for entry in world.ledger.find("DELETE") if entry.server == "neon")
    note_written = world.ledger.find("POST", "*/actions/variables")[1]
    assert died.ended is not None
    assert note_written.ended is not None
    assert died.ended < note_written.ended
