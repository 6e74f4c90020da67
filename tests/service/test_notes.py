"""What a notebook over named texts does where a reply is lost, or somebody else is quicker."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.ports import Pages
from rotate.service.notes import Held, KeptNotes, Texts


class Memory(Texts):
    """Texts by their names. `loses`: the write is done, and its reply lost; `drops`: it is not even done. `late`:
    somebody else is always quicker."""

    most, kept = 100, "text"

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.loses = self.drops = self.late = False

    def name(self, end: str) -> str:
        return f"KEY_{end}"

    def read(self, end: str) -> Held:
        return Held(self.texts.get(end))

    def write(self, end: str, text: str, over: Held) -> bool:
        if self.late:
            return False
        if not self.drops:
            self.texts[end] = text
        if self.loses or self.drops:
            raise DestinationError("destination-unreachable", "?", outcome=Outcome.UNKNOWN)
        return True

    def remove(self, end: str, over: Held) -> bool:
        return self.texts.pop(end, None) is not None


def test_a_note_whose_reply_is_lost_is_looked_at_and_one_that_never_came_is_an_error() -> None:
    texts = Memory()
    texts.loses = True
    KeptNotes(texts).write_note("first")
    assert KeptNotes(texts).read() == Pages("first", None)
    texts.drops = True
    with pytest.raises(DestinationError) as caught:
        KeptNotes(texts).write_note("second")
    assert caught.value.outcome is Outcome.UNKNOWN
    assert KeptNotes(texts).read() == Pages("first", None)


def test_a_note_that_somebody_else_changes_at_the_same_time_is_an_error() -> None:
    texts = Memory()
    texts.late = True
    with pytest.raises(DestinationError, match="changed by somebody else"):
        KeptNotes(texts).write_note("first")
