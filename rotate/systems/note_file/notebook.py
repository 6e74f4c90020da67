"""A notebook in files: `<file>` is the note, `<file>.lock` the lock, `<file>.bad` what was put aside.

`<file>.id` has the number by which this notebook tells its lineage from every other, and is held while any of the
others changes, so that to look at the lock and to take it is one step. The lock is created with `O_EXCL`, and held by
the kernel as long as its process lives: where nobody holds it, its run is over, be it that the machine went down. That
counts on the machine alone that took it; a file on a network may be held elsewhere, unseen. The lock has the machine's
name for that, in its first line.
"""

from __future__ import annotations

import os
import platform
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rotate.errors import Refused
from rotate.ports import Pages
from rotate.systems.note_file import files

BITS = 62


class FileNotebook:
    """Implements `ports.Notebook`. A note says itself whose keys it is about: it may have come from another machine."""

    shared = True

    def __init__(self, path: Path, *, writes: bool, machine: str = "", system: str = sys.platform) -> None:
        """`path`: the note. `writes`: this run may create what is missing. `machine`: the name of the one that this
        runs on, `system` what it runs, as `sys.platform` says it; found out where they are not given."""
        self._note = path.resolve()
        beside = (self._note.with_name(self._note.name + end) for end in (".lock", ".bad", ".id"))
        self._lock, self._bad, self._id = beside
        self._writes, self._system = writes, system
        self._machine = machine or platform.node()
        self._taken: int | None = None
        self.number = 0

    @property
    def where(self) -> tuple[str, str]:
        """Name the note and the lock, for people."""
        return f"The file {self._note}", f"The file {self._lock}"

    def read(self) -> Pages:
        """Read both, and whether the lock's process is gone. Raises `DestinationError` for what cannot be read."""
        with self._alone():
            note, lock = files.read(self._note), files.read(self._lock)
            if lock is None:
                return Pages(note, None)
            machine, _, text = lock.partition("\n")
            return Pages(note, text, abandoned=machine == self._machine and self._held_by_nobody())

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """No file knows of workflow runs."""
        del run_id, repository
        return None

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Create the lock; a stale one is removed first, if it still reads `replacing`.

        Raises:
            Refused: somebody holds it. DestinationError: it could not be created.
        """
        with self._alone():
            found = files.read(self._lock)
            if (None if found is None else found.partition("\n")[2]) != replacing:
                raise _held()
            with files.told(self._lock):
                self._remove()
                self._create(f"{self._machine}\n{text}")

    def release_lock(self, text: str) -> None:
        """Remove the lock if it still has this text. Raises `DestinationError` where it could not be removed."""
        with self._alone():
            if (files.read(self._lock) or "").partition("\n")[2] == text:
                with files.told(self._lock):
                    self._remove()

    def write_note(self, text: str) -> None:
        """Create or replace the note. Raises `DestinationError`; the note is as it was then."""
        files.replace(self._note, text)

    def put_aside(self, text: str) -> str:
        """Keep what stood in the note's place beside it, in place of what was put aside before."""
        files.replace(self._bad, text)
        return f"the file {self._bad}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other process from changing the lock, and know the number. Where nothing may be created and
        nothing is there, there is nothing to keep from: the number is any that is no other notebook's."""
        with files.told(self._id):
            descriptor = self._opened()
        if descriptor is None:
            self.number = secrets.randbits(BITS) + 1
            yield
            return
        try:
            with files.told(self._id):
                files.hold(descriptor, wait=True, platform=self._system)
                self._learn(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _opened(self) -> int | None:
        if self._writes:
            self._id.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return os.open(self._id, os.O_RDWR | (os.O_CREAT if self._writes else 0), 0o600)
        except FileNotFoundError:
            return None

    def _learn(self, descriptor: int) -> None:
        """Read the number, or choose it where there is none yet."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        text = os.read(descriptor, BITS).decode(errors="replace")
        if text and not (text.isascii() and text.isdigit()):
            raise files.unusable(self._id, "does not say the number that it is there for")
        self.number = int(text or secrets.randbits(BITS) + 1)
        if not text:
            os.write(descriptor, str(self.number).encode())
            os.fsync(descriptor)

    def _held_by_nobody(self) -> bool:
        """Say whether the kernel holds the lock for no process."""
        with files.told(self._lock):
            descriptor = os.open(self._lock, os.O_RDWR | files.AT_ONCE)
            try:
                return files.hold(descriptor, wait=False, platform=self._system)
            finally:
                os.close(descriptor)

    def _create(self, text: str) -> None:
        """Create the lock and keep it open. One that was begun and could not be filled is taken away again."""
        try:
            self._taken = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise _held() from None
        try:
            os.write(self._taken, text.encode())
            os.fsync(self._taken)
            files.hold(self._taken, wait=False, platform=self._system)
        except OSError:
            self._remove()
            raise

    def _remove(self) -> None:
        """Let go of the lock and delete it; a file that is open cannot be deleted on Windows."""
        if self._taken is not None:
            os.close(self._taken)
            self._taken = None
        self._lock.unlink(missing_ok=True)


def _held() -> Refused:
    return Refused(
        "lock-held",
        "Another run took the rotation lock a moment ago.",
        "Wait for it to end and run this one again.",
    )
