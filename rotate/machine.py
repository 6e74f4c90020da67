"""The machine on which the program runs, as far as keys may lie there, and a key that was seen on it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rotate.secret import Secret


class Machine(NamedTuple):
    """Where a person's files are. `home`: the person's folder. `folder`: where the program was started. `platform`: as
    `sys.platform` says it: `linux`, `darwin` or `win32`."""

    home: Path
    folder: Path
    environment: Mapping[str, str]
    platform: str = sys.platform


class Sighting(NamedTuple):
    """A key that lies on a machine. `line`: from 1; 0 where it is unknown. `what`: what holds it, for people.
    `address`: the destination that would write it; empty where none can, and `remedy` says what to do instead."""

    path: Path
    line: int
    value: Secret
    what: str
    address: str = ""
    remedy: str = ""


def this_machine(environment: Mapping[str, str]) -> Machine:
    """Describe the machine that this runs on, by the environment that a run was given."""
    home = environment.get("HOME") or environment.get("USERPROFILE") or str(Path.home())
    return Machine(Path(home), Path.cwd(), environment)
