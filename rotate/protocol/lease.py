"""Is the lock still this run's, and for how long (protocol: *Lock*)."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Incomplete, Refused
from rotate.protocol.view import View

LEASE_MARGIN = timedelta(minutes=1)


def is_ours(view: View) -> bool:
    """Say whether the lock, as last seen, is this run's."""
    return view.policy.run.holds(view.snapshot.lock)


def lasts(view: View) -> bool:
    """Say whether the lease is good for another move."""
    ends = view.holding.lease or (view.snapshot.lock.expires_at if is_ours(view) and view.snapshot.lock else None)
    return ends is not None and view.now < ends - LEASE_MARGIN


def lost(kind: type[Refused | Incomplete]) -> Refused | Incomplete:
    """Word that another run may be at work."""
    return kind(
        "lock-lost",
        "The rotation lock is no longer this run's: another run broke it, or its lease ended.",
        "Let the other run end, then run this one again: it finishes what is left. "
        "Give the workflow a `concurrency:` group with `cancel-in-progress: false`.",
    )
