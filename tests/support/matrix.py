"""The matrix: every request of a run, every way to fail there, every scope and mode, and what of it is played.

`KILL_MATRIX` says how much. `slice` (unless told otherwise): a few cases of every scope and mode. `ci`: a kill before
every request, a kill after every write and every lost reply of one, and a few of the rest and of what only varies
another. `all`: all. What is drawn depends on `KILL_MATRIX_SEED` alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.ledger import Entry
from tests.support.stories import STORIES

KILLS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "killed before": ("death_before", {}),
    "killed after": ("death_after", {}),
}
LOST: dict[str, tuple[Kind, dict[str, Any]]] = {"lost reply": ("lost_reply", {})}
OTHERS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "500": ("status", {"code": 500}),
    "503 after the effect": ("status", {"code": 503, "after": True}),
    "429": ("rate_limited", {}),
    "429, wait a second": ("rate_limited", {"retry_after": 1}),
    "429, wait an hour": ("rate_limited", {"retry_after": 3600}),
    "reset": ("reset", {}),
    "truncated JSON": ("truncated", {}),
    "HTML": ("html", {}),
    "HTML after the effect": ("html", {"after": True}),
}
FAILURES = {**KILLS, **LOST, **OTHERS}
NOW = {"exposed": "true", "reason": "test"}
DAY = {"overlap": "24h"}
PLACES = ("octo-org/service-1", "octo-org/service-4")  # of which the second is in the shard 1/2
SYNC = {"command": "sync", "repositories": ",".join(("octo-org/payments", *PLACES))}
# A minter replaces these keys too: a personal one with fewer requests, a project's with the same.
LIKE_AN_ORGANIZATION = ("minter", "project")
AnyCase = TypeVar("AnyCase")
LONGER = 4  # than the program is ready to try


@dataclass(frozen=True)
class Mode:
    """What is asked of the run that fails, and of those that follow it. `beside`: a variation on another mode, of which
    less is played. `alike`: it asks the same of every scope, so that less is played of all but the first. `canary`:
    nobody's key goes before a workflow has succeeded with the next. `scheduled`: what follows is the routine, which
    knows of no exposure. `places`: other repositories, and `written`: those of them that a `sync` is to write.
    `knocks`: the first run asks which key the old value is.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    begins: Literal["with the first key", "after a rotation", "amid an overlap", "after a kill before the revoke"] = (
        "with the first key"
    )
    notebook: bool = True
    sweep_first: bool = False
    beside: bool = False
    alike: bool = False
    canary: bool = False
    scheduled: bool = False
    places: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    knocks: bool = False

    @property
    def syncs(self) -> bool:
        """Whether no run may issue or revoke a key, and the value at hand is written to the places."""
        return self.inputs.get("command") == "sync"

    @property
    def exposed(self) -> bool:
        """Whether the key in use is to die at once."""
        return "exposed" in self.inputs

    @property
    def keeps_older(self) -> bool:
        """Whether an older key outlives the run, for as long as an overlap lasts."""
        return self.inputs.get("overlap") == DAY["overlap"] and not self.exposed

    @property
    def sweeps(self) -> bool:
        """Whether no run may issue a key."""
        return self.inputs.get("command") == "sweep"

    @property
    def keeps_access(self) -> bool:
        """Whether the secret must hold a live key at every moment."""
        return self.inputs.get("revoke_when") != "immediately"

    @property
    def environment(self) -> dict[str, str]:
        """Give the inputs as the runner passes them."""
        return {f"INPUT_{name.upper()}": text for name, text in self.inputs.items()}


MODES: dict[str, Mode] = {
    "routine": Mode(),
    "second rotation": Mode(begins="after a rotation", beside=True),
    "no notebook": Mode(notebook=False, beside=True),
    "overlap, waited out": Mode({"overlap": "3s", "wait": "15s"}),
    "overlap, left to a sweep": Mode(DAY),
    "sweep": Mode({"command": "sweep"}, begins="after a kill before the revoke"),
    "routine, then a sweep": Mode(sweep_first=True, beside=True),
    "exposed, primary": Mode(NOW),
    "exposed, immediately": Mode({**NOW, "revoke_when": "immediately"}),
    "exposed, all": Mode({**NOW, "revoke_when": "all"}),
    "knock": Mode(knocks=True, beside=True),
    **{
        f"exposed, {when}, then the schedule": Mode({**NOW, "revoke_when": when}, scheduled=True, beside=True)
        for when in ("primary", "immediately", "all")
    },
    "canary": Mode(canary=True, alike=True),
    "sync": Mode(SYNC, begins="amid an overlap", alike=True, places=PLACES, written=PLACES),
    "sync, a shard": Mode(
        {**SYNC, "shard": "1/2"}, begins="amid an overlap", alike=True, places=PLACES, written=PLACES[1:]
    ),
    "exposed amid an overlap": Mode({**NOW, **DAY}, begins="amid an overlap", beside=True),
}
NEEDS_A_MINTER = ("exposed, immediately", "exposed, immediately, then the schedule")
PAIRS = [(scope, mode) for scope in STORIES for mode in MODES if scope != "personal" or mode not in NEEDS_A_MINTER]


