"""One word of a shell: its parts in quotes and without, and what the whole means."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from rotate.edit.cursor import Cursor, clean
from rotate.edit.reference import reference, variable
from rotate.edit.refusals import uneditable

_PLAIN = re.compile(rb"(?:[^\s'\"\\$`;&|()<>]|[\x0b\x0c]|\r(?!\n))++")  # what is no blank to a shell is a word
_ESCAPED = re.compile(rb"\\(?:\r\n|[\x80-\xff]++|.|\Z)", re.DOTALL)  # a letter may have several bytes
_SINGLE = re.compile(rb"'[^']*+'")
_ANSI = re.compile(rb"\$'(?:[^'\\]|\\.)*+'", re.DOTALL)
_BACKTICKS = re.compile(rb"`(?:[^`\\]|\\.)*+`", re.DOTALL)
_DOUBLE = re.compile(rb'"')
_DOUBLE_PLAIN = re.compile(rb"(?:[^\"\\$`]|\\.|\$(?![A-Za-z0-9_({!@#*?$-]))*+", re.DOTALL)
_VARIABLE = re.compile(rb"\$(?:[A-Za-z_]\w*+|[0-9!@#*?$-])")
_OPENS = re.compile(rb"\$?\(|\$\{")
_INSIDE = re.compile(rb"[^'\"\\$`(){}]++")
_DOLLAR = re.compile(rb"\$")
_BARE = re.compile(r"[\w./+=@%:,^-]*", re.ASCII)
_SPECIAL = re.compile(r'([\\"$`])')


class Word(NamedTuple):
    """`text`: what it means, as far as nothing is expanded. `write`: see `Slot`."""

    text: str
    refers: str
    write: Callable[[str], bytes]


class Words(Cursor):
    """Reads words."""

    def word(self) -> Word:
        """Read a word; an empty one where none stands."""
        kinds, text, start = [], "", self.at
        while part := self._part():
            kinds.append(part[0])
            text += part[1]
        raw = self.data[start : self.at].decode()
        refers = ""
        if "expanded" in kinds:
            refers = variable(raw) or ("$(…)" if "$(" in raw or "`" in raw else "$…")
        write = _STYLES.get(kinds[0] if kinds else "bare", _mixed) if not kinds[1:] else _mixed
        return Word(text, refers or reference(text), write)

    def _part(self) -> tuple[str, str] | None:
        """Read what has one kind of quotes; its kind and what it means."""
        if found := self.take(_PLAIN):
            return "bare", found[0].decode()
        if found := self.take(_ESCAPED):
            return "escaped", found[0][1:].decode().strip("\r\n")
        if found := self.take(_SINGLE):
            return "fish" if b"\\" in found[0] else "single", found[0][1:-1].decode()
        if found := self.take(_ANSI):
            return ("escaped" if b"\\" in found[0] else "ansi"), found[0][2:-1].decode()
        if self.peek() == b'"':
            return self._double(0)
        if self._expanded(0):
            return "expanded", ""
        if self.take(_DOLLAR):
            return "escaped", "$"
        if self.peek() == b"'":
            raise self.wrong("the quote that ends a text was expected")
        return None

    def _double(self, depth: int) -> tuple[str, str]:
        start, kind = self.at + 1, "double"
        self.at += 1
        while self.take(_DOUBLE_PLAIN) and self._expanded(depth):
            kind = "expanded"
        raw = self.data[start : self.at].decode()
        self.need(_DOUBLE, "the quote that ends a text")
        return kind, re.sub(r'\\(?:([\\"$`])|\r?\n)', lambda hit: hit[1] or "", raw)

    def _expanded(self, depth: int) -> bool:
        """Step over what the shell puts something else in place of."""
        if self.take(_VARIABLE) or self.take(_BACKTICKS):
            return True
        if self.peek() == b"`":
            raise self.wrong("the backtick that ends a command was expected")
        if self.data[self.at : self.at + 2] in (b"$(", b"${"):
            self.brackets(depth)
            return True
        return False

    def brackets(self, depth: int = 0) -> None:
        """Step over brackets and all that stands between them."""
        self.nested(("",) * depth)
        opened = self.need(_OPENS, "a bracket")[0]
        close = b"}" if opened == b"${" else b")"
        while self.peek() != close:
            if self.take(_INSIDE) or self.take(_ESCAPED) or self.take(_SINGLE) or self.take(_ANSI):
                continue
            if self.peek() == b'"':
                self._double(depth + 1)
            elif self.peek() == b"(":
                self.brackets(depth + 1)
            elif not self._expanded(depth + 1):
                if not self.peek():
                    raise self.wrong(f"`{close.decode()}` was expected")
                self.at += 1
        self.at += 1


def _bare(value: str) -> bytes:
    if not _BARE.fullmatch(value):
        raise uneditable("the new value needs quotes, and the one that stands there has none")
    return value.encode()


def _single(value: str) -> bytes:
    if not clean(value) or re.search(r"['\\]", value):
        raise uneditable("single quotes cannot hold the new value")
    return f"'{value}'".encode()


def _ansi(value: str) -> bytes:
    return b"$" + _single(value)


def _double(value: str) -> bytes:
    if not clean(value):
        raise uneditable("quotes cannot hold the new value")
    return b'"' + _SPECIAL.sub(r"\\\1", value).encode() + b'"'


def quoted(value: str) -> bytes:
    """Write a word anew."""
    return _bare(value) if _BARE.fullmatch(value) else _double(value)


def _mixed(value: str) -> bytes:
    del value
    raise uneditable("it is put together from several parts")


_STYLES: dict[str, Callable[[str], bytes]] = {"bare": _bare, "single": _single, "ansi": _ansi, "double": _double}
