"""Terraform's variables: attributes of HCL with literal values.

Source: github.com/hashicorp/hcl, `hclsyntax/spec.md`. A heredoc is left out: no key is kept in one.
"""

from __future__ import annotations

import re
import sys

from rotate.edit.cursor import Cursor, clean
from rotate.edit.reference import reference
from rotate.edit.refusals import uncreatable, uneditable
from rotate.edit.slot import Path

_SPACE = re.compile(rb"(?:[ \t]++|/\*.*?\*/|(?:#|//)[^\n]*+)*+", re.DOTALL)
_BLANK = re.compile(rb"(?:[ \t\r\n]++|/\*.*?\*/|(?:#|//)[^\n]*+)*+", re.DOTALL)
_NAME = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*+")
_EQUALS, _ASSIGNS = re.compile(rb"="), re.compile(rb"[=:]")
_OTHER = re.compile(rb"-?[0-9][0-9.eE+-]*+|true\b|false\b|null\b")
_HEREDOC = re.compile(rb"<<-?([A-Za-z_][\w-]*+)\r?\n(?:.*?\n)??[ \t]*+\1(?=\r?\n|\Z)", re.DOTALL)
_CHUNK = re.compile(rb"(?:[^\"\\$%\r\n]|\\(?:[nrt\"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{|[$%](?!\{))*+")
_TEMPLATE = re.compile(rb"[$%]\{")
_INSIDE = re.compile(rb"[^{}\"]*+")
_QUOTE = re.compile(rb'"')
_LINE_END = re.compile(rb"\r?\n|\Z")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|([$%])\2\{")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}


class Tfvars(Cursor):
    """Finds every text of every attribute."""

    language = "Terraform variables"

    def scan(self) -> None:
        """Read the whole file."""
        while self.take(_BLANK) and self.at < len(self.data):
            path = (self.need(_NAME, "a name")[0].decode(),)
            self.take(_SPACE)
            self.need(_EQUALS, "`=`")
            self._attribute(path)
            self.take(_SPACE)
            self.need(_LINE_END, "the end of the line (only plain values are read)")

    def _attribute(self, path: Path) -> None:
        self.names.add(path)
        self.take(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        self.nested(path)
        if self.peek() == b'"':
            start = self.at
            text, refers = self._text(0)
            self.keep(path, text, (start, self.at), written, refers or reference(text))
        elif self.peek() == b"[":
            self._items(path, b"]")
        elif self.peek() == b"{":
            self._items(path, b"}")
        elif not self.take(_HEREDOC):
            self.need(_OTHER, "a plain value")

    def _text(self, depth: int) -> tuple[str, str]:
        """Read a text in quotes; what it refers to, if there is a template in it."""
        start, refers = self.at + 1, ""
        self.need(_QUOTE, "a quote")
        while self.take(_CHUNK) and (opened := self.take(_TEMPLATE)):
            refers = refers or f"{opened[0].decode()}…}}"
            self._template(depth + 1)
        raw = self.data[start : self.at].decode()
        self.need(_QUOTE, "the quote that ends the text")
        return _ESCAPE.sub(_meant, raw), refers

    def _template(self, depth: int) -> None:
        """Step over a template, whose texts may hold braces and templates of their own."""
        self.nested(("",) * depth)
        opened = 1
        while opened and self.take(_INSIDE):
            if self.peek() == b'"':
                self._text(depth)
                continue
            if not self.peek():
                raise self.wrong("the brace that ends a template was expected")
            opened += 1 if self.peek() == b"{" else -1
            self.at += 1

    def _items(self, path: Path, close: bytes) -> None:
        """Read a list, or an object, whose members end with the line too."""
        self.at += 1
        number, ended = 0, True
        while self.take(_BLANK) and self.peek() != close:
            if not ended:
                raise self.wrong(f"a comma or `{close.decode()}` was expected")
            if close == b"]":
                self._value((*path, number))
            else:
                name = self._text(0)[0] if self.peek() == b'"' else self.need(_NAME, "a name")[0].decode()
                self.take(_SPACE)
                self.need(_ASSIGNS, "`=`")
                self._attribute((*path, name))
            number += 1
            ended = self._separated(lines=close == b"}")
        self.at += 1

    def _separated(self, *, lines: bool) -> bool:
        start = self.at
        self.take(_BLANK)
        if self.peek() == b",":
            self.at += 1
            return True
        return lines and b"\n" in self.data[start : self.at]

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """At the end of the file."""
        if len(path) > 1:
            raise uncreatable("only an attribute of the whole file can be added")
        return self.new_line(f"{path[0]} = {written(value).decode()}", len(self.data))


def _meant(hit: re.Match[str]) -> str:
    if hit[2]:
        return f"{hit[2]}{{"
    code = hit[1]
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= sys.maxunicode else "\ud800"  # no text: left out
    return _MEANT.get(code, code)


def written(value: str) -> bytes:
    """Write a text of HCL: what would start a template is doubled."""
    if not clean(value):
        raise uneditable("the new value has characters that quotes cannot hold")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'.encode()
