"""Which file a program of an address is, and what of the environment it gets.

A program never goes through a shell, and its address holds no arguments: it is one file. A bare name is looked for in
the folders of `PATH` that are absolute. A relative one, or an empty one, means the folder that one happens to be in:
there, whoever may write to a checkout would choose what runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from rotate.address import Address
from rotate.machine import Machine

PROVE, PASS, TIMEOUT = "prove", "pass", "timeout"
# What programs need to find their files, their language and their person. Nothing of it is a credential.
_HARMLESS = (
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM TMPDIR TMP TEMP XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME "
    "XDG_CACHE_HOME XDG_RUNTIME_DIR SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME HOMEDRIVE "
    "HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES"
)
HARMLESS, LANGUAGES = frozenset(_HARMLESS.split()), "LC_"
USUAL_TIME = "60s"


def found(program: str, machine: Machine) -> Path | None:
    """Give the file that a program is; `None` where there is none that this process may execute."""
    if _is_path(program, machine.platform):
        places = [machine.folder / program]
    else:
        folders = machine.environment.get("PATH", "").split(";" if machine.platform == "win32" else ":")
        places = [Path(folder) / program for folder in folders if Path(folder).is_absolute()]
    return next((file for place in places for file in _spelled(place, machine) if _runs(file)), None)


def _is_path(program: str, platform: str) -> bool:
    return "/" in program or (platform == "win32" and ("\\" in program or ":" in program))


def _spelled(place: Path, machine: Machine) -> list[Path]:
    """Give the file, and on Windows those with an ending that makes it a program."""
    endings = machine.environment.get("PATHEXT", ".EXE;.BAT;.CMD").split(";") if machine.platform == "win32" else []
    return [place, *(place.with_name(place.name + ending.lower()) for ending in endings)]


def _runs(file: Path) -> bool:
    return file.is_file() and os.access(file, os.X_OK)


def passed(at: Address) -> tuple[str, ...]:
    """Name the variables that an address passes on, beside the harmless ones."""
    return tuple(filter(None, at.options.get(PASS, "").split(":")))


def seconds(at: Address) -> float:
    """Give how long a program of an address may take."""
    text = at.options.get(TIMEOUT, USUAL_TIME)
    return float(text[:-1]) * (60 if text.endswith("m") else 1)


def handed_on(at: Address, environment: Mapping[str, str], value: str) -> dict[str, str]:
    """Give the variables that a program gets: the harmless ones, and those that its address names. One that holds the
    value itself is never handed on, whatever its name: every process of the same person can read an environment."""
    named = passed(at)
    return {
        name: text
        for name, text in environment.items()
        if (name in named or name.upper() in HARMLESS or name.startswith(LANGUAGES)) and not (value and value in text)
    }
