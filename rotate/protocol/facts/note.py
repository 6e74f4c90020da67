"""What one run tells the next: the keys it knows, and where they are. A module of its own, since a run looks before it
reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from rotate.protocol.facts.destination import Held, Mark

MOST_ABANDONED = 3
# A time for each kind of destination: every system has a clock of its own. Of a note that had one time for all, the
# kind is empty.
Times: TypeAlias = tuple[tuple[str, datetime], ...]


def latest(stood: Mapping[str, Mark], before: Times = ()) -> Times:
    """Give the latest time of each kind of destination; where there is none, the one that was known `before`."""
    times: dict[str, datetime] = {}
    for name, at in stood.items():
        if isinstance(at, datetime):
            times[_kind(name)] = max(at, times.get(_kind(name), at))
    return tuple(sorted({**dict(before), **times}.items()))


def _kind(name: str) -> str:
    return name.partition(":")[0] if ":" in name else ""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key as the note remembers it. `at`: when it was issued, or confirmed."""

    key_id: int
    name: str
    fingerprint: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PendingKey(KeyRecord):
    """Issued, not yet everywhere. It never releases another key."""


@dataclass(frozen=True, slots=True)
class ConfirmedKey(KeyRecord):
    """Held by every destination. Only this type can release older keys."""


@dataclass(frozen=True, slots=True)
class PreviousKey:
    """A superseded key that may still live.

    `superseded_at`: when its successor was confirmed everywhere. `revoke_after`: when its overlap ends. `drain`: it
    stays on until nothing may use it any more, whichever run looks after it. `wider`: it reaches further than its
    successor, and was shown to be what the secret held; the usual list does not show it.
    """

    key_id: int
    fingerprint: str | None
    superseded_at: datetime
    revoke_after: datetime
    drain: bool = False
    wider: bool = False


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What stands for all destinations where a note has no room for every name (`roll` reads it). `owners`: a digest
    of the names with their repositories' numbers; empty where those were not noted."""

    count: int
    digest: str
    marks: str
    owners: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What one run tells the next. Never a secret. `unnamed`: `destinations` are only the first of them.

    `abandoned`: the last keys that were pending when a later run issued another. Whichever lives, a destination may
    hold its value, and a run that meets it must know that it was not overtaken.

    `owners`: the numbers of the destinations' repositories, in their order, or none at all. `reached`: where, beyond
    the destinations, a key may have been written that was never confirmed. `home`: who owns the lineage, as in its
    marker. `account`: whose keys these are, as Neon names it;
    empty where that was not written down. `refuted`: an id that was named, and that a knock showed not to be the old
    value's, which was that of `shown`.

    `stood_until`: the time of the last write that was confirmed, by the destinations' clocks. All were written before
    any was confirmed, so a destination that was written later was written by somebody else. Empty: nobody noted it.
    """

    lineage: str
    pending: PendingKey | None = None
    confirmed: ConfirmedKey | None = None
    previous: tuple[PreviousKey, ...] = ()
    destinations: tuple[str, ...] = ()
    run_url: str = ""
    unnamed: Unnamed | None = None
    owners: tuple[int, ...] = ()
    reached: tuple[str, ...] = ()
    home: str = ""
    account: str = ""
    refuted: int | None = None
    shown: int | None = None
    stood_until: Times = ()
    abandoned: tuple[PendingKey, ...] = ()

    def until(self, name: str, seen: Mark | None) -> Mark | None:
        """Give until when a write of a destination may be ours, by its own clock; `None` where that was not noted.
        Where its value was seen: the one that may be; of a hidden one, that there is one is all."""
        if isinstance(seen, Held):
            ours = self.confirmed and Held(self.confirmed.fingerprint if seen.fingerprint else "")
            return ours or None
        times = dict(self.stood_until)
        return times.get(_kind(name), times.get(""))

    def given_up_for(self, pending: PendingKey | None) -> tuple[PendingKey, ...]:
        """Give the keys that stay abandoned once another is pending: the last ones, so that a note stays small."""
        gone = (self.pending,) if self.pending and self.pending != pending else ()
        return (*self.abandoned, *gone)[-MOST_ABANDONED:]

    def key_ids(self) -> frozenset[int]:
        """Give every id the note knows."""
        records = [record for record in (self.pending, self.confirmed) if record]
        return frozenset([record.key_id for record in records] + [key.key_id for key in self.previous])

    def fingerprints(self) -> Mapping[int, str]:
        """Give the fingerprint of every key id whose value was once at hand."""
        known = {key.key_id: key.fingerprint for key in self.previous if key.fingerprint}
        records = (*self.abandoned, self.pending, self.confirmed)
        known.update({record.key_id: record.fingerprint for record in records if record})
        return known
