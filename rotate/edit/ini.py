"""Files of sections with `name = value`, and files of such pairs without sections, as npm has them.

Sources: Python's `configparser` (which of two delimiters, what continues a value); npm's `ini` (a section-less file
whose names may have colons; quotes; a comment behind a value).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from rotate.edit.cursor import Cursor, clean
from rotate.edit.reference import reference
from rotate.edit.refusals import uncreatable, uneditable
from rotate.edit.slot import Path
from rotate.edit.where import flat, name_of

_LINE = re.compile(rb"([ \t]*+)([^\r\n]*+)\r?\n?")
_SECTION = re.compile(rb"\[(.+)\][ \t]*+(?:[;#].*)?\Z")
_PAIR, _EQUALS = re.compile(rb"([^=:]++)[=:][ \t]*+"), re.compile(rb"([^=]++)=[ \t]*+")
_QUOTED = re.compile(rb"(\"[^\"\\]*+\"|'[^'\\]*+')[ \t]*+(?:[;#].*)?\Z")
_COMMENT = re.compile(rb"(?:\A|[ \t])[;#].*")
_NAMED = re.compile(r"%\((\w+)\)s")
_BARE = re.compile(r"[\w./+=~@:,^&*()|<>?!-]+(?: [\w./+=~@:,^&*()|<>?!-]+)*", re.ASCII)


class Ini(Cursor):
    """Finds every value of every section. A line that is no pair is skipped."""

    language = "an INI file"
    pair = _PAIR
    sections = True

    def scan(self) -> None:
        """Read the whole file."""
        section: Path = ()
        indent = -1  # of the pair whose value the next line may continue
        self.ends: dict[Path, int] = {(): 0}
        while self.at < len(self.data):
            start = self.at
            line = self.need(_LINE, "a line")
            text, deep = line[2].rstrip(), len(line[1])
            if not text or text[:1] in b";#":
                continue
            if self.sections and 0 <= indent < deep:
                self._continue(line.start(2) + len(text))
            elif self.sections and text[:1] == b"[":
                found = _SECTION.match(text)
                if not found:
                    self.at = start
                    raise self.wrong("the bracket that ends the name of the section was expected")
                section, indent = flat(found[1].decode()), -1
            elif pair := self.pair.match(text):
                path = (*section, *flat(pair[1].decode().rstrip(" \t")))
                self._pair(path, text[pair.end() :], line.start(2) + pair.end())
                indent = deep
            self.ends[section] = line.end(2)

    def _pair(self, path: Path, raw: bytes, start: int) -> None:
        self.names.add(path)
        if quoted := _QUOTED.match(raw):
            write: Callable[[str], bytes] = partial(_between, quoted[1][:1].decode())
            token, value = quoted[1], quoted[1][1:-1].decode()
        else:
            token = _COMMENT.sub(b"", raw, count=1).rstrip()
            value, write = token.decode(), _bare
        named = _NAMED.search(value)
        self.keep(path, value, (start, start + len(token)), write, named[0] if named else reference(value))

    def _continue(self, end: int) -> None:
        """Add a line to the value before it."""
        last = self.found.pop()
        text = self.data[last.end : end].decode().strip()
        self.found.append(replace(last, value=f"{last.value}\n{text}", end=end, write=_refuse))

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """At the end of its section."""
        if (end := self.ends.get(path[:-1] if self.sections else ())) is None:
            raise uncreatable("its section is not there")
        name = name_of(path[-1:] if self.sections else path)
        between = "" if b" = " not in self.data else " "
        return self.new_line(f"{name}{between}={between}{_bare(value).decode()}", end)


class Pairs(Ini):
    """Finds every value of a file without sections, where a colon is a part of the name."""

    language = "a file of pairs"
    pair = _EQUALS
    sections = False


def _bare(value: str) -> bytes:
    if not _BARE.fullmatch(value):
        raise uneditable("the readers of such files do not agree on what the new value means there")
    return value.encode()


def _between(mark: str, value: str) -> bytes:
    if not clean(value) or re.search(r"[\\\"'$%`]", value):
        raise uneditable("the readers of such files do not agree on what the new value means in quotes")
    return f"{mark}{value}{mark}".encode()


def _refuse(value: str) -> bytes:
    del value
    raise uneditable("it goes over several lines")
