"""How a place inside a file is written in an address: `neon.apiKey`, `servers[0].args.3`, `mcp.a\\.b`."""

from __future__ import annotations

import re

from rotate.edit.slot import Path

# A name that is written as a number is the number of a list item; one with a backslash in front is a name.
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_ITEM = re.compile(r"(\\.)|\[(0|[1-9][0-9]{0,8})\]", re.ASCII | re.DOTALL)
_PART = re.compile(r"((?:[^\\.]|\\.|\\\Z)*+)\.?", re.DOTALL)


def path_of(text: str) -> Path:
    """Read a path: names and numbers of list items between dots. `[0]` is the same as `.0`. A backslash takes the
    meaning from what follows it: a dot, a bracket, a backslash, the first digit of a name that is a number."""
    dotted = _ITEM.sub(lambda hit: hit[1] or f".{hit[2]}", text)
    if text.startswith("[") and dotted.startswith("."):
        dotted = dotted[1:]
    parts, at = [], 0
    while match := _PART.match(dotted, at):
        parts.append(_of_part(match[1]))
        at = match.end()
        if match.end(1) == len(dotted):
            break
    return tuple(parts)


def _of_part(part: str) -> str | int:
    return int(part) if _NUMBER.fullmatch(part) else re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL)


def text_of(path: Path) -> str:
    """Write a path. `path_of` reads it back as it was."""
    return ".".join(_of_name(name) for name in path)


def _of_name(name: str | int) -> str:
    if isinstance(name, int):
        return str(name)
    return f"\\{name}" if _NUMBER.fullmatch(name) else re.sub(r"([\\.\[])", r"\\\1", name)


def flat(name: str) -> Path:
    """Give the path of a name in a file that has names alone, where a dot is a part of the name: `neon.api.key` in a
    file of properties is addressed as it stands there."""
    return tuple(int(part) if _NUMBER.fullmatch(part) else part for part in name.split("."))


def name_of(path: Path) -> str:
    """Give the name of which `flat` made the path."""
    return ".".join(str(part) for part in path)
