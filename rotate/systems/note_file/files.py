"""Small texts in files of this machine: read whole, replaced whole, and held by the kernel for one process.

The kernel ends what it holds for a process with that process: no lock of it is ever stale (`flock(2)`; Microsoft,
*_locking*).
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from rotate.errors import DestinationError

LARGEST = 1 << 20
# Windows keeps everybody from reading what is held, so that lies far behind every text.
BEHIND = 1 << 30
# A FIFO must not keep who opens it waiting; Windows has neither.
AT_ONCE = getattr(os, "O_NONBLOCK", 0)
REMEDY = "Look at it, or name another file that outlives the run:\n\n    note_file: …"


def unusable(path: Path, why: str) -> DestinationError:
    """Word that a file cannot be used."""
    return DestinationError("note-file-unusable", f"{path}, which keeps the note and the lock, {why}.", REMEDY)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say what the system refused, in place of an `OSError`. Raises `DestinationError`."""
    try:
        yield
    except OSError as error:
        raise unusable(path, f"cannot be used: {error.strerror or 'it was refused'}") from None


def read(path: Path) -> str | None:
    """Give what a file says; `None` where there is none.

    Raises:
        DestinationError: it is no file, larger than 1 MiB, or may not be read. That is never taken for absence.
    """
    with told(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | AT_ONCE)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise unusable(path, "is no file")
            if found.st_size > LARGEST:
                raise unusable(path, "is larger than 1 MiB")
            return file.read().decode(errors="replace")


def replace(path: Path, text: str) -> None:
    """Let a file say another text, for nobody but its owner: whoever reads sees the one or the other, whatever ends
    this process or the machine.

    Raises:
        DestinationError: it was refused; the file says what it said.
    """
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    with told(path):
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    with suppress(OSError):  # where a folder can be written through, as it cannot be on Windows
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def hold(descriptor: int, *, wait: bool, platform: str = sys.platform) -> bool:
    """Let the kernel hold an open file for this process, until it is closed; `False` where another one has it and
    `wait` is false. Raises `OSError` where the file cannot be held at all."""
    try:
        if platform == "win32":
            system = import_module("msvcrt")
            os.lseek(descriptor, BEHIND, os.SEEK_SET)
            system.locking(descriptor, system.LK_LOCK if wait else system.LK_NBLCK, 1)
        else:
            system = import_module("fcntl")
            system.flock(descriptor, system.LOCK_EX | (0 if wait else system.LOCK_NB))
    except (BlockingIOError, PermissionError):
        if wait:
            raise
        return False
    return True
