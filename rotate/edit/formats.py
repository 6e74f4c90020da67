"""The formats of text files: which one a file has, which values stand in it, and one of them replaced.

A value is found by a scanner that knows where its bytes are, and replaced by splicing. The result is scanned again: the
same values must stand in it, but for the one. Nothing here reads a file; nothing here is ever written into a message.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from rotate.edit.dotenv import Dotenv
from rotate.edit.json_text import Json
from rotate.edit.refusals import uneditable, unreadable
from rotate.edit.slot import Slot
from rotate.errors import Refused

Scanner = type[Dotenv] | type[Json]

SCANNERS: dict[str, Scanner] = {"dotenv": Dotenv, "json": Json}
BOM = b"\xef\xbb\xbf"

_SUFFIXES = {
    ".env": "dotenv",
    ".json": "json",
    ".jsonc": "json",
    ".code-workspace": "json",
    ".tfstate": "json",
}
_NAMES = {".dev.vars": "dotenv", ".flaskenv": "dotenv"}


def format_of(path: PurePath) -> str:
    """Tell the format of a file by its name; nothing where the name does not tell."""
    name = path.name.lower()
    by_name = _NAMES.get(name) or _SUFFIXES.get(path.suffix.lower(), "")
    return by_name or ("dotenv" if name == ".env" or name.startswith(".env.") else "")


def slots(data: bytes, form: str) -> tuple[Slot, ...]:
    """Find every text value of a file, in the order in which they stand there.

    Raises:
        Refused: `file-not-readable`; the text is not of that format, is no text, or is nested or large beyond reason.
    """
    if form not in SCANNERS:
        raise unreadable(f"`{form}`", 0, "that is none of the formats that this program knows")
    scanner = SCANNERS[form](_text(data))
    scanner.scan()
    ends = [match.start() for match in re.finditer(b"\n", data)]
    return tuple(replace(slot, line=bisect_left(ends, slot.start) + 1) for slot in scanner.found)


def _text(data: bytes) -> bytes:
    """Give what a scanner reads. A byte order mark becomes blanks, so that each place stays where it is."""
    if b"\0" in data:
        raise unreadable("text", 0, "it has bytes that no text has (or it is UTF-16: save it as UTF-8)")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise unreadable("UTF-8", data.count(b"\n", 0, error.start) + 1, "there are bytes that are no UTF-8") from None
    return b"   " + data[len(BOM) :] if data.startswith(BOM) else data


def replaced(data: bytes, form: str, slot: Slot, value: str) -> bytes:
    """Replace one value, and prove that nothing else differs. `slot` must be one of `slots(data, form)`.

    Raises:
        Refused: `file-not-editable`; its style of quoting cannot hold the value, it is a reference, or the result does
            not read as it should.
    """
    before = slots(data, form)
    place = next((number for number, one in enumerate(before) if _same(one, slot)), None)
    if place is None:
        raise uneditable("the file is not the one in which the value was found")
    if slot.refers:
        raise uneditable(f"it is a reference to {slot.refers}")
    token = before[place].write(value)
    after = data[: slot.start] + token + data[slot.end :]
    if not proven(data, after, form, before, place, value):
        raise uneditable("with the new value the file would not read as it should")
    return after


def _same(one: Slot, other: Slot) -> bool:
    return (one.path, one.value, one.start, one.end) == (other.path, other.value, other.start, other.end)


def proven(data: bytes, after: bytes, form: str, before: Sequence[Slot], place: int, value: str) -> bool:
    """Say whether the file after the edit has the same values as before, but for one, and the same bytes around it."""
    try:
        now = slots(after, form)
    except Refused:
        return False
    one, found = before[place], now[place] if len(now) == len(before) else None
    if found is None or (found.path, found.value, found.refers) != (one.path, value, ""):
        return False
    grown = len(after) - len(data)
    others = [(each.path, each.value, each.refers, each.start + grown * (each.start > one.start)) for each in before]
    stayed = [(each.path, each.value, each.refers, each.start) for each in now]
    del others[place], stayed[place]
    around = after[: one.start] == data[: one.start] and after[found.end :] == data[one.end :]
    return around and found.start == one.start and others == stayed
