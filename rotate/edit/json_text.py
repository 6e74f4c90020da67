"""JSON, and what editors allow in it: comments, a comma behind the last member, a byte order mark.

Sources: RFC 8259; the comments and commas of VS Code's `jsonc` (code.visualstudio.com/docs/languages/json).
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from rotate.edit.cursor import Cursor
from rotate.edit.refusals import uncreatable, uneditable
from rotate.edit.slot import Path

_SPACE = re.compile(rb"(?:[ \t\r\n]++|//[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
_TEXT = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"')
_OTHER = re.compile(rb"(?:-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null)(?![\w.+-])")
_COLON, _COMMA, _END = re.compile(rb":"), re.compile(rb","), re.compile(rb"\Z")


class Room(NamedTuple):
    """A place where a member can be added. `opened`: behind the bracket. `first`: where the first member starts, and
    `last`: behind the last one; both are `opened` where there is none. `comma`: one stands behind the last already."""

    opened: int
    first: int
    last: int
    comma: bool


class Json(Cursor):
    """Finds every text, and every object in which a member can be added."""

    language = "JSON"

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.rooms: dict[Path, Room] = {}

    def scan(self) -> None:
        """Read the whole file."""
        self.take(_SPACE)
        self._value(())
        self.take(_SPACE)
        self.need(_END, "the end of the file")

    def _value(self, path: Path) -> None:
        self.nested(path)
        if self.peek() == b'"':
            start, text = self.at, self._text()
            if path:
                self.keep(path, text, (start, self.at), written)
        elif self.peek() in (b"{", b"["):
            self._members(path, b"}" if self.peek() == b"{" else b"]")
        else:
            self.need(_OTHER, "a value")

    def _text(self) -> str:
        text: str = json.loads(self.need(_TEXT, "a text in double quotes")[0])
        return text

    def _members(self, path: Path, close: bytes) -> None:
        self.at += 1
        opened = first = last = self.at
        number, comma = 0, True
        while self.take(_SPACE) and self.peek() != close:
            if not comma:
                raise self.wrong(f"a comma or `{close.decode()}` was expected")
            first = first if number else self.at
            name: str | int = number
            if close == b"}":
                name = self._text()
                self.take(_SPACE)
                self.need(_COLON, "a colon")
                self.take(_SPACE)
            self.names.add((*path, name))
            self._value((*path, name))
            number, last = number + 1, self.at
            self.take(_SPACE)
            comma = bool(self.take(_COMMA))
            last = self.at if comma else last
        self.at += 1
        if close == b"}":
            twice = path in self.rooms  # of two objects with one name nobody knows which is read
            self.rooms[path] = Room(0, 0, 0, comma=False) if twice else Room(opened, first, last, comma and number > 0)

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """Behind the last member, and after the blanks that stand before the first."""
        room, name = self.rooms.get(path[:-1]), path[-1]
        if room is None or not room.opened or not isinstance(name, str):
            raise uncreatable("what would hold it is not there once, or is no object")
        blanks = self.data[room.opened : room.first]
        before = blanks if not blanks.strip() else b" "
        comma = b"" if room.comma or room.first == room.last else b","
        return room.last, comma + before + written(name) + b": " + written(value) + (b"," if room.comma else b"")


def written(value: str) -> bytes:
    """Write a text as JSON."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise uneditable("the new value is no text") from None
    return json.dumps(value).encode()
