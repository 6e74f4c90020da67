"""The XML of one credential, taken apart where the secret stands, and nowhere else.

Read by the standard library's expat, which resolves no external entity; a document type, the one place where entities
are declared, is refused, so nothing is ever expanded.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from io import BytesIO
from typing import NamedTuple
from xml.parsers import expat

SECRET, REDACTED, ID = "secret", "secret-redacted", "id"
STRING = "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl"


class Config(NamedTuple):
    """One credential as Jenkins shows it. `kind`: its class. `parts`: each element in it but the secret's, as it
    stands. `before` and `after`: what stands around the secret's element, to the byte. `secrets`: how many such
    elements there are; `elsewhere`: how many values Jenkins leaves out beside them."""

    kind: str
    id: str
    parts: Mapping[str, str]
    before: str
    after: str
    secrets: int
    elsewhere: int

    def holding(self, value: str) -> str:
        """Give the whole with a value in the secret's place, all else as it stands."""
        return f"{self.before}<{SECRET}>{html.escape(value, quote=False)}</{SECRET}>{self.after}"


def created(name: str, value: str) -> str:
    """Give the XML of a new Secret text, which the jobs below its store may use."""
    fields = f"<scope>GLOBAL</scope><id>{html.escape(name, quote=False)}</id><description></description>"
    return f"<{STRING}>{fields}<{SECRET}>{html.escape(value, quote=False)}</{SECRET}></{STRING}>"


def parsed(text: str) -> Config:
    """Take the XML of a credential apart.

    Raises:
        ValueError: it is no whole XML, or has a document type; without a part of the text.
    """
    found = _Reading(text.encode())
    return found.config()


class _Reading:
    """Hears of each element of a document, with where its bytes stand."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._path: list[str] = []
        self._start = 0
        self._kind, self._id, self._parts = "", "", dict[str, str]()
        self._spans: list[tuple[int, int]] = []
        self._elsewhere = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse

    def config(self) -> Config:
        """Read it to its end."""
        try:
            self._parser.ParseFile(BytesIO(self._data))
        except expat.ExpatError:
            raise ValueError("it is no whole XML") from None
        first, last = self._spans[0] if self._spans else (0, 0)
        before, after = self._data[:first].decode(), self._data[last:].decode()
        return Config(self._kind, self._id, self._parts, before, after, len(self._spans), self._elsewhere)

    def _begin(self, name: str, _: dict[str, str]) -> None:
        if len(self._path) == 1:
            self._start = self._parser.CurrentByteIndex
        if name == REDACTED and SECRET not in self._path[1:2]:
            self._elsewhere += 1
        self._path.append(name)
        self._kind = self._path[0]

    def _end(self, name: str) -> None:
        self._path.pop()
        if len(self._path) != 1:
            return
        # Behind an empty element, such as `<secret/>`, expat is past it already; before an end tag it is at its start.
        at = self._parser.CurrentByteIndex
        close = self._data.find(b">", at)
        if self._data[at:close].rstrip() == f"</{name}".encode():
            at = close + 1
        if name == SECRET:
            self._spans.append((self._start, at))
        else:
            self._parts[name] = self._parts.get(name, "") + self._data[self._start : at].decode()

    def _text(self, text: str) -> None:
        if self._path[1:] == [ID]:
            self._id += text

    def _refuse(self, *_: object) -> None:
        raise ValueError("it has a document type")
