"""Addresses of values in text files: `file:<path>#<where>`, `?format=` where the file's name does not tell it.

A path is absolute, begins at the person's folder (`~/`), or counts from the folder in which the program is started.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from rotate.address import Address
from rotate.edit.formats import SCANNERS, format_of
from rotate.edit.where import path_of
from rotate.machine import Machine

FORMAT = "format"


def canonical(at: Address) -> Address:
    """Give the one form of an address: without slashes behind the kind, without `.` in its path, and without a format
    that the name tells anyway."""
    where = "/".join(part for part in at.where.split("/") if part != ".")
    options = {key: text for key, text in at.options.items() if (key, text) != (FORMAT, format_of(PurePath(where)))}
    return at._replace(where=where, options=options, slashes=False)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    parts = at.where.removeprefix("/").split("/")
    if not all(parts):
        return "its path has an empty part, or ends as that of a folder"
    if parts[0].startswith("~") and (parts[0] != "~" or len(parts) == 1):
        return "behind `~` stands `/` and the path in your own folder"
    form = at.options.get(FORMAT)
    if form is None and not format_of(PurePath(at.where)):
        return "the file's name does not tell its format; add `?format=` and one of " + ", ".join(SCANNERS)
    if form is not None and form not in SCANNERS:
        return f"`format` is one of {', '.join(SCANNERS)}"
    return "" if all(part != "" for part in path_of(at.name)) or not at.name else "behind `#` a name is empty"


def located(at: Address, machine: Machine) -> Path:
    """Give the file on a machine."""
    inside = at.where.removeprefix("~/")
    return machine.home / inside if inside != at.where else machine.folder / at.where
