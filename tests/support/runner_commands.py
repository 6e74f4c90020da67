"""Which lines the runner obeys: both of its forms, as it parses them (facts: GitHub §5.4, its `ActionCommand`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

REGISTERED = frozenset(
    {"stop-commands", "add-mask", "error", "warning", "notice", "debug", "group", "endgroup", "echo"}
    | {"set-output", "save-state", "set-env", "add-path", "add-matcher", "remove-matcher"}
)


@dataclass(frozen=True)
class Obeyed:
    """One command: its name in lower case, and its data as it stands in the line."""

    name: str
    data: str


def parsed(line: str) -> Obeyed | None:
    """Read one line: the form of today, if not that the older one."""
    trimmed = line.lstrip()
    end = trimmed.find("::", 2)
    if trimmed.startswith("::") and end >= 0 and (found := _known(trimmed[2:end])):
        return Obeyed(found, trimmed[end + 2 :])
    start = line.find("##[")
    end = line.find("]", start)
    if start >= 0 and end >= 0 and (found := _known(line[start + 3 : end])):
        return Obeyed(found, line[end + 1 :])
    return None


def _known(info: str) -> str:
    name = info.partition(" ")[0].lower()
    return name if name in REGISTERED else ""


def obeyed(text: str) -> Iterator[Obeyed]:
    """Read a whole log, whatever ends a line in it."""
    for line in re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        if found := parsed(line):
            yield found
