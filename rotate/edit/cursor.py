"""Where a scanner stands in the bytes of a file, and what it has found."""

from __future__ import annotations

import re
from collections.abc import Callable

from rotate.edit.reference import reference
from rotate.edit.refusals import unreadable
from rotate.edit.slot import Path, Slot
from rotate.errors import Refused

DEEPEST = 100  # levels; no file that a person keeps is nested like that


def clean(value: str) -> bool:
    """Say whether a value has nothing that is invisible, or that is no text at all (half of a surrogate pair)."""
    return not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]", value)


class Cursor:
    """Stands at `at`. Works on bytes, so that a place in the text is a place in the file; each pattern is ASCII."""

    language = ""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.found: list[Slot] = []

    def take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step over what the pattern matches here."""
        match = pattern.match(self.data, self.at)
        if match:
            self.at = match.end()
        return match

    def need(self, pattern: re.Pattern[bytes], what: str) -> re.Match[bytes]:
        """Step over what must stand here. Raises `Refused` where it does not."""
        match = self.take(pattern)
        if match is None:
            raise self.wrong(f"{what} was expected")
        return match

    def peek(self) -> bytes:
        """Give the next byte; none at the end."""
        return self.data[self.at : self.at + 1]

    def wrong(self, what: str) -> Refused:
        """Word what is wrong here."""
        return unreadable(self.language, self.data.count(b"\n", 0, self.at) + 1, what)

    def nested(self, path: Path) -> None:
        """Refuse what is nested so deep that nobody wrote it."""
        if len(path) > DEEPEST:
            raise self.wrong(f"it is nested deeper than {DEEPEST} levels")

    def keep(
        self, path: Path, value: str, span: tuple[int, int], write: Callable[[str], bytes], refers: str | None = None
    ) -> None:
        """Keep a value. What is no text (half of a surrogate pair) is left out: nobody's key looks like that."""
        if not re.search(r"[\ud800-\udfff]", value):
            self.found.append(Slot(path, value, *span, 0, write, reference(value) if refers is None else refers))
