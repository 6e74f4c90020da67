"""Where a scanner stands in the bytes of a file, and what it has found."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from rotate.edit.reference import reference
from rotate.edit.refusals import unreadable
from rotate.edit.slot import Path, Slot
from rotate.errors import Refused

BOM = b"\xef\xbb\xbf"
DEEPEST = 100  # levels; no file that a person keeps is nested like that


def clean(value: str) -> bool:
    """Say whether a value has nothing that is invisible, or that is no text at all (half of a surrogate pair)."""
    return not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]", value)


class Cursor(ABC):
    """Stands at `at`. Works on bytes, so that a place in the text is a place in the file; each pattern is ASCII."""

    language = ""

    def __init__(self, data: bytes) -> None:
        # A byte order mark becomes blanks, so that each place stays where it is.
        self.data, self.at = b"   " + data[len(BOM) :] if data.startswith(BOM) else data, 0
        self.found: list[Slot] = []
        self.names: set[Path] = set()  # of texts, and of whatever else stands there

    @abstractmethod
    def scan(self) -> None:
        """Read the whole file. Raises `Refused` where it does not parse."""

    @abstractmethod
    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """Say where a name that is missing goes, and what is to be inserted there. Raises `Refused` where it cannot."""

    def line_end(self, at: int) -> int:
        """Give the end of the line on which a place is."""
        found = re.compile(rb"\r?\n|\Z").search(self.data, at)
        return found.start() if found else at

    def new_line(self, line: str, at: int) -> tuple[int, bytes]:
        """Insert a line of its own there: at the end of a line, or at the end of the file."""
        end = b"\r\n" if b"\r\n" in self.data else b"\n"
        if not self.data[:at].strip():
            return at, line.encode() + end
        if at < len(self.data) or not self.data.endswith(b"\n"):
            return at, end + line.encode() + (b"" if at < len(self.data) else end)
        return at, line.encode() + end

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
