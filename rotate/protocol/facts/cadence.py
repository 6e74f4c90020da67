"""When a key is due: its age, spread over an organization, inside a window, outside of freezes.

An exposure asks none of this (protocol: *After an exposure*).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

ZERO = timedelta()
A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Window:
    """The hours in which a routine rotation may begin. `days` are weekdays, Monday 0; `closes` at or before `opens`
    means the next day; equal times mean the whole day.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: tzinfo

    def open_at(self, moment: datetime) -> bool:
        """Say whether it is open. A window over midnight belongs to the day on which it opens."""
        local = moment.astimezone(self.zone)
        hour = local.time()
        if self.opens < self.closes:
            return local.weekday() in self.days and self.opens <= hour < self.closes
        if hour >= self.opens:
            return local.weekday() in self.days
        return hour < self.closes and (local.weekday() - 1) % A_WEEK in self.days


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days on which nothing routine is begun, both ends included, in the window's time zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often, and when not. `rotate_after` of `None`: every run rotates. `zone` counts for `freezes`."""

    rotate_after: timedelta | None = None
    jitter: timedelta = ZERO
    window: Window | None = None
    freezes: tuple[Freeze, ...] = ()
    zone: tzinfo | None = None

    def early(self, lineage: str) -> timedelta:
        """Give how much earlier than `rotate_after` this lineage is due: a stable share of `jitter`.

        Earlier and never later: `rotate_after` stays the limit that it says it is.
        """
        share = int.from_bytes(hashlib.sha256(lineage.encode()).digest()[:8], "big") / 2**64
        return self.jitter * share

    def due_at(self, created_at: datetime, lineage: str) -> datetime | None:
        """Give when a key of this age is due; `None` where every run rotates."""
        return None if self.rotate_after is None else created_at + self.rotate_after - self.early(lineage)

    def closed(self, moment: datetime) -> str | None:
        """Say why nothing routine may begin now; `None` when it may."""
        today = moment.astimezone(self.zone).date() if self.zone else moment.date()
        for freeze in self.freezes:
            if freeze.first <= today <= freeze.last:
                return f"rotations are frozen from {freeze.first} to {freeze.last}"
        if self.window and not self.window.open_at(moment):
            return f"the window opens at {self.window.opens:%H:%M} on its days"
        return None
