"""What a remedy gives to paste is YAML, for a workflow; on the command line the same is a flag, or a variable."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping

_LINE = re.compile(r"    (?P<name>[a-z_]+): *(?P<text>.*?)(?P<why> {2,}#.*)?")
_BLOCK = re.compile(r" {5,}(.*)")
_AS_IT_IS = re.compile(r"'.*'|[\w@%+=:,./…*-]+", re.ASCII)


def for_command_line(remedy: str, flags: Collection[str], variables: Mapping[str, tuple[str, ...]]) -> str:
    """Write the lines that set an input as flags and variables; every other line stays.

    `flags`: the inputs that are flags. `variables`: the names of the environment variables that an input is read from.
    """
    return "\n".join(_lines(remedy.split("\n"), flags, variables))


def _lines(lines: list[str], flags: Collection[str], variables: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    while lines:
        line = lines.pop(0)
        found = _LINE.fullmatch(line)
        name = found["name"] if found else ""
        if found and name in variables:
            yield f"    export {variables[name][0]}=…{found['why'] or ''}"
        elif found and name in flags:
            text = found["text"]
            if text == "|":
                text = ",".join(_block(lines))
            yield f"    --{name.replace('_', '-')}{'' if text == 'true' else f' {_quoted(text)}'}{found['why'] or ''}"
        else:
            yield line


def _block(lines: list[str]) -> Iterator[str]:
    """Take the entries that are set further in."""
    while lines and (found := _BLOCK.fullmatch(lines[0])):
        lines.pop(0)
        yield found[1]


def _quoted(text: str) -> str:
    return text if _AS_IT_IS.fullmatch(text) else shlex.quote(text)
