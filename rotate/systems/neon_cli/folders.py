"""Where the Neon CLI keeps its files on a machine: which folder, which profiles, and the credential of each.

Sources: npm `neon` 6.2.3, `paths.ts` and `profiles.ts`. A folder that was chosen is the only one. Else a file of the
current folder counts, and one of the folder that had the CLI's former name only where the current one lacks it; it is
used in place. `profiles.json` points at a file beside it, at one anywhere (`..` and whole paths are the CLI's own), or
at the keyring. On Windows the folders are the same: `%APPDATA%` is not used.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rotate.edit import disk
from rotate.edit.trouble import Absent
from rotate.errors import Refused, one_line
from rotate.machine import Machine
from rotate.systems.neon_cli.address import PROFILE
from rotate.systems.neon_cli.words import parsed, unreadable

CHOSEN = ("NEON_CONFIG_DIR", "NEONCTL_CONFIG_DIR")
USUAL, POINTERS, SINGLE = "DEFAULT", "profiles.json", "credentials.json"
KEYRING = "keyring"


class Spot(NamedTuple):
    """Where the credential of a profile is. `path`: its file; `None` where the keyring has it, under `account`."""

    profile: str
    path: Path | None
    account: str = ""


def usual_folders(machine: Machine) -> tuple[Path, Path]:
    """Give the folder that is used where none was chosen, and that of the CLI's former name."""
    given = machine.environment.get("XDG_CONFIG_HOME", "").strip()
    base = machine.folder / given if given else machine.folder / machine.home / ".config"
    return _whole(base / "neon"), _whole(base / "neonctl")


def folders(machine: Machine, asked: str = "") -> tuple[Path, ...]:
    """Give the folders in which a file is looked for, the one that counts first. `asked`: as `--config-dir` would."""
    texts = (asked, *(machine.environment.get(name, "") for name in CHOSEN))
    chosen = next((text.strip() for text in texts if text.strip()), "")
    usual = usual_folders(machine)
    folder = _whole(machine.folder / chosen)
    return (folder,) if chosen and folder != usual[0] else usual


def _whole(path: Path) -> Path:
    """Give the whole path as the CLI does, which looks at no link."""
    return Path(os.path.normpath(path))


def place_of(name: str, among: tuple[Path, ...]) -> Path:
    """Give the file of this name that counts, or where it would be created. What may not be looked at is not there."""
    every = [folder / name for folder in among]
    return next((one for one in every if os.access(one, os.F_OK)), every[0])


def pointers(among: tuple[Path, ...]) -> Mapping[str, str]:
    """Give what `profiles.json` says of each profile: nothing where there is none.

    Raises:
        Refused: the file cannot be read, or it is not what the CLI would take.
    """
    path = place_of(POINTERS, among)
    try:
        data = disk.read(path).data
    except Absent:
        return {}
    what = f"The file {one_line(str(path))}"
    profiles = parsed(data, what).get("profiles")
    if not isinstance(profiles, dict):
        raise unreadable(what, "it has no object `profiles`")
    found: dict[str, str] = {}
    for name, entry in profiles.items():
        text = entry.get("credentials") if isinstance(entry, dict) else None
        if not (PROFILE.fullmatch(name) and isinstance(text, str) and text.strip() and _is_path(text)):
            shown = one_line(name, 40)
            raise unreadable(what, f"the profile {shown} has a name or `credentials` that the CLI does not write")
        found[name] = text
    return found


def _is_path(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def spot(profile: str, among: tuple[Path, ...]) -> Spot:
    """Say where the credential of a profile is.

    Raises:
        Refused: there is no such profile, or `profiles.json` is not what the CLI would take.
    """
    known = pointers(among)
    beside = place_of(POINTERS, among).parent
    if profile in known:
        text = known[profile]
        if text == KEYRING:
            return Spot(profile, None, f"cli:{hashlib.sha256(str(beside).encode()).hexdigest()}:{profile}")
        return Spot(profile, _whole(beside / text))
    if profile == USUAL:
        return Spot(profile, place_of(SINGLE, among))
    raise Refused(
        "neon-profile-unknown",
        f"The Neon CLI has no profile `{profile}` in {one_line(str(beside))}. It has "
        f"{', '.join(sorted({USUAL, *known}))}.",
        "Correct the address (`neon profile list` shows what there is), or create the profile with the key that is in "
        f"use:\n\n    neon profile create {profile} --api-key -\n\nIf the CLI is run with `--config-dir`, the address "
        f"needs it too:\n\n    neon-cli://{profile}?dir=/path/of/the/folder",
    )
