"""Every key that lies in the Neon CLI's files on a machine: of each profile, also of one that no command uses any more.

The folder that counts is looked at first, then those that would count without it. What cannot be read holds no key that
could be told. An item of the OS keyring is no file, and is not looked for: to read it may ask the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rotate.address import Address
from rotate.errors import Refused
from rotate.machine import Machine, Sighting
from rotate.ports import Hide
from rotate.systems.neon_cli.credential import judged
from rotate.systems.neon_cli.folders import USUAL, Spot, folders, pointers, spot, usual_folders
from rotate.systems.neon_cli.kept import in_file


def sightings(machine: Machine, hide: Hide) -> Iterator[Sighting]:
    """Give each key once, hidden."""
    seen: set[Path] = set()
    for path, profile, address in _files(machine):
        if path in seen:
            continue
        seen.add(path)
        try:
            found = in_file(path)
            held = judged(found.data, profile, "") if found else None
        except Refused:
            continue
        if held:
            hide(held.key)
            yield Sighting(path, held.line, held.key, *_told(profile, address))


def _told(profile: str, address: str) -> tuple[str, str, str]:
    if profile:
        return f"the profile `{profile}` of the Neon CLI", address, ""
    return "a credential of the Neon CLI that no profile uses", "", "Delete the file once its key is revoked."


def _files(machine: Machine) -> Iterator[tuple[Path, str, str]]:
    """Give each file that may hold a credential, the profile that it is of, and the address that writes it."""
    first, usual = folders(machine), usual_folders(machine)
    ways = [("", first), *((str(folder), (folder,)) for folder in dict.fromkeys((*first, *usual)))]
    for asked, among in ways:
        options = {"dir": asked} if asked else {}
        for where in _spots(among):
            if where.path:
                yield where.path, where.profile, str(Address("neon-cli", where.profile, options))
    for _, among in ways:
        for folder in among:
            yield from ((path, "", "") for path in sorted(folder.glob("credentials*.json")))


def _spots(among: tuple[Path, ...]) -> list[Spot]:
    """Give the profiles of some folders. Where `profiles.json` is not what the CLI takes, none is known."""
    try:
        return [spot(profile, among) for profile in dict.fromkeys((*pointers(among), USUAL))]
    except Refused:
        return []
