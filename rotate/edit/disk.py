"""Reads a text file whole, and puts other bytes in its place at once: a reader sees the old file or the new one.

The new bytes go into a file of mode 0600 beside the old one, which gets the old one's owner, mode, ACL and extended
attributes, and is renamed over it. A link to the file stays one: what it points to is replaced. Right before the
rename the file is read again and compared, bytes and identity: whoever wrote it since is not overwritten (`Changed`).
No editor takes a lock, so some ten microseconds remain between that look and the rename. So the two files change places
where the system can do that, and what comes out is looked at once more: what somebody wrote in that moment is put back.
A second hard link would go on holding the old bytes, so such a file is refused.

Sources: rename(2), open(2), fsync(2); learn.microsoft.com, *CreateFile*, sharing modes: a file that somebody has open
without FILE_SHARE_DELETE cannot be replaced, so there the rename is tried again for some seconds.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from threading import Event
from typing import BinaryIO, NamedTuple

from rotate.edit import attributes
from rotate.edit.exchange import exchange
from rotate.edit.trouble import NOTHING_CHANGED, Changed, named, unfit, unread, unwritten
from rotate.errors import Refused, one_line

LIMIT = 32 * 2**20
# What a run that was killed leaves beside a file ends so; it is removed once it is so many seconds old.
ENDING, ABANDONED = ".neon-rotate", 60.0
# How long a reader on Windows is waited for: three seconds in all.
PAUSES = (0.05, 0.1, 0.25, 0.6, 1.0, 1.0)
_FLAGS = ("O_NONBLOCK", "O_NOCTTY", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
_OPEN = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in _FLAGS)


class Way(NamedTuple):
    """How a file takes another's place. `trade` lets both change places, and says whether it can. `platform`: as
    `sys.platform` says it."""

    swap: Callable[[Path, Path], None] = os.replace
    wait: Callable[[float], object] = Event().wait
    platform: str = sys.platform
    trade: Callable[[Path, Path], bool] = lambda *_: False


USUAL = Way(trade=exchange)
MOST_TRADES = 100  # so often is put back what comes out, where somebody writes again and again


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was read. `path`: as it was asked for; `real`: with every link followed. `mode`: its permissions.
    `owner`: the numbers of user and group. `identity`: what another write, or another file in its place, changes."""

    path: Path
    real: Path
    data: bytes = field(repr=False)
    mode: int
    owner: tuple[int, int]
    links: int
    identity: tuple[int, ...]

    @property
    def shown(self) -> bool:
        """Whether others than its owner may read it, by its permissions."""
        return bool(self.mode & (stat.S_IRGRP | stat.S_IROTH))


def read(path: Path, limit: int = LIMIT) -> Original:
    """Read a regular text file of at most `limit` bytes. A FIFO or a device is neither opened nor waited for.

    Raises:
        Absent: there is none, or a link that points to none.
        Refused: it may not be read, links lead in a circle, it is no regular file, too large, or no text.
    """
    try:
        real = Path(os.path.realpath(path, strict=True))
        _regular(real.stat(), path)
        with os.fdopen(os.open(real, _OPEN), "rb") as file:
            _regular(os.fstat(file.fileno()), path)
            data = file.read(limit + 1)
            found = os.fstat(file.fileno())
    except OSError as error:
        raise unread(error, path) from None
    if len(data) > limit:
        raise unfit(path, f"it has more than {limit} bytes")
    if b"\0" in data:
        raise unfit(path, "it is binary, or text of two bytes a letter (UTF-16)")
    mode, owner = stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid)
    return Original(path, real, data, mode, owner, found.st_nlink, _identity(found))


def _identity(found: os.stat_result) -> tuple[int, ...]:
    where = (found.st_dev, found.st_ino, found.st_nlink, found.st_mode, found.st_uid, found.st_gid)
    return (*where, found.st_mtime_ns, found.st_ctime_ns)


