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
from datetime import datetime

from rotate.errors import RotateError
from rotate.protocol.decisions import narrowing
from rotate.protocol.decisions.deaths import noted_id, standing_of_value
from rotate.protocol.decisions.lacking import lacking
from rotate.protocol.facts.marker import parse
from rotate.protocol.facts.model import Dead, LiveKey, Snapshot
from rotate.protocol.facts.note import ConfirmedKey, PendingKey
from rotate.protocol.facts.policy import Policy


@dataclass(frozen=True, slots=True)
class Situation:
    """The lineage as it stands. `base`: the confirmed key (or its stand-in) if alive. `exposed`: the id of the key
    that the user said is exposed, alive or not, where that is known. `unproven`: there is a note for which no value at
    hand vouches. `finish_with`: the key whose value is at hand and is to be written everywhere: one that was never
    confirmed (R1), or the confirmed one that some destination lost.
    """

    members: tuple[LiveKey, ...]
    base: LiveKey | None
    confirmed: ConfirmedKey | None
    newer: tuple[LiveKey, ...]
    older: tuple[LiveKey, ...]
    finish_with: PendingKey | None
    exposed: int | None = None
    unproven: bool = False


def members(snapshot: Snapshot, policy: Policy) -> tuple[LiveKey, ...]:
    """Give the live keys that are ours to supersede, oldest first: by marker, by note, or named by the user (S7)."""
    noted = snapshot.note.key_ids() if snapshot.note else frozenset()
    refuted = snapshot.note.refuted if snapshot.note else None
    said = None if policy.old_key_id == refuted else policy.old_key_id
    named = (said, policy.exposure.key_id if policy.exposure else None)

    def ours(key: LiveKey) -> bool:
        known = policy.lineage.holds(key.name) or key.key_id in noted
        return (narrowing.is_noted(key, snapshot) if key.wider else known) or key.key_id in named

    return tuple(filter(ours, snapshot.live))


def assess(snapshot: Snapshot, policy: Policy) -> Situation:
    """Sort the lineage around the confirmed key."""
    ours = members(snapshot, policy)
    note = snapshot.note
    noted = note.confirmed if note else None
    base = next((key for key in ours if noted and key.key_id == noted.key_id), None)
    confirmed = noted if base else None
    if noted is None:
        base = next((key for key in ours if key.key_id == policy.named_key_id), None)
    newer = tuple(key for key in ours if base is None or key.order > base.order)
    before = tuple(key for key in ours if confirmed and base and key.order < base.order)
    older = tuple(key for key in before if not key.wider or narrowing.is_shown(key, snapshot, policy))
    exposed = _exposed(snapshot, policy)
    unfinished = _finish_with(snapshot, policy, newer, exposed)
    full = len(ours) >= _room(policy, unproven=snapshot.unproven)
    again = None if newer and not full else _write_again(snapshot, policy, base if confirmed else None, older)
    return Situation(ours, base, confirmed, newer, older, unfinished or again, exposed, snapshot.unproven)


def overdue(snapshot: Snapshot, situation: Situation, now: datetime) -> tuple[LiveKey, ...]:
    """Give the older keys whose overlap has ended: whatever the note does not hold back."""
    noted = {key.key_id: key.revoke_after for key in snapshot.note.previous} if snapshot.note else {}
    return tuple(key for key in situation.older if noted.get(key.key_id, now) <= now)


def crowded(situation: Situation, policy: Policy) -> bool:
    """Say whether so many keys of the lineage live that none may be added (S6).

    An exposure is given more room, since it ends by revoking the others; so is a run whose note nobody proves, since it
    cannot make room by what that confirms, and begins a new one.
    """
    return situation.finish_with is None and len(situation.members) >= _room(policy, unproven=situation.unproven)


def _room(policy: Policy, *, unproven: bool) -> int:
    return policy.max_live_keys * (2 if policy.exposure or unproven else 1)


