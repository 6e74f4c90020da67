"""Addresses of profiles of the Neon CLI: `neon-cli://<profile>`, with `?dir=` for what its `--config-dir` would name.

Source: npm `neon` 6.2.3, `profiles.ts`: a profile's name becomes part of a file's name, so it has letters, digits,
dots, dashes and underscores.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

from rotate.address import Address

PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if not (address.slashes and PROFILE.fullmatch(address.where)):
        return "behind `neon-cli://` it takes the name of a profile, such as `DEFAULT`; `neon profile list` shows them"
    if address.name:
        return "a profile holds one key, so nothing stands behind `#`"
    folder = address.options.get("dir", "/")
    if not (PurePosixPath(folder).is_absolute() or PureWindowsPath(folder).is_absolute()):
        return "`dir` is the whole path of a folder: it must mean the same wherever this runs"
    return ""
