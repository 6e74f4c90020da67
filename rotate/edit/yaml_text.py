"""YAML: the events of PyYAML's parser say where a scalar stands.

Nothing is composed, so that an alias is never followed: what it refers to is one value with one place, and a bomb of
aliases is a few short lines.

Sources: yaml.org/spec/1.1; the list form of `environment` in the Compose specification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any, cast

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from rotate.edit.cursor import DEEPEST, Cursor, clean
from rotate.edit.reference import reference
from rotate.edit.refusals import uncreatable, uneditable, unreadable
from rotate.edit.slot import Path
from rotate.errors import one_line

_STR, _CORE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:"
_PROPERTIES = re.compile(rb"(?:[&!][^ \t\r\n]*(?:[ \t\r\n]+(?:#[^\n]*)?)+)*")
_BLOCK = re.compile(rb"[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?\r?\n")
_PLAIN = re.compile(r"[A-Za-z_/](?:[\w./+=~@%-]|:(?=[\w/])| (?=[\w./+=~@%-]))*", re.ASCII)
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL | re.ASCII)


@dataclass
class Frame:
    """A collection that is being read. `path`: where it is; `None` where no address names it. `named`: a mapping.
    `column` and `end`: of its first key, and behind the last thing in it, for adding a name. `flow`: in braces."""

    path: Path | None
    named: bool
    flow: bool
    keyed: bool = False
    key: str | None = None
    count: int = 0
    column: int = -1
    end: int = 0


class Yaml(Cursor):
    """Finds every text in every document. Names of two documents are not told apart: what both have is there twice."""

    language = "YAML"

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data  # with the byte order mark, which blanks would turn into an indentation
        self.rooms: dict[Path, Frame] = {}
        self._stack: list[Frame] = []

    def scan(self) -> None:
        """Read the whole file."""
        text = self.data.decode()
        self._bytes = None if text.isascii() else [0, *accumulate(len(char.encode()) for char in text)]
        self._resolver: Any = yaml.resolver.Resolver()
        try:
            for event in yaml.parse(text, yaml.SafeLoader):
                self._read(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise unreadable(self.language, mark.line + 1 if mark else 0, "it does not parse") from None
        except (yaml.YAMLError, ValueError, OverflowError):
            # ValueError: PyYAML reads an escape such as `\UFFFFFFFF` with `chr`, a version of many digits with `int`.
            raise unreadable(self.language, 0, "there is a character that YAML does not have") from None

    def _read(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self._stack = []
        elif isinstance(event, CollectionStartEvent):
            self._open(event)
        elif isinstance(event, CollectionEndEvent):
            self._close(event)
        elif isinstance(event, ScalarEvent):
            value, path = self._next(event, event.value)
            self._ended(event)
            if value and path:
                self._scalar(event, path)
        elif isinstance(event, AliasEvent):
            value, path = self._next(event, None)
            self._ended(event)
            if value and path:
                self.keep(path, "", self._span(event), _refuse, f"*{one_line(event.anchor or '', 60)}")

    def _next(self, event: Event, text: str | None) -> tuple[bool, Path | None]:
        """Say whether the node that starts here is a value and no key, and where it is."""
        frame = self._stack[-1] if self._stack else None
        if frame is None:
            return True, ()
        if frame.named and not frame.keyed:
            frame.keyed, frame.key = True, text
            frame.column = _start(event).column if frame.column < 0 else frame.column
            return False, None
        name = frame.key if frame.named else frame.count
        frame.keyed, frame.count = False, frame.count + 1
        path = None if frame.path is None or name is None else (*frame.path, name)
        if path is not None:
            self.names.add(path)
        return True, path

    def _open(self, event: CollectionStartEvent) -> None:
        value, path = self._next(event, None)
        named = isinstance(event, MappingStartEvent)
        if event.tag is not None and not event.tag.startswith(_CORE) and value and path:
            self.keep(path, "", (self._byte(_start(event).index),) * 2, _refuse, one_line(event.tag, 60))
            path = None  # what stands in it are the arguments of a function
        frame = Frame(path if value else None, named, bool(event.flow_style))
        self._stack.append(frame)
        if len(self._stack) > DEEPEST:
            raise unreadable(self.language, _start(event).line + 1, f"it is nested deeper than {DEEPEST} levels")
        if frame.path is not None and named:
            twice = frame.path in self.rooms  # of two mappings with one name nobody knows which is read
            self.rooms[frame.path] = Frame(None, named=True, flow=True) if twice else frame

    def _close(self, event: CollectionEndEvent) -> None:
        frame = self._stack.pop()
        frame.end = self._byte(_end(event).index) if frame.flow else frame.end
        if self._stack:
            self._stack[-1].end = max(frame.end, self._stack[-1].end)

    def _ended(self, event: Event) -> None:
        if self._stack:
            self._stack[-1].end = self._byte(_end(event).index)

    def _byte(self, index: int) -> int:
        return index if self._bytes is None else self._bytes[index]

    def _span(self, event: Event) -> tuple[int, int]:
        return self._byte(_start(event).index), self._byte(_end(event).index)

    def _scalar(self, event: ScalarEvent, path: Path) -> None:
        """Keep a scalar that is a text; one with a tag of somebody's own is a reference."""
        tag = event.tag
        if tag is None or tag == "!":
            node = (True, False) if event.implicit[0] else (False, True)
            tag = str(self._resolver.resolve(yaml.ScalarNode, event.value, node))
        refers = "" if tag.startswith(_CORE) else one_line(tag, 60)
        if tag != _STR and not refers:
            return
        start, end = self._span(event)
        if event.anchor or event.tag:
            found = _PROPERTIES.match(self.data, start)
            start = min(found.end(), end) if found else start
        if event.style in ("|", ">"):
            self._block(event, path, (start, end), refers)
            return
        write = {"'": _single, '"': _double}.get(event.style or "", _plain)
        frame = self._stack[-1]
        listed = _ASSIGNMENT.fullmatch(event.value) if not frame.named and path[-2:-1] == ("environment",) else None
        if listed:
            path = (*path[:-1], listed[1])
            self.keep(path, listed[2], (start, end), partial(_prefixed, write, f"{listed[1]}="), reference(listed[2]))
        else:
            self.keep(path, event.value, (start, end), write, refers or reference(event.value))

    def _block(self, event: ScalarEvent, path: Path, span: tuple[int, int], refers: str) -> None:
        """Keep a block scalar. Its token is what stands between the indentation and the last line's end."""
        head = _BLOCK.match(self.data, span[0])
        body = self.data[head.end() : span[1]] if head else b""
        start = span[1] - len(body.lstrip(b" \r\n"))
        content = body.strip(b" \r\n")
        value = event.value.rstrip("\n")
        if content:
            indent = self.data[self.data.rindex(b"\n", 0, start) : start]
            ends = b"\r" + indent if b"\r" in body else indent
            write = partial(_lines, ends if event.style == "|" else None)
            self.keep(path, value, (start, start + len(content)), write, refers or reference(value))

    def room(self, path: Path, value: str) -> tuple[int, bytes]:
        """Below the last line of its mapping, as deep as the first name."""
        frame, name = self.rooms.get(path[:-1]), path[-1]
        if frame is None or frame.flow or frame.column < 0 or not isinstance(name, str):
            raise uncreatable("what would hold it is not there once, or is no mapping on lines of its own")
        at = self.line_end(max(frame.end - 1, 0))
        line = f"{' ' * frame.column}{_either(name)}: {_either(value)}"
        return self.new_line(line, at)


