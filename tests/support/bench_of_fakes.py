"""The engine over fakes: a world around key 3, and what became of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from rotate.line import Attached
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.note_texts import write_note
from rotate.protocol.facts.policy import Policy
from rotate.run.engine import Engine
from rotate.run.seals import sealed
from rotate.run.world import World
from rotate.secret import Secret
from tests.support.build import PLACE, key, note, policy
from tests.support.fakes import (
    FakeCanary,
    FakeClock,
    FakeDestination,
    FakeNotebook,
    FakeReaders,
    FakeSource,
    Listener,
    Trouble,
)

V3 = Secret("v3").fingerprint


def kept(note: Note) -> str:
    """Give a note's text as a run that holds the value of key 3 writes it."""
    return sealed("note", write_note(note), [Secret("v3")])


def known(**changes: Any) -> Note:
    """Give the note that confirms key 3 by the fingerprint of its value."""
    confirmed = note(**changes)
    assert confirmed.confirmed
    return replace(confirmed, confirmed=replace(confirmed.confirmed, fingerprint=V3))


class Bench:
    """A world of fakes around key 3, and what became of it."""

    def __init__(self, **texts: str | None) -> None:
        self.trouble = Trouble()
        self.source = FakeSource(self.trouble, key(3))
        self.destination = FakeDestination(self.trouble)
        self.more = dict[str, FakeDestination]()
        self.notebook = FakeNotebook(self.trouble, texts.get("note", kept(known())), texts.get("lock"))
        self.clock, self.stop, self.listener = FakeClock(), threading.Event(), Listener()
        self.readers = FakeReaders(self.trouble)
        self.canary = FakeCanary(self.trouble)
        self.closed = 0

    def world(self) -> World:
        """Put the fakes together."""
        return World(
            source=self.source,
            destinations={PLACE: self.destination, **self.more},
            notebook=self.notebook,
            readers=self.readers,
            canary=self.canary,
            clock=self.clock,
            hide=lambda _: None,
            stop=self.stop,
            issuer=Secret("v3"),
            at_hand=Secret("v3"),
            close=self.close,
            given=Attached(),
        )

    def close(self) -> None:
        """Count it."""
        self.closed += 1

    def run(self, asked: Policy | None = None) -> Any:
        """Run to the end."""
        return Engine(self.world(), asked or policy(value_at_hand=V3), [self.listener]).run()
