"""The closed list of moves, and how each can turn out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import TypeAlias

from rotate.errors import Outcome, RotateError
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.destination import Mark
from rotate.protocol.facts.model import LiveKey, Liveness, LockFacts
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey


class Authority(Enum):
    """With which value a call to Neon is made: the one we came with, or the pending key's."""

    ISSUER = "issuer"
    PENDING = "pending"


class Status(StrEnum):
    """The verdict in one word: the `status` output."""

    ROTATED = "rotated"
    UNCHANGED = "unchanged"
    PLANNED = "planned"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Observe:
    """Look at the world; reads only, all at once. `by` lists the keys. Destinations that were seen before are looked
    at again only if `again`."""

    aspects: frozenset[Aspect]
    by: Authority = Authority.ISSUER
    again: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """Take the run lock, breaking `stale` first if given. `forced`: its holder may be at work."""

    stale: LockFacts | None = None
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """Create the pending key under this marker name."""

    name: str


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take the value at hand for the pending key it is (R1); touches nothing outside."""

    key: PendingKey


@dataclass(frozen=True, slots=True)
class Verify:
    """Prove that the pending value works, for the right principal and no wider scope."""

    key: PendingKey


@dataclass(frozen=True, slots=True)
class WriteNote:
    """Write the note; `confirmed` tells which of the two it is."""

    note: Note
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Put:
    """Write the pending value to one destination."""

    destination: str
    key: PendingKey


@dataclass(frozen=True, slots=True)
class Confirm:
    """Establish from the receipt that the write stands."""

    destination: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Write the value at hand, which is the confirmed key's, back to a destination that took the pending one."""

    destination: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Write the value at hand to a destination that may not hold it, and establish that the write stands."""

    destination: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay for so long: a part of the overlap, or until the drain is looked at again."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class AskCanary:
    """Run a workflow that uses the value which every destination holds, and stay until it ends, at most so long."""

    workflow: str
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Probe:
    """Control: the previous value must answer 200 before the revoke, or a later 401 proves nothing."""


@dataclass(frozen=True, slots=True)
class Knock:
    """Use the old value, or leave it alone, in as many windows as the pattern has, and look at the list with `by`."""

    by: Authority
    pattern: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Knocked:
    """What a knock brought: the ids that moved, for each window that was played."""

    pattern: tuple[bool, ...]
    moved: tuple[frozenset[int], ...]

    @property
    def followers(self) -> tuple[int, ...]:
        """Give the keys that moved in every window of use and in no other; none where a window is missing."""
        windows = list(zip(self.pattern, self.moved, strict=False))
        used = [moved for use, moved in windows if use]
        silent = [moved for use, moved in windows if not use]
        if len(self.moved) < len(self.pattern) or not used or not silent:
            return ()
        return tuple(sorted(frozenset.intersection(*used) - frozenset.union(*silent)))


@dataclass(frozen=True, slots=True)
class Revoke:
    """End a key. The proof that it may go is the confirmed key that stands in its place, that it is an orphan of
    this very run (`standing` is `None`), or that the user said it is exposed."""

    key: LiveKey
    by: Authority
    standing: ConfirmedKey | None
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class ProveDead:
    """Establish the end: previous value 401, current value 200, `gone` absent from the list."""

    gone: frozenset[int]
    by: Authority
    previous: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Give the lock back. `then`: the verdict, which stands: without the lock nothing is begun any more."""

    then: Finish


@dataclass(frozen=True, slots=True)
class Finish:
    """The run is over. `problems` are empty when nothing needs a person."""

    status: Status
    why: str
    problems: tuple[RotateError, ...] = ()


Move: TypeAlias = (
    Observe
    | Lock
    | Issue
    | Adopt
    | Verify
    | WriteNote
    | Put
    | Restore
    | Rewrite
    | Confirm
    | Wait
    | AskCanary
    | Probe
    | Knock
    | Revoke
    | ProveDead
    | Release
)
Batch: TypeAlias = tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the end looked like. `None`: that witness was not called. `live` is the list, if it was readable."""

    previous: Liveness | None
    current: Liveness | None
    live: tuple[LiveKey, ...] | None


@dataclass(frozen=True, slots=True)
class Result:
    """How one move ended, and what it brought: a pending key, a proof, the control's answer, until when the lock is
    ours (`lease`), the page of the canary's run, which rows moved at a knock, or when the write that was confirmed took
    place (`stood`). `created`: nothing was at the destination before."""

    outcome: Outcome
    error: RotateError | None = None
    pending: PendingKey | None = None
    liveness: Liveness | None = None
    proof: Proof | None = None
    lease: datetime | None = None
    page: str = ""
    created: bool = False
    knocked: Knocked | None = None
    stood: Mark | None = None
