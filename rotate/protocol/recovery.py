"""What an interrupted run left: finish with it, supersede it, or revoke what is older.

    oldest ─────────────────────────────────────────────▶ newest

    [previous] [previous]  (confirmed)  [lost] [pending]
    └──────── older ────┘               └─── newer ───┘

R1  A live key of the lineage newer than the confirmed one is an unfinished distribution. It is never an orphan
    and never revoked as it stands. If the value at hand is the newest of them, finish with it; else supersede.
R2  Only keys older than the confirmed one may be revoked, and a key of this very run that went nowhere.

On the first run `old_key_id` stands in for the confirmed key. Without note and stand-in every key of the lineage
counts as newer: nothing says that any of them is held by all.
"""

from __future__ import annotations

from dataclasses import dataclass

from rotate.protocol.model import ConfirmedKey, LiveKey, PendingKey, Policy, Snapshot


@dataclass(frozen=True, slots=True)
class Situation:
    """The lineage as it stands. `base`: the confirmed key (or its stand-in) if alive."""

    members: tuple[LiveKey, ...]
    base: LiveKey | None
    confirmed: ConfirmedKey | None
    newer: tuple[LiveKey, ...]
    older: tuple[LiveKey, ...]
    finish_with: PendingKey | None


def members(snapshot: Snapshot, policy: Policy) -> tuple[LiveKey, ...]:
    """Give the live keys that are ours to supersede, oldest first: by marker, by note, or named by the user (S7)."""
    noted = snapshot.note.key_ids() if snapshot.note else frozenset()
    return tuple(
        key
        for key in snapshot.live
        if policy.lineage.holds(key.name) or key.key_id in noted or key.key_id == policy.old_key_id
    )


def assess(snapshot: Snapshot, policy: Policy) -> Situation:
    """Sort the lineage around the confirmed key."""
    ours = members(snapshot, policy)
    note = snapshot.note
    noted = note.confirmed if note else None
    base = next((key for key in ours if noted and key.key_id == noted.key_id), None)
    confirmed = noted if base else None
    if noted is None:
        base = next((key for key in ours if key.key_id == policy.old_key_id), None)
    newer = tuple(key for key in ours if base is None or key.order > base.order)
    older = tuple(key for key in ours if confirmed and base and key.order < base.order)
    return Situation(ours, base, confirmed, newer, older, _finish_with(snapshot, policy, newer))


def _finish_with(snapshot: Snapshot, policy: Policy, newer: tuple[LiveKey, ...]) -> PendingKey | None:
    pending = snapshot.note.pending if snapshot.note else None
    if pending is None or not newer or policy.value_at_hand is None:
        return None
    held = policy.value_at_hand == pending.fingerprint and newer[-1].key_id == pending.key_id
    return pending if held else None


def foreign_value(snapshot: Snapshot, policy: Policy, situation: Situation) -> bool:
    """Say whether the value at hand certainly belongs to no key that we know the id of.

    A live key of the lineage whose fingerprint nobody noted may be the one (a run died before its pending note),
    and so may one that the user named.
    """
    note = snapshot.note
    if policy.value_at_hand is None or note is None or note.confirmed is None:
        return False
    known = note.fingerprints()
    if policy.value_at_hand in known.values():
        return False
    return all(key.key_id in known for key in situation.members)
