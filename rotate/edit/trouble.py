"""What is told of a file that cannot be read or replaced."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from shlex import quote

from rotate.errors import DestinationError, Outcome, Refused, one_line

NOTHING_CHANGED = "The file was not changed."


class Absent(Refused):
    """There is no such file."""


class Changed(DestinationError):
    """Somebody else wrote the file since it was read. It was left as it is: read it again."""


def named(path: Path) -> str:
    """Name a file at the beginning of a sentence."""
    return f"The file {one_line(str(path))}"


def unfit(path: Path, why: str) -> Refused:
    """Say why a file is none that could hold a key."""
    message = f"{named(path)} cannot be used: {why}. {NOTHING_CHANGED}"
    return Refused("file-unfit", message, "Name a text file that holds the key.")


def unread(error: OSError, path: Path) -> Refused:
    """Say why a file could not be read."""
    if error.errno == errno.ENOENT:
        link = ": the link points to nothing" if os.path.lexists(path) else ""
        return Absent(
            "file-absent", f"There is no file {one_line(str(path))}{link}.", "Create it, or correct the path."
        )
    if error.errno == errno.ELOOP:
        return unfit(path, "its links lead in a circle")
    if error.errno == errno.ENOTDIR:
        return unfit(path, "its path leads through what is no folder")
    return Refused(
        "file-not-permitted",
        f"{named(path)} cannot be read: {os.strerror(error.errno or 0)}. {NOTHING_CHANGED}",
        "Give the right to read it to who runs this.",
    )


def unwritten(error: OSError, path: Path, *, done: bool) -> DestinationError:
    """Say why a file could not be replaced, or whether it outlives a power failure."""
    state = "It has the new value, but the disk did not confirm that" if done else NOTHING_CHANGED[:-1]
    mounted = "it is mounted by itself, as into a container" if error.errno == errno.EBUSY else ""
    why = mounted or os.strerror(error.errno or 0)
    return DestinationError(
        "file-not-written",
        f"{named(path)} could not be replaced: {why}. {state}.",
        "Free space on the disk, close what holds the file open, or mount the folder in place of the file; then run "
        "this again.",
        outcome=Outcome.UNKNOWN if done else Outcome.NO_EFFECT,
    )


def shown(name: str, path: Path, mode: str) -> Refused:
    """Say that others than its owner may read the file of a place. `mode`: its permissions, in octal digits."""
    return Refused(
        "file-shown",
        f"Others than its owner may read the file of {name} (mode {mode}). It stays as it is.",
        f"Take that right away, if nobody needs it:\n\n    chmod 600 {quote(str(path))}",
    )
