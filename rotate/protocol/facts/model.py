"""The facts that decisions rest on: keys, principals, destinations, the note, the lock, the snapshot.

A reading is the fact, or the `RotateError` that says why it could not be had: *unknown*, never "absent" (S9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, TypeAlias

from rotate.errors import RotateError, listed, one_line
from rotate.protocol.facts.destination import DestinationFacts, Mark

if TYPE_CHECKING:
    from rotate.protocol.facts.found import FoundSecret
    from rotate.protocol.facts.note import Note


class Scope(StrEnum):
    """What a key acts for (Neon OpenAPI: personal keys, organization keys, organization keys with a project)."""

    PERSONAL = "personal"
    ORGANIZATION = "organization"
    PROJECT = "project"


class Liveness(Enum):
    """What `GET /auth` says of a value: only 200 is alive, only 401 is dead."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LiveKey:
    """One row of Neon's list. `project_id`: the one it is bound to. `wider`: it reaches further than a new one."""

    key_id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None = None
    last_used_from: str = ""
    project_id: str | None = None
    wider: bool = False

    @property
    def label(self) -> str:
        """Name it for people; a name made elsewhere can hold anything."""
        return f"{self.key_id} ({one_line(self.name)})"

    @property
    def order(self) -> tuple[datetime, int]:
        """Sort by age: creation time (whole seconds at times), then id, which Neon counts upwards."""
        return (self.created_at, self.key_id)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a live value acts for. `project_bound`: `None` when that was not asked or not answered."""

    account_id: str
    organization: bool
    project_bound: bool | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    """The value answers 401."""


@dataclass(frozen=True, slots=True)
class LockFacts:
    """Who holds the lock, until when, and whether that run is known to be over. `doubt`: why no run of ours can have
    written it. `by_hand`: no workflow started the run, and a value at hand vouches for it. `repository`: its own.
    """

    run_id: int
    attempt: int
    token: str
    expires_at: datetime
    run_completed: bool | None = None
    doubt: str = ""
    by_hand: bool = False
    repository: str = ""


@dataclass(frozen=True, slots=True)
class NotebookFacts:
    """The note and the lock as read together; `None` is a proven absence.

    `proven`: a value at hand vouches for the note. `bad`: why what stands in its place is none at all: it cannot be
    read, or is forged; there is no note then.
    """

    note: Note | None
    lock: LockFacts | None
    proven: bool = True
    bad: RotateError | None = None


@dataclass(frozen=True, slots=True)
class NoNotebook:
    """There is nowhere to keep a note or a lock, and why."""

    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A workflow run that is not over. `started_at` is that of its latest attempt (facts: GitHub §3)."""

    run_id: int
    repository: str
    status: str
    started_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """A secret of the same name at a narrower level, which is read in place of ours (facts: GitHub §2.3)."""

    place: str
    hides: str


@dataclass(frozen=True, slots=True)
class ShadowFacts:
    """The shadows that nobody asked to ignore, and why some places could not be looked at.

    `requests`: what the look cost; `most`: what it may cost in a rotation.
    """

    found: tuple[Shadow, ...] = ()
    unread: tuple[RotateError, ...] = ()
    requests: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """Places that nobody named and that have a secret of the name, and why some could not be looked at.

    `requests`: how many the look took.
    """

    found: tuple[FoundSecret, ...] = ()
    unread: tuple[RotateError, ...] = ()
    requests: int = 0


Standing: TypeAlias = Identity | Dead
# What there is instead of a destination that is absent: the secrets beside it, and that of its name where the workflow
# runs.
Neighbours: TypeAlias = "Mapping[str, tuple[FoundSecret, ...] | RotateError]"
# What a destination tells of its last write; `None`: it holds nothing.
Written: TypeAlias = "Mark | RotateError | None"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything observed, at one time.

    `previous` is the standing of the value being replaced; `None` when that value is not at hand. In a
    self-rotation it is the issuer's own. `runs` are those alive in every repository that reads the secret, `shadows`
    what hides it, `holders` where else a secret of the name is, `neighbours` what there is beside a destination that is
    absent; `None` where nobody asked. `source_ahead`: by how much the source's clock, which its keys' times are of, is
    ahead of the run's. `looked`: when each destination was written, as the last look saw it.
    """

    issuer: Standing | RotateError
    previous: Standing | RotateError | None
    keys: tuple[LiveKey, ...] | RotateError
    destinations: Mapping[str, DestinationFacts | RotateError]
    notebook: NotebookFacts | NoNotebook | RotateError
    runs: tuple[LiveRun, ...] | RotateError | None = None
    shadows: ShadowFacts | None = None
    source_ahead: timedelta = timedelta()
    holders: HolderFacts | None = None
    neighbours: Neighbours | None = None
    looked: Mapping[str, Written] = field(default_factory=dict)
    _sorted: list[tuple[LiveKey, ...]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def live(self) -> tuple[LiveKey, ...]:
        """Give the live keys, oldest first; none where the list could not be read. Of thousands, sorted once."""
        if not self._sorted:
            keys = () if isinstance(self.keys, RotateError) else self.keys
            self._sorted.append(tuple(sorted(keys, key=lambda key: key.order)))
        return self._sorted[0]

    @property
    def owners(self) -> dict[str, int]:
        """Give the number of each destination's repository, of those that were looked at."""
        seen = self.destinations.items()
        return {name: facts.owner_id for name, facts in seen if isinstance(facts, DestinationFacts)}

    @property
    def note(self) -> Note | None:
        """Give the note that decisions may rest on: one that a value at hand vouches for."""
        facts = self.notebook
        return facts.note if isinstance(facts, NotebookFacts) and facts.proven else None

    @property
    def claim(self) -> Note | None:
        """Give the note whoever wrote it. It may hold a run back, and never lets one do anything."""
        return self.notebook.note if isinstance(self.notebook, NotebookFacts) else None

    @property
    def unproven(self) -> bool:
        """Whether there is a note for which no value at hand vouches."""
        return self.claim is not None and self.note is None

    @property
    def bad_note(self) -> RotateError | None:
        """Say why what stands in the note's place is none."""
        return self.notebook.bad if isinstance(self.notebook, NotebookFacts) else None

    @property
    def lock(self) -> LockFacts | None:
        """Give the lock, where somebody holds it."""
        return self.notebook.lock if isinstance(self.notebook, NotebookFacts) else None


def ids_of(keys: Iterable[LiveKey]) -> str:
    """Name keys by their ids, in a sentence."""
    return listed([str(key.key_id) for key in keys])
