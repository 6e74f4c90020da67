"""Why not to proceed with these destinations: something hides them, or there are more than can be written in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rotate.errors import Refused, RotateError, counted
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.decisions.triggers import days, why_rotate
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.policy import Command, Policy


def shadows(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """Where a narrower secret is read in place of ours, a new value there reaches nobody, and its key would die."""
    hidden: dict[str, list[str]] = {}
    for one in snapshot.shadows.found if snapshot.shadows and policy.rotates else ():
        hidden.setdefault(one.hides, []).append(one.place)
    for place, narrower in hidden.items():
        yield Refused(
            "secret-shadowed",
            f"A secret of the same name hides {place} where it is narrower: {', '.join(narrower)}.",
            "What runs there reads that one, not ours. Make it a destination too, delete it, or, if it is meant to be "
            "another key, say so:\n\n    ignore_shadows: …    # the environment's name, or owner/name",
        )


def time(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """What cannot end within the job is not begun; after an exposure whatever can be done is."""
    if policy.lasting <= policy.time_limit or policy.exposure:
        return
    syncs = policy.command is Command.SYNC and not policy.rehearsal
    if syncs or (policy.rotates and why_rotate(snapshot, situation, policy, now)):
        yield Refused(
            "longer-than-time-limit",
            f"To write {counted(len(policy.destinations), 'destination')} takes {days(policy.lasting)} at least, "
            f"since GitHub limits requests, and `time_limit` is {days(policy.time_limit)}.",
            "Use an organization secret, which is one write for all its repositories. Or let several jobs share the "
            "destinations (`sync` with `shard`, docs/scale.md). On a runner that lets a job last longer, raise "
            "`time_limit` in the policy file:\n\n    time_limit: 24h",
        )
