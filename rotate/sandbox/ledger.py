"""Every request in the order of arrival, for transcripts, leak checks, round-trip counts and spec validation."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

_IDS = ((re.compile(r"(?<=/api_keys/)\d+"), "{key}"), (re.compile(r"(?<=/actions/runs/)\d+"), "{run}"))


@dataclass(eq=False, slots=True)
class Entry:
    """One exchange. Headers are case-insensitive mappings; times are monotonic seconds.

    `target` is the request target as sent; `path` is the same without the API's base path, query included.
    `status` and the reply stay `None` while it is under way, and for good when the connection was dropped instead.
    `ended` is taken just before the first byte of the reply leaves, so whatever a client does next starts later.
    """

    number: int
    server: str
    method: str
    base: str
    target: str
    request_headers: Mapping[str, str]
    started: float
    request_body: bytes = b""
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: bytes = b""
    ended: float | None = None
    faults: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The target without the API's base path; with the query."""
        return self.target.removeprefix(self.base)

    @property
    def route(self) -> str:
        """The path without the query: what `count` and faults match on."""
        return self.path.partition("?")[0]

    @property
    def line(self) -> str:
        """One stable line of transcript, ids replaced, no header and no body."""
        path = self.path
        for pattern, name in _IDS:
            path = pattern.sub(name, path)
        outcome = "dropped" if self.status is None else str(self.status)
        return f"{self.server} {self.method} {path} -> {outcome}"

    def __repr__(self) -> str:
        """Show no header and no body, since both carry credentials."""
        return f"<Entry {self.number}: {self.line}>"


class Ledger:
    """The list of entries. Safe to read from another thread while the servers run."""

    def __init__(self) -> None:
        """Start empty."""
        self._changed = threading.Condition()
        self._entries: list[Entry] = []
        self._count = 0

    def __iter__(self) -> Iterator[Entry]:
        """Walk the entries of this moment, in order of arrival."""
        return iter(self.entries)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self.entries)

    @property
    def entries(self) -> list[Entry]:
        """A copy of the list, in order of arrival."""
        with self._changed:
            return list(self._entries)

    def arrive(self, server: str, method: str, base: str, target: str, headers: Mapping[str, str]) -> Entry:
        """Note a request as it arrives; numbers count from 1 over both servers and survive `clear`."""
        with self._changed:
            self._count += 1
            entry = Entry(self._count, server, method, base, target, headers, time.monotonic())
            self._entries.append(entry)
            return entry

    def depart(self, entry: Entry) -> None:
        """Note that its reply is about to leave, or that its connection is about to be dropped."""
        with self._changed:
            entry.ended = time.monotonic()
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget the entries; numbering goes on."""
        with self._changed:
            self._entries.clear()

    def reset(self) -> None:
        """Forget the entries and number from 1 again."""
        with self._changed:
            self._entries.clear()
            self._count = 0

    def transcript(self, server: str | None = None) -> list[str]:
        """Tell the exchanges as lines such as `neon DELETE /api_keys/{key} -> 200`."""
        return [entry.line for entry in self.entries if server in (None, entry.server)]

    def count(self, method: str | None = None, path: str | None = None, server: str | None = None) -> int:
        """Count the requests; `path` is an fnmatch pattern on the path without base and query."""
        return len(self.find(method, path, server))

    def find(self, method: str | None = None, path: str | None = None, server: str | None = None) -> list[Entry]:
        """Give the requests that `count` counts."""
        return [
            entry
            for entry in self.entries
            if server in (None, entry.server)
            and method in (None, entry.method)
            and fnmatchcase(entry.route, path or "*")
        ]

    def longest_chain(self, until: Callable[[Entry], bool] | None = None) -> int:
        """Count the round trips in sequence: the longest chain in which each began after the previous ended.

        With `until`, the longest chain that ends in the first entry it accepts; 0 when it accepts none. Set
        `World.latency` first: without it, concurrent requests are over before the next arrives and look sequential.
        """
        lengths: list[tuple[float, int]] = []
        for entry in self.entries:
            length = 1 + max((size for ended, size in lengths if ended <= entry.started), default=0)
            if until is not None and until(entry):
                return length
            if entry.ended is not None:
                lengths.append((entry.ended, length))
        return 0 if until is not None else max((size for _, size in lengths), default=0)

    def wait_for(self, number: int, timeout: float = 10.0) -> bool:
        """Wait until so many exchanges have ended; `False` when the time (seconds) ran out."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended() >= number, timeout)

    def _ended(self) -> int:
        return sum(entry.ended is not None for entry in self._entries)