def _exposed(snapshot: Snapshot, policy: Policy) -> int | None:
    """Give the id of the exposed key: the one named, else that of the value at hand. `None`: a value at hand that is
    alive, and whose id nothing tells.

    Where no living value is at hand, it is the key in use. `old_key_id` is the user's word for the value that the
    secret held before the first rotation: it counts only while no key that another run issued is alive.
    """
    if policy.exposure is None:
        return None
    own = policy.exposure.key_id or noted_id(snapshot, policy)
    if own is not None:
        return own
    noted = snapshot.note.confirmed if snapshot.note else None
    if noted:
        alive = policy.value_at_hand is not None and not isinstance(standing_of_value(snapshot, policy), Dead)
        return None if alive else noted.key_id
    return None if any(_issued_before(key, policy) for key in snapshot.live) else policy.old_key_id


def _issued_before(key: LiveKey, policy: Policy) -> bool:
    run, marker = policy.run, parse(key.name)
    ours = marker is not None and (marker.run_id, marker.attempt, marker.nonce) == (run.run_id, run.attempt, run.nonce)
    return policy.lineage.holds(key.name) and not ours


def _finish_with(
    snapshot: Snapshot, policy: Policy, newer: tuple[LiveKey, ...], exposed: int | None
) -> PendingKey | None:
    pending = snapshot.note.pending if snapshot.note else None
    if pending is None or not newer or policy.value_at_hand is None or pending.key_id == exposed:
        return None
    held = policy.value_at_hand == pending.fingerprint and newer[-1].key_id == pending.key_id
    return pending if held else None


def _write_again(
    snapshot: Snapshot, policy: Policy, confirmed: LiveKey | None, older: tuple[LiveKey, ...]
) -> PendingKey | None:
    """Give the confirmed key, where its value is at hand and some destination does not surely hold it any more.

    Beside an unfinished distribution only where no key may be added (S6): then what is older can go, and makes room.
    """
    noted = snapshot.note.confirmed if snapshot.note else None
    if confirmed is None or confirmed.wider or noted is None or policy.exposure:
        return None
    if policy.value_at_hand != noted.fingerprint or lacking(snapshot, policy, older=bool(older)) is None:
        return None
    return PendingKey(confirmed.key_id, confirmed.name, noted.fingerprint, confirmed.created_at)


def heals(snapshot: Snapshot, policy: Policy) -> bool:
    """Say whether the value at hand is dead and a new key restores service: nothing newer is confirmed.

    Only a run that was overtaken must not: a key that is not its own is confirmed, lives, and is newer. What is or was
    pending is newer than what is confirmed; and beside an unfinished distribution (R1) any run supersedes.
    """
    if not isinstance(snapshot.previous, Dead) or isinstance(snapshot.keys, RotateError):
        return False
    note = snapshot.note
    if note is None or note.confirmed is None:
        return not isinstance(snapshot.notebook, RotateError)
    confirmed = next((key for key in snapshot.live if key.key_id == note.confirmed.key_id), None)
    unfinished = (*note.abandoned, *([note.pending] if note.pending else []))
    if confirmed is None or policy.value_at_hand in [key.fingerprint for key in unfinished]:
        return True
    return any(policy.lineage.holds(key.name) and key.order > confirmed.order for key in snapshot.live)


def foreign_value(snapshot: Snapshot, policy: Policy, situation: Situation) -> bool:
    """Say whether the value at hand certainly belongs to no key that we know the id of, as far as a note tells, whoever
    wrote it: this only holds a run back.

    A live key of the lineage whose fingerprint nobody noted may be the one (a run died before its pending note),
    and so may one that the user named.
    """
    note = snapshot.claim
    if policy.value_at_hand is None or note is None or note.confirmed is None:
        return False
    known = note.fingerprints()
    if policy.value_at_hand in known.values():
        return False
    return all(key.key_id in known for key in situation.members)
