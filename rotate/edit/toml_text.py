"""TOML: a scanner for the places, checked against `tomllib` for the values. Source: toml.io/en/v1.0.0."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import partial

from rotate.edit.cursor import Cursor, clean
from rotate.edit.refusals import uncreatable, uneditable, unreadable
from rotate.edit.slot import Path

_BLANK = re.compile(rb"(?:[ \t\r\n]++|#[^\n]*+)*+")
_SPACE = re.compile(rb"[ \t]*+")
_NAME = re.compile(rb"""[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""")
_TEXT = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*+"""("{0,2})|"(?:[^"\\\n]|\\.)*+"|' + rb"'''(?:[^']|'(?!''))*+'''('{0,2})|'[^'\n]*+'",
    re.DOTALL,
)
_OTHER = re.compile(rb"[^\s,\[\]{}#\"'=][^,\[\]{}#\n\"'=]*+")
_DOT, _EQUALS, _COMMA = re.compile(rb"[ \t]*+\.[ \t]*+"), re.compile(rb"[ \t]*+=[ \t]*+"), re.compile(rb",")
_TABLE, _CLOSE = re.compile(rb"\[\[?"), re.compile(rb"[ \t]*+\]\]?")
_OPEN = re.compile(rb"[\[{]")
_QUOTES = re.compile(rb"(\"\"\"|''')(\r?\n)?")


class Toml(Cursor):
    """Finds every text. An item of an array of tables has its number in the path."""

    language = "TOML"

    def scan(self) -> None:
        """Read the whole file."""
        self._arrays: dict[Path, int] = {}
        table: Path = ()
        self.tables: dict[Path, int] = {(): 0}
        while self.take(_BLANK) and self.at < len(self.data):
            if self.peek() == b"[":
                table = self._table()
            else:
                self._member(table)
            self.tables[table] = self.at
        try:
            meant = list(_texts(tomllib.loads(self.data.decode()), ()))
        except (ValueError, RecursionError):
            raise unreadable(self.language, 0, "it does not parse") from None
        if sorted(meant, key=repr) != sorted(((one.path, one.value) for one in self.found), key=repr):
            raise unreadable(self.language, 0, "two ways to read it do not agree")

    def _table(self) -> Path:
        many = self.need(_TABLE, "a table")[0] == b"[["
        self.take(_SPACE)
        *outer, last = self._names()
        self.need(_CLOSE, "`]`")
        path: Path = ()
        for name in outer:
            path = self._inside((*path, name))
        path = (*path, last)
        if many:
            self._arrays[path] = self._arrays.get(path, -1) + 1
        return self._inside(path)

    def _inside(self, path: Path) -> Path:
        """Give the last item of an array of tables; the path itself where it is none."""
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _names(self) -> list[str]:
        names = [self._name()]
        while self.take(_DOT):
            names.append(self._name())
            self.nested(tuple(names))
        return names

    def _name(self) -> str:
        token = self.need(_NAME, "a name")[0]
        return self._meaning(token) if token[:1] in b"\"'" else token.decode()

    def _meaning(self, token: bytes) -> str:
        try:
            text: str = tomllib.loads(f"v = {token.decode()}")["v"]
        except ValueError:
            raise self.wrong("there is an escape that TOML does not have") from None
        return text

    def _member(self, table: Path) -> None:
        path = (*table, *self._names())
        self.need(_EQUALS, "`=`")
        self.names.add(path)
        self._value(path)

    def _value(self, path: Path) -> None:
        self.nested(path)
        start = self.at
        if text := self.take(_TEXT):
            quotes = _QUOTES.match(text[0])
            write = partial(_many, quotes[0], quotes[1]) if quotes else _one if text[0][:1] == b'"' else _literal
            self.keep(path, self._meaning(text[0]), (start, self.at), write)
        elif opened := self.take(_OPEN):
            self._items(path, b"]" if opened[0] == b"[" else b"}")
        else:
            self.need(_OTHER, "a value")

    def _items(self, path: Path, close: bytes) -> None:
        number, comma = 0, True
        while self.take(_BLANK) and self.peek() != close:
            if not comma:
                raise self.wrong(f"a comma or `{close.decode()}` was expected")
            if close == b"]":
                self._value((*path, number))
            else:
                self._member(path)
            number += 1
            self.take(_BLANK)
            comma = bool(self.take(_COMMA))
        self.at += 1

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """Behind the last line of its table."""
        if (end := self.tables.get(path[:-1])) is None or not isinstance(path[-1], str):
            raise uncreatable("what would hold it is not there, or is no table of its own")
        name = path[-1].encode() if re.fullmatch(r"[A-Za-z0-9_-]+", path[-1]) else _one(path[-1])
        at = self.line_end(end) if end else 0
        return self.new_line(f"{name.decode()} = {_one(value).decode()}", at)


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Give every text of what `tomllib` read."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, (*path, number))


def _one(value: str) -> bytes:
    """Write a basic text: every escape of JSON is one of TOML."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise uneditable("the new value is no text") from None


def _literal(value: str) -> bytes:
    if not clean(value) or "'" in value:
        raise uneditable("single quotes cannot hold the new value")
    return f"'{value}'".encode()


def _many(opened: bytes, quotes: bytes, value: str) -> bytes:
    """Write a text of several lines: with the line end behind the opening quotes, if there was one."""
    return opened + (_one(value) if quotes == b'"""' else _literal(value))[1:-1] + quotes