def require(original: Original) -> None:
    """See that the file may be replaced, as far as that is known before it is tried.

    Raises:
        Refused: it or its folder may not be written (an immutable file, a file system that is read only), it is
            somebody else's, or it has a second hard link.
    """
    folder = original.real.parent
    me = getattr(os, "geteuid", lambda: 0)()
    if original.links > 1:
        why = f"it has {original.links} hard links, and the others would go on holding the previous value"
        remedy = "Make the others symbolic links to this one (`ln -sf`), or copy it to a file of its own."
    elif me and original.owner[0] != me:
        why, remedy = "it belongs to another user", "Run this as that user."
    elif not _may(original.real, os.W_OK):
        why, remedy = "it may not be written", "Give the right to it, such as by `chmod u+w` (or `chattr -i`)."
    elif not _may(folder, os.W_OK | os.X_OK):
        why = "no file may be created in its folder, where the new one is written before it takes the old one's place"
        remedy = f"Give the right to write the folder {one_line(str(folder))}."
    else:
        return
    raise Refused("file-not-writable", f"{named(original.path)} cannot be replaced: {why}. {NOTHING_CHANGED}", remedy)


def replace(original: Original, data: bytes, way: Way = USUAL) -> None:
    """Put `data` in the place of what was read, at once.

    Raises:
        Changed: somebody else wrote it since it was read.
        Refused: as `require`.
        DestinationError: the disk is full, or the file could not be replaced; with an outcome.
    """
    require(original)
    done = False
    try:
        with _beside(original) as (temporary, file):
            file.write(data)
            file.flush()
            attributes.keep(original.real, temporary, original.owner, original.mode, way.platform)
            os.fsync(file.fileno())
            file.close()  # Windows renames no open file
            _renamed(original, temporary, way)
            done = True
        if way.platform != "win32":  # which opens no folders
            _sync_folder(original.real.parent)
    except OSError as error:
        raise unwritten(error, original.path, done=done) from None


@contextmanager
def _beside(original: Original) -> Iterator[tuple[Path, BinaryIO]]:
    """Give a new file of mode 0600 in the same folder, and remove it at the end where it is still there."""
    begin = f".{original.real.name[:100]}."
    descriptor, name = tempfile.mkstemp(ENDING, begin, original.real.parent)
    now = os.fstat(descriptor).st_mtime  # by the clock of the file system
    for left in original.real.parent.glob(f"{escape(begin)}*{ENDING}"):
        with suppress(OSError):
            if now - left.lstat().st_mtime > ABANDONED:
                left.unlink()
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


def _renamed(original: Original, temporary: Path, way: Way) -> None:
    """Look once more, and rename; on Windows again, while a reader is in the way."""
    pauses = iter(PAUSES if way.platform == "win32" else ())
    while True:
        compare(original)
        try:
            return None if _traded(original, temporary, way) else way.swap(temporary, original.real)
        except FileNotFoundError:
            raise _changed(original) from None
        except PermissionError:
            pause = next(pauses, None)
            if pause is None:
                raise
            way.wait(pause)


def _traded(original: Original, temporary: Path, way: Way) -> bool:
    """Let both change places; `False` where that cannot be. What comes out must be the file that was read. If not, it
    goes back: until what comes out is what was put in, since somebody may write in between again. Raises `Changed`."""
    with ExitStack() as held:  # a file that is open keeps its number, by which it is known
        put = _opened(temporary, held)
        if not way.trade(temporary, original.real):
            return False
        out = _opened(temporary, held)
        if _as_read(original, out):
            return True
        for _ in range(MOST_TRADES):
            way.trade(temporary, original.real)
            back = _opened(temporary, held)
            if os.path.samestat(os.fstat(back), os.fstat(put)):
                break
            put, out = out, back
    raise _changed(original)


def _opened(path: Path, held: ExitStack) -> int:
    descriptor = os.open(path, _OPEN)
    held.callback(os.close, descriptor)
    return descriptor


def _as_read(original: Original, descriptor: int) -> bool:
    """Say whether a file is as it was read, but for the time of its last change, which a rename is too."""
    same = _identity(os.fstat(descriptor))[:-1] == original.identity[:-1]
    return same and os.read(descriptor, len(original.data) + 1) == original.data


def compare(original: Original) -> None:
    """See that the file is the one that was read. Raises `Changed`."""
    try:
        same = read(original.path, len(original.data)) == original
    except Refused:
        same = False
    if not same:
        raise _changed(original)


def _changed(original: Original) -> Changed:
    return Changed(
        "file-changed",
        f"{named(original.path)} was written by somebody else meanwhile. It was left as it is.",
        "Close the editor, or whatever else writes this file, and run this again.",
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _may(path: Path, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)


def _regular(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device, a pipe or a socket"
        raise unfit(path, f"it is {what}")