def _start(event: Event) -> yaml.Mark:
    return cast("yaml.Mark", event.start_mark)  # every event of a text has both


def _end(event: Event) -> yaml.Mark:
    return cast("yaml.Mark", event.end_mark)


def _either(text: str) -> str:
    """Write a text without quotes where it needs none."""
    return (_plain(text) if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else _double(text)).decode()


def _refuse(value: str) -> bytes:
    del value
    raise uneditable("it is a reference")


def _prefixed(write: Callable[[str], bytes], prefix: str, value: str) -> bytes:
    return write(prefix + value)


def _plain(value: str) -> bytes:
    if not _PLAIN.fullmatch(value) or value.lower() in _WORDS:
        raise uneditable("the new value needs quotes, and the one that stands there has none")
    return value.encode()


def _single(value: str) -> bytes:
    if not clean(value):
        raise uneditable("single quotes cannot hold the new value")
    return b"'" + value.replace("'", "''").encode() + b"'"


def _double(value: str) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise uneditable("the new value is no text") from None


def _lines(indent: bytes | None, value: str) -> bytes:
    lines = value.split("\n")
    if not all(line and clean(line) and line == line.strip() for line in lines) or (indent is None and len(lines) > 1):
        raise uneditable("a block of text cannot hold the new value")
    return (indent or b"").join(line.encode() for line in lines)
