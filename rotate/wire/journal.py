"""Add lines to a file that only grows. A death leaves whole lines, or a last one that is recognisably torn."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

READABLE = 0o644
CHUNK = 64 * 1024
ENOUGH = 2  # line ends: one closes the last line, one the line before it
OPENED = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


def within(workspace: Path, name: str) -> Path:
    """Give the real path of a file of the workspace, whose folder is made. Links that lead out are not followed.

    Raises:
        OSError: it leads out of the workspace, or the folder cannot be made.
    """
    root = Path(os.path.realpath(workspace))
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(root):
        raise OSError(0, "it leads out of the workspace")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def append(path: Path, more: Callable[[bytes | None, bytes], bytes], *, sync: bool) -> None:
    """Add what `more` gives, alone with the file. What is added outlives this process; with `sync`, when this returns,
    the machine too.

    `more` gets the last whole line (`None` in an empty file) and what stands after it: the torn beginning of another,
    which is taken away. Where it raises, nothing is changed.

    Raises:
        OSError: it could not be written; the whole lines that were there are as they were.
    """
    with _alone(path) as file:
        size = os.fstat(file).st_size
        last, torn = _tail(file, size)
        data = more(last, torn)
        size -= len(torn)
        os.ftruncate(file, size)
        try:
            _write(file, data)
            if sync:
                os.fsync(file)
        except OSError:
            os.ftruncate(file, size)
            raise
    if sync:
        _sync_directory(path.parent)


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    file = os.open(path, OPENED, READABLE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _tail(file: int, size: int) -> tuple[bytes | None, bytes]:
    if not size:
        return None, b""
    data = b""
    while len(data) < size and data.count(b"\n") < ENOUGH:
        step = min(CHUNK, size - len(data))
        data = os.pread(file, step, size - len(data) - step) + data
    whole, _, torn = data.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], torn


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
