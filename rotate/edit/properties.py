"""Properties of Java. Source: the documentation of `java.util.Properties.load`.

The text is UTF-8 or else Latin-1; what is written is ASCII, which both read alike.
"""

from __future__ import annotations

import re

from rotate.edit.cursor import Cursor
from rotate.edit.refusals import uneditable
from rotate.edit.slot import Path
from rotate.edit.where import flat, name_of

_BLANK = re.compile(rb"(?:[ \t\f\r\n]++|[#!][^\r\n]*+)*+")
_NAME = re.compile(rb"(?:[^\\:= \t\f\r\n]|\\(?:\r\n|.))*+", re.DOTALL)
_BETWEEN = re.compile(rb"(?:[ \t\f]|\\(?:\r\n|\r|\n))*+[:=]?(?:[ \t\f]|\\(?:\r\n|\r|\n))*+")
_VALUE = re.compile(rb"(?:[^\\\r\n]|\\(?:\r\n|.|\Z))*+", re.DOTALL)
_CONTINUED = re.compile(r"\\(?:\r\n|\r|\n|\Z)[ \t\f]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_WRITTEN = {"\\": "\\\\", **{meant: f"\\{name}" for name, meant in _MEANT.items()}}


class Properties(Cursor):
    """Finds every value. A dot in a name is a part of it, and of its address."""

    language = "properties of Java"

    def scan(self) -> None:
        """Read the whole file."""
        try:
            self.data.decode()
            self._encoding = "utf-8"
        except UnicodeDecodeError:
            self._encoding = "latin-1"
        while self.take(_BLANK) and self.at < len(self.data):
            name = self._meaning(self.need(_NAME, "a name")[0])
            self.take(_BETWEEN)
            start = self.at
            raw = self.need(_VALUE, "a value")[0]
            path = flat(name)
            self.names.add(path)
            self.keep(path, self._meaning(raw), (start, self.at), _written)

    def _meaning(self, raw: bytes) -> str:
        text = _CONTINUED.sub("", raw.decode(self._encoding))
        if re.search(r"(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})", text):
            raise self.wrong("there is a `\\u` without four digits")
        meant = _ESCAPE.sub(lambda hit: chr(int(hit[1], 16)) if hit[1] else _MEANT.get(hit[2], hit[2]), text)
        return meant.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """At the end of the file."""
        name = re.sub(r"([:=#! ])", r"\\\1", _written(name_of(path)).decode().removeprefix("\\"))
        return self.new_line(f"{name}={_written(value).decode()}", len(self.data))


def _written(value: str) -> bytes:
    try:
        units = value.encode("utf-16-be")
    except UnicodeEncodeError:
        raise uneditable("the new value is no text") from None
    chars = [chr(int.from_bytes(units[at : at + 2], "big")) for at in range(0, len(units), 2)]
    text = "".join(_WRITTEN.get(one, one if " " <= one <= "~" else f"\\u{ord(one):04x}") for one in chars)
    return (f"\\{text}" if text.startswith(" ") else text).encode()
