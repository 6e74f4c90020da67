"""The formats of text files: which one a file has, which values stand in it, and one of them replaced.

A value is found by a scanner that knows where its bytes are, and replaced by splicing. The result is scanned again: the
same values must stand in it, but for the one. Nothing here reads a file; nothing here is ever written into a message.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

from rotate.edit.cursor import Cursor
from rotate.edit.dotenv import Dotenv
from rotate.edit.ini import Ini, Pairs
from rotate.edit.json_text import Json
from rotate.edit.powershell import PowerShell
from rotate.edit.properties import Properties
from rotate.edit.refusals import uncreatable, uneditable, unreadable
from rotate.edit.shell import Shell
from rotate.edit.slot import Path, Slot
from rotate.edit.tfvars import Tfvars
from rotate.edit.toml_text import Toml
from rotate.edit.yaml_text import Yaml
from rotate.errors import Refused

SCANNERS: dict[str, Callable[[bytes], Cursor]] = {
    "dotenv": Dotenv,
    "ini": Ini,
    "json": Json,
    "pairs": Pairs,
    "powershell": PowerShell,
    "properties": Properties,
    "shell": Shell,
    "tfvars": Tfvars,
    "toml": Toml,
    "yaml": Yaml,
}
# Bytes: what is parsed within a few seconds. A client's JSON file may hold years of history.
LARGEST = {"json": 1 << 25, "yaml": 1 << 20}
LARGEST_OTHER = 1 << 22

_SUFFIXES = {
    **dict.fromkeys((".cfg", ".ini"), "ini"),
    **dict.fromkeys((".code-workspace", ".json", ".jsonc", ".tfstate"), "json"),
    **dict.fromkeys((".bash", ".fish", ".ksh", ".sh", ".zsh"), "shell"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    ".env": "dotenv",
    ".properties": "properties",
    ".ps1": "powershell",
    ".tfvars": "tfvars",
    ".toml": "toml",
}
_SHELL = (".bash_login", ".bash_profile", ".bashrc", ".envrc", ".kshrc", ".profile")
_ZSH = (".zlogin", ".zprofile", ".zshenv", ".zshrc")
_NAMES = {
    **dict.fromkeys((".dev.vars", ".env", ".flaskenv"), "dotenv"),
    **dict.fromkeys((*_SHELL, *_ZSH), "shell"),
    ".npmrc": "pairs",
    ".pypirc": "ini",
}


def format_of(path: PurePath) -> str:
    """Tell the format of a file by its name; nothing where the name does not tell."""
    name = path.name.lower()
    by_name = _NAMES.get(name) or _SUFFIXES.get(path.suffix.lower(), "")
    return by_name or ("dotenv" if name.startswith(".env.") else "")


def slots(data: bytes, form: str) -> tuple[Slot, ...]:
    """Find every text value of a file, in the order in which they stand there.

    Raises:
        Refused: `file-not-readable`; the text is not of that format, is no text, or is nested or large beyond reason.
    """
    return _numbered(data, _scanned(data, form))


def _scanned(data: bytes, form: str) -> Cursor:
    if form not in SCANNERS:
        raise unreadable(f"`{form}`", 0, f"the formats that this program knows are {', '.join(SCANNERS)}")
    if len(data) > LARGEST.get(form, LARGEST_OTHER):
        raise unreadable(form, 0, f"it has {len(data)} bytes, more than any such file that people keep")
    if b"\0" in data:
        raise unreadable("text", 0, "it has bytes that no text has (or it is UTF-16: save it as UTF-8)")
    try:
        data.decode("latin-1" if form == "properties" else "utf-8")
    except UnicodeDecodeError as error:
        raise unreadable("UTF-8", data.count(b"\n", 0, error.start) + 1, "there are bytes that are no UTF-8") from None
    scanner = SCANNERS[form](data)
    scanner.scan()
    return scanner


def _numbered(data: bytes, scanner: Cursor) -> tuple[Slot, ...]:
    """Give what was found, with the number of its line."""
    ends = [match.start() for match in re.finditer(b"\n", data)]
    return tuple(replace(slot, line=bisect_left(ends, slot.start) + 1) for slot in scanner.found)


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


def added(data: bytes, form: str, path: Path, value: str) -> bytes:
    """Add a name that is missing, with its value, and prove that nothing else differs.

    Raises:
        Refused: `file-not-creatable`; the name is there, what would hold it is not, or the format cannot hold it there.
    """
    scanner = _scanned(data, form)
    if not path or path in scanner.names:
        raise uncreatable("it stands there already, and its value is no text that could be replaced")
    at, line = scanner.room(path, value)
    after = data[:at] + line + data[at:]
    before = _known(_numbered(data, scanner))
    try:
        now = _known(slots(after, form))
    except Refused:
        now = []
    new = (path, value, "")
    if new not in now or [one for one in now if one != new] != before:
        raise uncreatable("with it the file would not read as it should")
    return after


def _known(found: Sequence[Slot]) -> list[tuple[Path, str, str]]:
    return [(one.path, one.value, one.refers) for one in found]


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
