"""A credential as it is kept, in a file or in the OS keyring: read whole, and replaced whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rotate.edit import disk
from rotate.edit.trouble import Absent, named
from rotate.machine import Machine
from rotate.systems.neon_cli.folders import Spot


class Kept(NamedTuple):
    """A text. `require` raises where it is known already that it cannot be replaced, and `replace` where it could not
    be: `Changed`, where it is not what was read any more."""

    data: bytes
    require: Callable[[], None]
    replace: Callable[[bytes], None]


def place(spot: Spot) -> str:
    """Name the place of a credential at the beginning of a sentence."""
    if spot.path is None:
        return f"The item of the profile `{spot.profile}` in the OS keyring"
    return named(spot.path)


def kept(spot: Spot, machine: Machine) -> Kept | None:
    """Read a credential. `None` is a proven absence; an item of the keyring that is not shown is none.

    Raises:
        Refused: it may not be read, or cannot be.
    """
    if spot.path is None:
        from rotate.systems.neon_cli import keyring_item

        return keyring_item.kept(spot, place(spot), machine.platform)
    return in_file(spot.path)


def in_file(path: Path) -> Kept | None:
    """Read a file. `None`: there is none."""
    try:
        original = disk.read(path)
    except Absent:
        return None
    return Kept(original.data, partial(disk.require, original), partial(disk.replace, original))
