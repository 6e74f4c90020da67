"""Whether a file of this machine keeps the note and the lock, and which."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from rotate.context import Context
from rotate.problems import Problems
from rotate.registry import USUAL
from rotate.settings import places
from rotate.settings.model import NOTE_FILE
from rotate.settings.parse import shown
from rotate.system import Keeper, Place, Texts

PROGRAM = "neon-rotate"
# What the names of a note, a lock and a note that was put aside end with, wherever a system keeps them.
ENDS = ("_ROTATION", "_ROTATION_LOCK", "_ROTATION_BAD")
LINE = "    note_file: /var/lib/neon-rotate/note.json"
# What says that a machine is gone after the run: the usual variable of CI systems, that of those without it, of a pod
# and of a container (systemd.io/CONTAINER_INTERFACE; this program's image sets it).
THROWN_AWAY = (
    "CI",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "JENKINS_URL",
    "CODEBUILD_BUILD_ID",
    "TEAMCITY_VERSION",
    "KUBERNETES_SERVICE_HOST",
    "container",
)


def state_folder(environment: Mapping[str, str], platform: str) -> str:
    """Give the folder where programs keep their state on a machine that stays; empty where none is known.

    XDG Base Directory Specification (a relative path in `XDG_STATE_HOME` is to be ignored); Apple, *File System
    Programming Guide*; Microsoft, *Known folders*. `platform`: as `sys.platform` says it.
    """
    if any(environment.get(name, "").lower() not in ("", "0", "false") for name in THROWN_AWAY):
        return ""
    if platform == "win32":
        return environment.get("LOCALAPPDATA", "")
    home, told = environment.get("HOME", ""), environment.get("XDG_STATE_HOME", "")
    if platform != "darwin" and told.startswith("/"):
        return told
    below = "Library/Application Support" if platform == "darwin" else ".local/state"
    return f"{home}/{below}" if home else ""


def keeper(raw: Texts, held: Sequence[Place], credential: str, context: Context, problems: Problems) -> Keeper | None:
    """Give who keeps the note and the lock of a credential: the file that somebody names, else a system that can, else
    a file of this machine, where GitHub takes no part."""
    text = raw.get("note_file", "")
    if text:
        _judge(text, held, context, problems)
        return _file(_absolute(text, context))
    apart = bool(held) and not any(place.kind == USUAL for place in held)
    found = places.keeper(held, context, Problems() if apart and context.state else problems)
    if found and found.kind != USUAL:
        _apart(found, held, problems)
    if found or not (apart and context.state):
        return found
    return _file(str(Path(context.state, PROGRAM, name_of(held[0], credential, context))))


def name_of(first: Place, credential: str, context: Context) -> str:
    """Name a file after a credential and its first place; a relative path is another place in each folder."""
    told = "\n".join((first.kind, *first.spot, _on_this_machine(first, context)))
    return f"{credential.lower()}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.json"


def _file(path: str) -> Keeper:
    return Keeper(NOTE_FILE, path, NOTE_FILE)


def _apart(found: Keeper, held: Sequence[Place], problems: Problems) -> None:
    """Where values and texts lie side by side, no destination may have the name of a note or a lock."""
    for place in held:
        name = place.name.rpartition("#")[2].rpartition("/")[2]
        if place.kind == found.kind and name.endswith(ENDS):
            message = f"{place.name} has the name of a note or a lock, which are kept beside it: one would overwrite "
            message += "the other."
            problems.say("input-invalid", message, f"Give the value another name, or name a file:\n\n{LINE}", "to")


def _judge(text: str, held: Sequence[Place], context: Context, problems: Problems) -> None:
    """It must be a file of its own."""
    if text.startswith("~") or not text.isprintable():
        message = f"`note_file` is `{shown(text)}`: `~` is what a shell replaces, and no file has unprintable letters."
        problems.say("input-invalid", message, LINE, "note_file")
    ours = _absolute(text, context)
    for place in held:
        if ours == _on_this_machine(place, context):
            message = f"`note_file` is the file of the destination {place.name}, which the note would overwrite."
            problems.say("input-invalid", message, LINE, "note_file")


def _on_this_machine(place: Place, context: Context) -> str:
    """Give the path that a place is, where its address is one (`file:.env#NAME`); else nothing."""
    where = place.name.partition(":")[2].partition("#")[0].partition("?")[0]
    return "" if where.startswith("//") or not where else _absolute(where, context)


def _absolute(text: str, context: Context) -> str:
    return str(Path(context.workspace or ".", text).resolve())
