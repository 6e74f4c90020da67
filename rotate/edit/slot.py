"""One text value of a file: where its bytes stand, and how another one is written in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

# Names of mappings and numbers of list items, from the outermost inwards.
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One value. `value`: decoded. `start`, `end`: the bytes of the token that holds it, its quotes included. `line`:
    from 1. `write` gives the token for another value, in the same style of quoting; raises `Refused` where that style
    cannot hold it. `refers`: what is used in its place, where the text is a reference such as `${NAME}`."""

    path: Path
    value: str = field(repr=False)
    start: int
    end: int
    line: int
    write: Callable[[str], bytes] = field(repr=False)
    refers: str = ""
