"""A notebook of a system that keeps small texts under names, of which it creates one atomically."""

from __future__ import annotations

import binascii
import zlib
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from typing import NamedTuple

from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Pages

NOTE, LOCK, BAD = "ROTATION", "ROTATION_LOCK", "ROTATION_BAD"
PACKED = "zlib:"
# More than any text of ours has.
LONGEST = 1 << 20


class Held(NamedTuple):
    """What stands under a name; `text` is `None` where nothing does. `version`: by which the system tells this very
    text from a later one, where it can."""

    text: str | None
    version: str = ""


class Texts(ABC):
    """What a system keeps under names. `most`: so many characters does it take. `kept`: what it calls such a thing.
    Each may raise `RotateError`."""

    most: int
    kept: str

    @abstractmethod
    def name(self, end: str) -> str:
        """Name a text of this credential, as people find it there. `end` is one of the three above."""

    @abstractmethod
    def read(self, end: str) -> Held:
        """Give what stands there. What cannot be read is never taken for absent."""

    @abstractmethod
    def write(self, end: str, text: str, over: Held) -> bool:
        """Write it over what was read; `False` where something else stands there by now, as far as the system tells:
        where nothing stood, it always does, and never repeats what may have been done."""

    @abstractmethod
    def remove(self, end: str, over: Held) -> bool:
        """Remove what was read; `False` where something else stands there by now, as far as the system tells."""


class KeptNotes:
    """Implements `ports.Notebook`."""

    shared = False

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    @property
    def where(self) -> tuple[str, str]:
        """Name the note and the lock, for people."""
        return self._told(NOTE), self._told(LOCK)

    def read(self) -> Pages:
        """Read both. Raises `RotateError`."""
        note, lock = self._texts.read(NOTE), self._texts.read(LOCK)
        return Pages(None if note.text is None else _unpacked(note.text), lock.text)

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """Only GitHub knows of workflow runs: elsewhere a lock ends with its lease."""
        del run_id, repository
        return None

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Create the lock, once a stale one that still reads `replacing` was removed.

        Raises:
            Refused: somebody holds it. DestinationError: it could not be created, or that is not known.
        """
        held = self._texts.read(LOCK)
        free = held.text == replacing
        if free and held.text is not None:
            free = self._texts.remove(LOCK, held)
            held = self._texts.read(LOCK) if free else held
        if not (free and held.text is None and self._texts.write(LOCK, text, held)):
            message, remedy = "Another run took the rotation lock a moment ago.", "Wait for it, and run this one again."
            raise Refused("lock-held", message, remedy)

    def release_lock(self, text: str) -> None:
        """Remove the lock if it still has this text. Raises `RotateError`; its lease ends by itself."""
        held = self._texts.read(LOCK)
        if held.text == text:
            self._texts.remove(LOCK, held)

    def write_note(self, text: str) -> None:
        """Create or overwrite the note. Raises `RotateError`: it could not be written, or that is not known."""
        self._write(NOTE, text if len(text) <= self._texts.most else _packed(text))

    def put_aside(self, text: str) -> str:
        """Keep what stood in the note's place, in place of what was put aside before. Raises `RotateError`."""
        self._write(BAD, text if len(text) <= self._texts.most else _packed(text))
        told = self._told(BAD)
        return told[0].lower() + told[1:]

    def _write(self, end: str, text: str) -> None:
        try:
            written = self._texts.write(end, text, self._texts.read(end))
        except DestinationError as error:
            if error.outcome is not Outcome.UNKNOWN or self._texts.read(end).text != text:
                raise
            return
        if not written:
            message = f"{self._told(end)} was changed by somebody else at the same time."
            raise DestinationError("destination-changed", message, "Run it again.")

    def _told(self, end: str) -> str:
        return f"The {self._texts.kept} {self._texts.name(end)}"


def _packed(text: str) -> str:
    """Make a long text short: the names of many destinations are alike."""
    return PACKED + b64encode(zlib.compress(text.encode(), 9)).decode()


def _unpacked(text: str) -> str:
    """Give the text as it was; one that is none of ours as it stands, which the core judges."""
    if not text.startswith(PACKED):
        return text
    try:
        return zlib.decompressobj().decompress(b64decode(text.removeprefix(PACKED)), LONGEST).decode()
    except (binascii.Error, zlib.error, UnicodeError):
        return text
