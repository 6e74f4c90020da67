"""Is the lock still this run's, and for how long (protocol: *Lock*)."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Incomplete, Refused
from rotate.protocol.decisions.position import Position

LEASE_MARGIN = timedelta(minutes=1)


def is_ours(position: Position) -> bool:
    """Say whether the lock, as last seen, is this run's."""
    return position.policy.run.holds(position.snapshot.lock)


def lasts(position: Position) -> bool:
    """Say whether the lease is good for another move."""
    ends = position.progress.lease or (
        position.snapshot.lock.expires_at if is_ours(position) and position.snapshot.lock else None
    )
    return ends is not None and position.now < ends - LEASE_MARGIN


def lost(kind: type[Refused | Incomplete]) -> Refused | Incomplete:
    """Word that another run may be at work."""
    return kind(
        "lock-lost",
        "The rotation lock is no longer this run's: another run broke it, or its lease ended.",
        "Let the other run end, then run this one again: it finishes what is left. "
        "Give the workflow a `concurrency:` group with `cancel-in-progress: false`.",
    )
