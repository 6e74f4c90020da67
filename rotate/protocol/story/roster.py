"""Which live keys a report shows: those that it is about, and of the others those that were used last.

An account may have thousands of keys, so whose each one is, is judged once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.facts.model import LiveKey
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress

# So many keys that are not the lineage's are shown, enough to find one by when it was used; the rest is counted.
MOST_OTHERS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One live key as people see it. `role`: current, pending, previous, or empty for a key outside the lineage."""

    key: LiveKey
    role: str


def roster(
    keys: Sequence[LiveKey], situation: Situation, progress: Progress, policy: Policy
) -> tuple[tuple[Row, ...], int]:
    """Give the rows to show, in the order of the keys, and how many keys are left out."""
    roles = _roles(keys, situation, progress, policy)
    named = {policy.old_key_id, situation.exposed}
    others = [key for key in keys if key.key_id not in roles and key.key_id not in named]
    others.sort(key=lambda key: key.last_used_at or key.created_at, reverse=True)
    hidden = {key.key_id for key in others[MOST_OTHERS:]}
    rows = tuple(Row(key, roles.get(key.key_id, "")) for key in keys if key.key_id not in hidden)
    return rows, len(hidden)


def _roles(keys: Sequence[LiveKey], situation: Situation, progress: Progress, policy: Policy) -> dict[int, str]:
    """Say what each key of the lineage is; the last word counts."""
    pending, base = progress.pending, situation.base
    roles = {key.key_id: "previous" for key in situation.members}
    if base:
        roles[base.key_id] = "previous" if pending else "current"
    roles |= {key.key_id: "pending" for key in situation.newer}
    roles |= {key.key_id: "pending" for key in keys if key.name in progress.tried}
    if pending:
        everywhere = all(progress.confirmed.get(name) for name in policy.destinations)
        roles[pending.key_id] = "current" if everywhere else "pending"
    return roles
