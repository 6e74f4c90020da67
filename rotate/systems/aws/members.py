"""One member of a JSON object as text: found, replaced or added, with every other byte as it is."""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError
from typing import NamedTuple

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Member(NamedTuple):
    """Where one member stands: its name, its value, and the places of its first quote and of its value in the text."""

    name: str
    value: object
    first: int
    start: int
    end: int


def members(text: str) -> list[Member] | None:
    """Give the members of an object in their order; `None` where the text is no JSON object."""
    try:
        if not isinstance(json.loads(text), dict):
            return None
    except JSONDecodeError:
        return None
    found: list[Member] = []
    at = _after_blank(text, _after_blank(text, 0) + 1)
    while text[at] == '"':
        name, end = _DECODER.raw_decode(text, at)
        start = _after_blank(text, _after_blank(text, end) + 1)
        value, stop = _DECODER.raw_decode(text, start)
        found.append(Member(name, value, at, start, stop))
        at = _after_blank(text, stop)
        if text[at] == ",":
            at = _after_blank(text, at + 1)
    return found


def replaced(text: str, name: str, value: str) -> str:
    """Give an object's text with one member's value in place of the one before, or with one more member at its end."""
    found = members(text) or []
    said = json.dumps(value)
    for one in found:
        if one.name == name:
            return text[: one.start] + said + text[one.end :]
    if not found:
        at = _after_blank(text, 0) + 1
        return f"{text[:at]}{json.dumps(name)}: {said}{text[at:]}"
    last = found[-1]
    gap = (
        text[found[-2].end : last.first]
        if len(found) > 1
        else f",{text[_after_blank(text, 0) + 1 : last.first] or ' '}"
    )
    return f"{text[: last.end]}{gap}{json.dumps(name)}: {said}{text[last.end :]}"


def rest(text: str, name: str) -> str:
    """Give an object's text without the value of one member: what a write must leave as it is."""
    for one in members(text) or []:
        if one.name == name:
            return text[: one.start] + text[one.end :]
    return text


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
