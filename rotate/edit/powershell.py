"""PowerShell: `$env:NAME = "value"`, which a profile or a script sets.

Source: `about_Environment_Variables`, `about_Quoting_Rules` and `about_Comments` of PowerShell's documentation.
"""

from __future__ import annotations

import re
from functools import partial

from rotate.edit.cursor import Cursor, clean
from rotate.edit.reference import reference, variable
from rotate.edit.refusals import uneditable
from rotate.edit.slot import Path
from rotate.edit.where import flat, name_of

_LONG = re.compile(rb"<#.*?#>|@\"[ \t]*\r?\n.*?\n\"@|@'[ \t]*\r?\n.*?\n'@", re.DOTALL)
_COMMENT = re.compile(rb"#[^\n]*+")
_ASSIGNS = re.compile(rb"\$(?:env:([A-Za-z_]\w*+)|\{env:([A-Za-z_]\w*+)\})[ \t]*+=[ \t]*+", re.IGNORECASE)
_TEXT = re.compile(rb"'(?:[^']|'')*+'|\"(?:[^\"`]|`.|\"\")*+\"", re.DOTALL)
_ENDS = re.compile(rb"[ \t]*+(?=[;#)}\r\n]|\Z)")
_OTHER = re.compile(rb"[\w-]++|[^\w]", re.DOTALL)


class PowerShell(Cursor):
    """Finds every variable of the environment that is set to a text in quotes."""

    language = "a PowerShell file"

    def scan(self) -> None:
        """Read the whole file."""
        while self.at < len(self.data):
            if self.take(_LONG) or self.take(_COMMENT):
                continue
            if found := self.take(_ASSIGNS):
                self._assigned((found[1] or found[2]).decode())
            elif not self.take(_TEXT):
                if self.peek() in (b"'", b'"'):
                    raise self.wrong("the quote that ends a text was expected")
                self.need(_OTHER, "a word")

    def _assigned(self, name: str) -> None:
        path, start = flat(name), self.at
        self.names.add(path)
        text = self.take(_TEXT)
        end = self.at
        if not (text and self.take(_ENDS)):
            return
        quote, raw = text[0][:1].decode(), text[0][1:-1].decode()
        value = raw.replace(quote * 2, quote)
        write = _refuse if quote == '"' and "`" in raw else partial(_between, quote)
        expanded = variable(raw) or ("$(…)" if "$(" in raw else "") if quote == '"' else ""
        self.keep(path, value, (start, end), write, expanded or reference(value))

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """At the end of the file."""
        return self.new_line(f"$env:{name_of(path)} = {_between(chr(34), value).decode()}", len(self.data))


def _between(quote: str, value: str) -> bytes:
    # PowerShell takes the quotes of typographers for its own.
    if not clean(value) or re.search("[\"'`$\u2018-\u201e]", value):
        raise uneditable("the quotes that stand there cannot hold the new value")
    return f"{quote}{value}{quote}".encode()


def _refuse(value: str) -> bytes:
    del value
    raise uneditable("there is an escape in the value that stands there")
