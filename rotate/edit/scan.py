"""Which files below some folders hold what looks like a key of Neon's, and where: fast, and with bounded memory.

Each file is read once, in pieces, and only what holds the beginning of a key is looked at closely. Nothing but a plain
file is opened: no pipe, no device, no link (a link is followed once, where it leads to a plain file elsewhere).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

# Keys of today are `napi_` and 64 letters and digits (facts: Neon §5); a few may have been lost.
BEGINNING = b"napi_"
SHAPE = re.compile(rb"(?<![A-Za-z0-9])napi_[A-Za-z0-9_]{16,256}(?![A-Za-z0-9_])")
PIECE = 64 * 1024
LARGEST = 16 * 1024 * 1024
DEEPEST = 16
# Of a file that holds more values, such as one of examples, so many are told.
MOST = 100
# What others can give again: packages, caches, the objects of git (whose past is looked at by itself).
PASSED_OVER = frozenset(
    ("node_modules", ".git", "__pycache__", "site-packages", ".tox", ".nox", ".cache", "Caches", "_cacache", ".gradle")
).union((".m2", ".rustup", ".nuget", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"))
# What the system makes up as it is read (only met where a home folder is the root of all).
NO_DISKS = frozenset(("/proc", "/sys", "/dev"))
# Not on every system. A pipe that took the place of a file is not waited for; a link that did is not followed.
FLAGS = sum({getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")})


@dataclass(slots=True)
class Left:
    """How many files were looked at, and what was not: files that are too large, that no text is in, that may not be
    read, and folders that lie too deep; `crowded`: more values than were told. Of each the first few are named."""

    files: int = 0
    large: list[str] = field(default_factory=list)
    binary: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    deep: list[str] = field(default_factory=list)
    crowded: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hit:
    """One value in a file. `start`: its first byte. `line`: from 1. `text`: the file is a text."""

    value: bytes = field(repr=False)
    start: int
    line: int
    text: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """A file that holds values. `data`: all of it."""

    path: str
    data: bytes = field(repr=False)
    hits: tuple[Hit, ...]


class Scan:
    """Searches folders. `known`: values that are looked for whatever their shape. `left` tells what was looked at."""

    def __init__(self, known: Sequence[bytes] = (), largest: int = LARGEST, deepest: int = DEEPEST) -> None:
        self.left = Left()
        self._needles = (BEGINNING, *(one for one in known if one and not one.startswith(BEGINNING)))
        self._overlap = max(map(len, self._needles)) - 1
        self._largest, self._deepest = largest, deepest
        self._links: list[str] = []
        self._seen: set[str] = set()

    def folders(self, roots: Sequence[str]) -> Iterator[Holding | None]:
        """Give every file below them that holds a value, and nothing in between after each folder, so that who waits
        hears of it. A folder within another is searched once."""
        for root in roots:
            yield from self._below(root)
        links, self._links = self._links, []
        for path in dict.fromkeys(map(os.path.realpath, links)):
            if str(Path(path).parent) not in self._seen and Path(path).is_file() and (found := self.file(path)):
                yield found

    def _below(self, root: str) -> Iterator[Holding | None]:
        waiting = [(os.path.realpath(root), 0)]
        while waiting:
            folder, depth = waiting.pop()
            if folder in self._seen or folder in NO_DISKS:
                continue
            self._seen.add(folder)
            files, folders = self._inside(folder)
            for path in files:
                if found := self.file(path):
                    yield found
            if depth < self._deepest:
                waiting += [(one, depth + 1) for one in folders]
            else:
                self.left.deep += folders
            yield None

    def _inside(self, folder: str) -> tuple[list[str], list[str]]:
        """Give the plain files of a folder and the folders to go on with."""
        files, folders = list[str](), list[str]()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        self._links.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.path)
                    elif entry.name not in PASSED_OVER and entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError as error:
            self._closed(folder, error)
        return files, folders

    def file(self, path: str) -> Holding | None:
        """Search one file; nothing where it holds no value, or cannot be searched, which is noted."""
        self.left.files += 1
        try:
            handle = os.open(path, FLAGS)
        except OSError as error:
            self._closed(path, error)
            return None
        try:
            return self._holding(path, handle) if self._promising(path, handle) else None
        except OSError as error:
            self._closed(path, error)
            return None
        finally:
            os.close(handle)

    def _promising(self, path: str, handle: int) -> bool:
        """Say whether the beginning of a key is anywhere in it, piece by piece."""
        piece = os.read(handle, PIECE)
        if self._begins(piece):
            return os.fstat(handle).st_size <= self._largest or self._too_large(path)
        if len(piece) < PIECE:
            return False
        if b"\0" in piece:
            self.left.binary.append(path)
            return False
        if os.fstat(handle).st_size > self._largest:
            return self._too_large(path)
        while len(piece) >= PIECE:
            more = os.read(handle, PIECE)
            piece = piece[-self._overlap :] + more
            if self._begins(piece):
                return True
            piece = piece if more else b""
        return False

    def _begins(self, piece: bytes) -> bool:
        """Say whether any value may begin here. Called for every file, so the usual question comes first."""
        return BEGINNING in piece or (len(self._needles) > 1 and any(one in piece for one in self._needles[1:]))

    def _too_large(self, path: str) -> bool:
        self.left.large.append(path)
        return False

    def _closed(self, path: str, error: OSError) -> None:
        """What is gone meanwhile needs no word."""
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            self.left.closed.append(path)

    def _holding(self, path: str, handle: int) -> Holding | None:
        os.lseek(handle, 0, os.SEEK_SET)
        data = b"".join(iter(lambda: os.read(handle, PIECE), b""))[: self._largest]
        hits = tuple(islice(values(data, self._needles[1:]), MOST + 1))
        if len(hits) > MOST:
            self.left.crowded.append(path)
        return Holding(path, data, hits[:MOST]) if hits else None


def values(data: bytes, known: Sequence[bytes] = ()) -> Iterator[Hit]:
    """Give every value of a text, in the order of its bytes."""
    found = chain(
        ((match.start(), match[0]) for match in SHAPE.finditer(data)),
        ((match.start(), match[0]) for one in known for match in re.finditer(re.escape(one), data)),
    )
    text = b"\0" not in data
    line, counted = 1, 0
    for start, value in sorted(found):
        line, counted = line + data.count(b"\n", counted, start), start
        yield Hit(value, start, line, text)
