"""The world as the search sees it: immutable, small, and exact about what a lost reply leaves behind.

A value is its key's id; a fingerprint is `f<id>`. Key 1 is somebody else's, key 2 the minter's; neither is of the
lineage. Key 3 is the one being replaced first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rotate.errors import DestinationError, Refused, RotateError, SourceError
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.destination import DestinationFacts, Held, Mark
from rotate.protocol.facts.model import (
    Dead,
    Identity,
    LiveKey,
    LiveRun,
    LockFacts,
    NoNotebook,
    NotebookFacts,
    Scope,
    Snapshot,
    Standing,
)
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import Policy, RevokeWhen

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
FOREIGN, MINTER, FIRST = 1, 2, 3
NOWHERE = NoNotebook("no permission", "grant it")
BROKEN = SourceError("neon-unreachable", "no answer")
UNREADABLE = DestinationError("github-unreachable", "no answer")
BAD = Refused("note-forged", "it is forged")


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that outlives a process. `stored`: the key id that each destination holds.

    `burnt`: keys that died early because they were exposed. `busy`: a workflow run that holds an older value is alive.
    `sick`: what uses the secret fails with the new value. `heard`: whether the canary succeeded in this run; `None`
    where there is none. `seals`: the values that vouch for the note. `bad`: what stands in its place is none. `past`:
    notes of ours that somebody may put back; `None` where nobody does. `written`: when each destination was, where
    somebody else may write there too; one that somebody emptied stores 0. `tells`: the destinations tell what they
    hold, and no time.
    """

    keys: tuple[LiveKey, ...]
    stored: tuple[int, ...]
    note: Note | None
    lock: LockFacts | None
    next_id: int
    notebook: bool = True
    burnt: frozenset[int] = frozenset()
    busy: bool = False
    sick: bool = False
    heard: bool | None = None
    seals: frozenset[int] = frozenset()
    bad: bool = False
    past: tuple[tuple[Note, frozenset[int]], ...] | None = None
    written: tuple[datetime, ...] = ()
    tells: bool = False

    def alive(self, key_id: int | None) -> bool:
        """Say whether a value is let in."""
        return any(key.key_id == key_id for key in self.keys)

    def wrote(self, place: int) -> Mark | None:
        """Say when a destination was written, or what it holds; `None` where that is nothing."""
        if self.stored[place] == 0:
            return None
        if self.tells:
            return Held(fingerprint(self.stored[place]))
        return self.written[place] if self.written else NOW

    def put(self, place: int, value: int) -> Outside:
        """Write one destination, later than all were so far."""
        stored = (*self.stored[:place], value, *self.stored[place + 1 :])
        if not self.written:
            return replace(self, stored=stored)
        now = max(self.written) + timedelta(seconds=1)
        return replace(self, stored=stored, written=(*self.written[:place], now, *self.written[place + 1 :]))


@dataclass(frozen=True, slots=True)
class Process:
    """What one run knows of itself, apart from what the core holds."""

    policy: Policy
    at_hand: int | None
    issuer: int
    over: frozenset[int] = frozenset()


def key(key_id: int, name: str) -> LiveKey:
    """Make a live key; a higher id is younger."""
    return LiveKey(key_id, name, NOW - timedelta(days=100) + timedelta(seconds=key_id))


def fingerprint(key_id: int) -> str:
    """Give the fingerprint of a key's value."""
    return f"f{key_id}"


def snapshot_of(outside: Outside, process: Process, unreadable: frozenset[Aspect] = frozenset()) -> Snapshot:
    """Observe everything; the aspects in `unreadable` fail."""
    names = process.policy.destinations
    exposure = process.policy.exposure
    first = exposure is not None and exposure.revoke_when is RevokeWhen.PRIMARY
    lame = Aspect.IDENTITY in unreadable
    self_rotation = process.policy.self_rotation
    return Snapshot(
        issuer=BROKEN if lame else standing(outside, process, process.issuer),
        previous=None if self_rotation or process.at_hand is None else standing(outside, process, process.at_hand),
        keys=listed(outside, process, process.issuer, broken=Aspect.KEYS in unreadable),
        destinations=places(outside, names[:1] if first else names, broken=Aspect.DESTINATIONS in unreadable),
        notebook=noted(outside, process, broken=Aspect.NOTEBOOK in unreadable),
        runs=alive_runs(outside, broken=Aspect.RUNS in unreadable) if process.policy.overlap.drain else None,
    )


def places(outside: Outside, names: tuple[str, ...], *, broken: bool) -> dict[str, DestinationFacts | RotateError]:
    """Look at destinations."""
    return {name: UNREADABLE if broken else _facts(outside.wrote(place)) for place, name in enumerate(names)}


def _facts(mark: Mark | None) -> DestinationFacts:
    return DestinationFacts(None, holds=mark) if isinstance(mark, Held) else DestinationFacts(mark)


def alive_runs(outside: Outside, *, broken: bool) -> tuple[LiveRun, ...] | RotateError:
    """List the runs that are not over: one that started long ago, if the world is busy."""
    if broken:
        return UNREADABLE
    return (LiveRun(99, "octo-org/payments", "in_progress", LONG_AGO, "run 99"),) if outside.busy else ()


def standing(outside: Outside, process: Process, value: int) -> Standing:
    """Ask whom a value acts for. The minter and personal keys act for the person."""
    if not outside.alive(value):
        return Dead()
    scope = process.policy.scope
    personal = scope is Scope.PERSONAL or value == MINTER or (value == FIRST and process.policy.from_scope is not None)
    return Identity("ada" if personal else "org-a", organization=not personal, project_bound=None)


def listed(outside: Outside, process: Process, by: int, *, broken: bool) -> tuple[LiveKey, ...] | RotateError:
    """List the keys with a value's authority."""
    return BROKEN if broken or not outside.alive(by) else outside.keys


def noted(outside: Outside, process: Process, *, broken: bool) -> NotebookFacts | NoNotebook | RotateError:
    """Read note and lock; a run that is over is known to be.

    A note is proven by a value at hand that sealed it; after an exposure, where there is a minter, by that alone.
    """
    if broken:
        return UNREADABLE
    if not outside.notebook:
        return NOWHERE
    lock = outside.lock
    if lock is not None and not process.policy.run.holds(lock):
        lock = replace(lock, run_completed=lock.run_id in process.over)
    if outside.bad:
        return NotebookFacts(None, lock, bad=BAD)
    alone = process.policy.exposure is not None and not process.policy.self_rotation
    values = {process.issuer} if alone else {process.issuer, process.at_hand}
    return NotebookFacts(outside.note, lock, proven=bool(values & outside.seals))