@dataclass(frozen=True)
class Request:
    """One request of an undisturbed run: the nth of its kind, whatever else is under way beside it."""

    server: Literal["neon", "github"]
    method: str
    path: str
    nth: int

    @property
    def issues(self) -> bool:
        """Whether it makes a key: each time that its reply is lost, one more lives."""
        return self.method == "POST" and self.path.endswith("api_keys")

    def __str__(self) -> str:
        """Name it, for people."""
        return f"{self.server} {self.method} {self.path} #{self.nth}"


@dataclass(frozen=True)
class Case:
    """One failure at one request, once or for longer; `cold`: in processes that the zygote has no part in."""

    scope: str
    mode: str
    failure: str
    request: Request
    times: int = 1
    cold: bool = False

    @property
    def kills(self) -> bool:
        """Whether the process dies of it."""
        return self.failure in KILLS

    @property
    def repeats(self) -> bool:
        """Whether another leaves the world the same: a reading changes nothing, so that a kill after it is like one
        before it, and its lost reply like a reset."""
        return self.request.method == "GET" and self.failure != "killed before"

    def fault(self) -> Fault:
        """Give the misfortune; it counts requests from when it is put into force."""
        kind, options = FAILURES[self.failure]
        at = self.request
        return Fault(kind, server=at.server, method=at.method, path=at.path, nth=at.nth, times=self.times, **options)

    def __str__(self) -> str:
        """Name it, for people."""
        often = "" if self.times == 1 else f", {self.times} times"
        return f"{self.scope}, {self.mode}: {self.failure} at {self.request}{often}{', cold' if self.cold else ''}"


def requests_in(entries: Iterable[Entry]) -> list[Request]:
    """Name the requests of a ledger so that the next run's can be picked: ids differ, and so may the order."""
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for entry in entries:
        kind = (entry.server, entry.method, re.sub(r"(?<=/)\d+(?=/|$)", "*", entry.route))
        seen[kind] = seen.get(kind, 0) + 1
        found.append(Request("neon" if entry.server == "neon" else "github", *kind[1:], seen[kind]))
    return found


@dataclass(frozen=True)
class Size:
    """How many are played of each scope and mode, `None` for all: kills and lost replies that repeat no other, those of
    what is beside another, and the rest; in how many parts; and how many kills of cold processes.
    """

    certain: int | None
    beside: int | None
    others: int | None
    parts: int
    cold: int | None


SIZES = {"slice": Size(1, 1, 1, 1, 2), "ci": Size(None, 3, 1, 4, 8), "all": Size(None, None, None, 24, None)}
SIZE = os.environ.get("KILL_MATRIX", "slice")
# Drawn where tests are collected from and handed down in the environment: all workers must have the same.
SEED = os.environ.setdefault("KILL_MATRIX_SEED", str(secrets.randbelow(10**6)))


def is_beside(scope: str, mode: str) -> bool:
    """Whether another scope or mode asks the same requests in the same order, give or take a few."""
    alike = scope != "personal" if MODES[mode].alike else scope in LIKE_AN_ORGANIZATION and mode != "routine"
    return MODES[mode].beside or alike


def cases_of(scope: str, mode: str, requests: Iterable[Request], size: Size, seed: str) -> list[Case]:
    """Give what is played of one scope and mode."""
    at = list(requests)
    once = [Case(scope, mode, failure, one) for failure in FAILURES for one in at]
    certain = [case for case in once if case.failure not in OTHERS and not case.repeats]
    lasting = [Case(scope, mode, failure, one, LONGER) for failure in (*LOST, *OTHERS) for one in at]
    others = [*(case for case in once if case.failure in OTHERS or case.repeats), *lasting]
    number = size.beside if is_beside(scope, mode) else size.certain
    return [*drawn(certain, number, seed), *drawn(others, size.others, seed)]


def drawn(cases: list[AnyCase], number: int | None, seed: str) -> list[AnyCase]:
    """Draw so many by the seed; all of them without a number."""

    def rank(case: AnyCase) -> bytes:
        return hashlib.sha256(f"{seed} {case}".encode()).digest()

    return cases if number is None else sorted(cases, key=rank)[:number]
