"""Files of `NAME=value`, as dotenv libraries read them.

The readers differ: python-dotenv 1.2 and Compose undo escapes in double quotes, the dotenv of Node undoes `\\n` alone;
Node ends an unquoted value at any `#`, the others where a space stands before it. So a value is written only where all
of them read it alike. Sources: python-dotenv's `parser.py`, the `LINE` expression of Node's dotenv, Compose's docs on
`env_file`.
"""

from __future__ import annotations

import re
from functools import partial

from rotate.edit.cursor import Cursor, clean
from rotate.edit.reference import braces, reference, variable
from rotate.edit.refusals import uneditable
from rotate.edit.slot import Path
from rotate.edit.where import flat, name_of

_BLANK = re.compile(rb"(?:[ \t\r\n]++|#[^\n]*+)*+")
_NAME = re.compile(rb"(?:export[ \t]++)?([A-Za-z_][\w.-]*+)(?:[ \t]*+=[ \t]*+|:[ \t]++)")
_QUOTED = re.compile(
    rb"('[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\"|`[^`]*+`)[ \t]*+(?=#|\r?\n|\Z)", re.DOTALL
)
_REST = re.compile(rb"[^\r\n]*+")
_COMMENT = re.compile(rb"(?:\A|[ \t])#.*", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\'\"abfnrtv$`])")
_MEANT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BARE = re.compile(r"[\w./+=~@%:,^&*()|;<>?!-]*", re.ASCII)


class Dotenv(Cursor):
    """Finds every assignment. A line that is none is skipped, as every reader does."""

    language = "a dotenv file"

    def scan(self) -> None:
        """Read the whole file."""
        while self.take(_BLANK) and self.at < len(self.data):
            name = self.take(_NAME)
            if name is None:
                self.take(_REST)
            elif self.peek() and self.peek() in b"'\"`":
                self._quoted(name[1].decode())
            else:
                self._bare(name[1].decode())

    def _quoted(self, name: str) -> None:
        start, quote = self.at, self.peek().decode()
        found = self.need(_QUOTED, f"the quote that ends the value of `{name}`, and nothing behind it,")
        token = found[1].decode()
        self.names.add(flat(name))
        raw = token[1:-1]
        known = {'"': _MEANT, "'": {}}.get(quote)
        text = raw if known is None else _ESCAPE.sub(lambda hit: known.get(hit[1], hit[1]), raw)
        refers = braces(raw) if quote == "'" else variable(raw) or ("$(…)" if "$(" in raw else "")
        self.keep(flat(name), text, (start, found.end(1)), partial(_between, quote), refers or reference(text))

    def _bare(self, name: str) -> None:
        start = self.at
        raw = _COMMENT.sub(b"", self.need(_REST, "a value")[0]).rstrip(b" \t")
        text = raw.decode()
        self.names.add(flat(name))
        refers = variable(text) or ("$(…)" if "$(" in text or "`" in text else "")
        write = _continued if text.endswith("\\") else _bare
        self.keep(flat(name), text, (start, start + len(raw)), write, refers or reference(text))

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """At the end of the file."""
        token = _bare(value) if _BARE.fullmatch(value) else _between('"', value)
        return self.new_line(f"{name_of(path)}={token.decode()}", len(self.data))


def _between(quote: str, value: str) -> bytes:
    """Write a value between quotes."""
    if not clean(value) or re.search(rf"[\\$`{quote}]", value):
        raise uneditable(f"the readers of dotenv files do not agree on what the new value means in {quote}{quote}")
    return f"{quote}{value}{quote}".encode()


def _bare(value: str) -> bytes:
    """Write a value without quotes."""
    if not _BARE.fullmatch(value):
        raise uneditable("the new value needs quotes, and the one that stands there has none")
    return value.encode()


def _continued(value: str) -> bytes:
    del value
    raise uneditable("the line ends with a backslash: a shell reads the next line as a part of the value")
