"""Who may be called dead: every claim rests on a witness that could have said otherwise.

    a value answers 200                  its key is alive, whatever a list says: lists lag, or are another account's
    a key's own value answers 401        it is dead; own: the note has the fingerprint of this value under that id
    an id is absent from the list        it is dead, if it was seen alive before: in this run's list, or in a note about
                                         keys of the same account, longer ago than a list may lag

A 401 to a value that nobody can tell whose it is proves nothing: it may have been cut off when it was pasted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rotate.errors import RotateError
from rotate.protocol.facts.model import Dead, Identity, LiveKey, Liveness, Scope, Snapshot, Standing
from rotate.protocol.facts.policy import Policy

if TYPE_CHECKING:
    from rotate.protocol.decisions.position import Position

# Eight seconds were seen until a revoked key left the list (facts: Neon §1); how late a new one enters is not known.
LIST_LAG = timedelta(minutes=1)


def standing_of_value(snapshot: Snapshot, policy: Policy) -> Standing | RotateError | None:
    """Give how the value at hand stood at the first look; `None` where it was not given."""
    return snapshot.issuer if policy.self_rotation else snapshot.previous


def noted_id(snapshot: Snapshot, policy: Policy) -> int | None:
    """Give the id under which the note has the value at hand."""
    known = snapshot.note.fingerprints() if snapshot.note else {}
    return next((key_id for key_id, fingerprint in known.items() if fingerprint == policy.value_at_hand), None)


def account_of(snapshot: Snapshot, policy: Policy) -> str:
    """Name the account whose keys the list shows; empty where that is not known."""
    if policy.scope is not Scope.PERSONAL:
        return policy.org_id or ""
    return snapshot.issuer.account_id if isinstance(snapshot.issuer, Identity) else ""


def listed_accounts(snapshot: Snapshot, policy: Policy) -> set[str]:
    """Name every account whose keys the list shows: beside the organization's, the minter's own, where a personal key
    is to be narrowed."""
    found = {account_of(snapshot, policy)}
    if policy.from_scope is Scope.PERSONAL and isinstance(snapshot.issuer, Identity):
        found.add(snapshot.issuer.account_id)
    return found


def completed(snapshot: Snapshot, policy: Policy) -> Snapshot:
    """Add to the list the key in use whose value answers 200, where the list is late.

    List and answer must be of the same time. A key that was superseded is not vouched for: another run may have just
    revoked it.
    """
    note, keys = snapshot.note, snapshot.keys
    if note is None or isinstance(keys, RotateError) or policy.from_scope:
        return snapshot  # of what is missing nothing tells whether it is the wider key
    if not isinstance(standing_of_value(snapshot, policy), Identity) or not _same_account(snapshot, policy):
        return snapshot
    listed = {key.key_id for key in keys}
    late = tuple(
        LiveKey(one.key_id, one.name, one.at.replace(microsecond=0), project_id=policy.project_id)
        for one in (note.confirmed, note.pending)
        if one and one.fingerprint == policy.value_at_hand and one.key_id not in listed
    )
    return replace(snapshot, keys=(*keys, *late)) if late else snapshot


def absence_counts(snapshot: Snapshot, policy: Policy, key_id: int, now: datetime) -> bool:
    """Say whether a key that the list does not show is dead: the note knows it, long enough, and of this account."""
    note = snapshot.note
    if note is None or not _same_account(snapshot, policy):
        return False
    # A wider key may be in another list than the one that was read.
    since = {one.key_id: one.superseded_at for one in note.previous if not one.wider}
    since |= {one.key_id: one.at for one in (note.pending, note.confirmed) if one}
    return key_id in since and now - since[key_id] > LIST_LAG


def found_dead(snapshot: Snapshot, policy: Policy, key_id: int, now: datetime) -> bool:
    """Say whether a key was dead before this run did anything."""
    standing, own = standing_of_value(snapshot, policy), noted_id(snapshot, policy)
    if isinstance(snapshot.keys, RotateError):
        return isinstance(standing, Dead) and own == key_id
    if key_id in {key.key_id for key in snapshot.keys} or (isinstance(standing, Identity) and own == key_id):
        return False
    if absence_counts(snapshot, policy, key_id, now):
        return True
    # Nobody saw it alive. But the list lacks it, and the value that is said to be its own is refused: two witnesses.
    return isinstance(standing, Dead) and own in (None, key_id)


def shown(position: Position) -> bool:
    """Say whether the exposed key is shown dead; without an id, the value at hand is what is asked."""
    exposed, proof, progress = position.situation.exposed, position.progress.proof, position.progress
    answered = isinstance(standing_of_value(position.snapshot, position.policy), Identity)
    if exposed is None:
        return (proof is not None and proof.previous is Liveness.DEAD) if answered else _none_left(position)
    if proof is not None and proof.previous is Liveness.ALIVE and position.value_at_hand_id in (None, exposed):
        return False
    if proof is not None and proof.live is None:
        said = proof.previous is Liveness.DEAD and answered and position.value_at_hand_id == exposed
        return said or found_dead(position.snapshot, position.policy, exposed, position.now)
    live = position.snapshot.keys if proof is None else proof.live or ()
    if not isinstance(live, RotateError) and exposed in {key.key_id for key in live}:
        return False
    # What this run revoked, it had seen in the list.
    gone = exposed in progress.revoke_tries and not isinstance(live, RotateError)
    return gone or found_dead(position.snapshot, position.policy, exposed, position.now)


def _none_left(position: Position) -> bool:
    """Say whether a value that was refused from the start can be no living key's: neither that of the key which the
    person named, nor that of any key of ours but the new one.
    """
    proof, pending, named = position.progress.proof, position.progress.pending, position.policy.old_key_id
    if proof is None or proof.live is None or pending is None or named is None:
        return False
    lineage = position.policy.lineage
    mine = [key.key_id for key in proof.live if lineage.holds(key.name) or key.key_id == named]
    return mine == [pending.key_id]


def _same_account(snapshot: Snapshot, policy: Policy) -> bool:
    noted = snapshot.note.account if snapshot.note else ""
    return not noted or noted in listed_accounts(snapshot, policy)
