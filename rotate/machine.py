"""The machine on which the program runs, as far as keys may lie there, and a key that was seen on it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rotate.errors import RotateError
from rotate.secret import Secret


class Watch:
    """Hears how a search of the machine goes on. This one does not listen."""

    def passed(self, files: int) -> None:
        """Hear that so many more files were looked at."""

    def left_out(self, what: RotateError) -> None:
        """Hear what was not searched, and why."""


class Machine(NamedTuple):
    """Where a person's files are. `home`: the person's folder. `folder`: where the program was started. `platform`: as
    `sys.platform` says it: `linux`, `darwin` or `win32`. `known`: values to look for whatever their shape. `watch`
    hears how a search goes on."""

    home: Path
    folder: Path
    environment: Mapping[str, str]
    platform: str = sys.platform
    known: tuple[Secret, ...] = ()
    watch: Watch = Watch()


class Sighting(NamedTuple):
    """A key that lies on a machine. `line`: from 1; 0 where it is unknown. `what`: what holds it, for people.
    `address`: the destination that would write it; empty where none can, and `remedy` says what to do instead.
    `general`: any file at all is seen so: a system that knows the file as its own tells more. `past`: nothing takes the
    value from there any more, as from a history, so that a dead one harms nobody."""

    path: Path
    line: int
    value: Secret
    what: str
    address: str = ""
    remedy: str = ""
    general: bool = False
    past: bool = False


def this_machine(environment: Mapping[str, str]) -> Machine:
    """Describe the machine that this runs on, by the environment that a run was given."""
    home = environment.get("HOME") or environment.get("USERPROFILE") or str(Path.home())
    return Machine(Path(home), Path.cwd(), environment)
