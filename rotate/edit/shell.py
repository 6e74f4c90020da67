"""Files that a shell reads: what they assign, whatever else they do.

Enough of the grammar of POSIX shells, bash and zsh to tell an assignment from the same text in a comment, in quotes, in
a here-document or as an argument; `set -gx NAME value` of fish beside it. Source: POSIX.1-2024, Shell Command Language.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rotate.edit.shell_words import Word, Words, quoted
from rotate.edit.slot import Path
from rotate.edit.where import flat, name_of

_SPACE = re.compile(rb"(?:[ \t]++|\\\r?\n)*+")
_COMMENT = re.compile(rb"#[^\n]*+")
_LINE_END = re.compile(rb"\r?\n")
_ARITHMETIC = re.compile(rb"\(\([^\n]{0,200}?\)\)")
_OPERATOR = re.compile(rb"[;&|()]")
_HERE = re.compile(rb"[0-9]*+<<(-?)(?!<)[ \t]*+")
_REDIRECTION = re.compile(rb"[0-9]*+(?:<<<|[<>]\(?|[<>]++[&|]?)")
_ASSIGNS = re.compile(rb"([A-Za-z_]\w*+)(\[[^\]\n]*+\])?(\+?)=")
_DECLARES = {b"export", b"declare", b"typeset", b"local", b"readonly", b"env"}
_RESERVED = {b"if", b"then", b"else", b"elif", b"do", b"while", b"until", b"!", b"{", b"time", b"begin", b"and", b"or"}
_SET = re.compile(rb"set (?:-[a-zA-Z]*x[a-zA-Z]*|--export) ([A-Za-z_]\w*)")


class Here(NamedTuple):
    """A here-document that starts at the next line."""

    end: bytes
    tabs: bool


class Shell(Words):
    """Finds every assignment: of the shell, of an exported name, of the environment of one command."""

    language = "a shell file"

    def scan(self) -> None:
        """Read the whole file."""
        self._here: list[Here] = []
        self._words: list[bytes] = []  # of the command at hand, without its assignments
        while self.take(_SPACE) and self.at < len(self.data):
            if self.take(_LINE_END):
                self._skip_here()
                self._words = []
            elif self.take(_COMMENT) or self._redirected():
                continue
            elif self.take(_ARITHMETIC) or self.take(_OPERATOR):
                self._words = []
            else:
                self._word()

    def _redirected(self) -> bool:
        here = self.take(_HERE)
        if here:
            self._here.append(Here(self.word().text.encode(), bool(here[1])))
        return bool(here or self.take(_REDIRECTION))

    def _skip_here(self) -> None:
        for here in self._here:
            tabs = rb"\t*" if here.tabs else b""
            end = re.compile(rb"(?:[^\n]*\n)*?" + tabs + re.escape(here.end) + rb"\r?(?:\n|\Z)")
            self.need(end, "the end of the here-document")
        self._here = []

    def _word(self) -> None:
        free = not self._words or self._words[0] in _DECLARES
        assigned = self.take(_ASSIGNS) if free else None
        if assigned and self.peek() == b"(":
            self.brackets()
        elif assigned:
            start, word = self.at, self.word()
            if not (assigned[2] or assigned[3]):
                self._keep(assigned[1].decode(), start, word)
        else:
            start, word = self.at, self.word()
            raw = self.data[start : self.at]
            if self._words or raw not in _RESERVED:
                self._words.append(raw)
            self._fish(start, word)

    def _fish(self, start: int, word: Word) -> None:
        """Keep the value of `set -gx NAME value`."""
        if self._words[:1] == [b"set"] and (found := _SET.fullmatch(b" ".join(self._words[:-1]))):
            self._keep(found[1].decode(), start, word)

    def _keep(self, name: str, start: int, word: Word) -> None:
        path = flat(name)
        self.names.add(path)
        self.keep(path, word.text, (start, self.at), word.write, word.refers)

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """At the end of the file; exported, since whoever has the file read wants that."""
        return self.new_line(f"export {name_of(path)}={quoted(value).decode()}", len(self.data))
