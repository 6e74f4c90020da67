"""After an exposure: no overlap, no drain, and the exposed key dies when `revoke_when` says (protocol.md).

    primary       observe, lock → issue → put (primary), verify, note pending → revoke → the rest
    immediately   observe, lock → revoke → issue → …                          needs another key as minter
    all           as in a routine rotation without overlap

Only the one exposed key may die earlier than S2 allows.
"""

from __future__ import annotations

from rotate.errors import Outcome
from rotate.protocol.decisions import distribution, revocation
from rotate.protocol.decisions.position import MAX_REVOKE_TRIES, Position, Step
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import LiveKey
from rotate.protocol.facts.moves import Move, Observe, Revoke
from rotate.protocol.facts.policy import RevokeWhen


def kill(position: Position) -> Step | None:
    """Revoke the exposed key as early as was asked."""
    key, progress = position.exposed, position.progress
    if key is None or not position.policy.rotates or not _now(position, key):
        return None
    tries = progress.revoke_tries.get(key.key_id, 0)
    if tries and progress.unresolved:
        return (Observe(frozenset({Aspect.KEYS}), position.authority),)
    return (Revoke(key, position.authority, None, exposed=True),) if tries < MAX_REVOKE_TRIES else None


def _now(position: Position, key: LiveKey) -> bool:
    exposure, progress = position.policy.exposure, position.progress
    if exposure is None or progress.stopping or progress.backing_out:
        return False
    if exposure.revoke_when is RevokeWhen.IMMEDIATELY:
        return not progress.tried
    primary = position.policy.destinations[0]
    stored = progress.put.get(primary) is Outcome.APPLIED
    standing = progress.pending is not None and progress.pending.key_id != key.key_id
    return exposure.revoke_when is RevokeWhen.PRIMARY and standing and bool(progress.verified) and stored


def aftermath(position: Position) -> Step | None:
    """See it dead, and who still holds it, while the rest of the destinations are written."""
    progress = position.progress
    if position.policy.exposure is None or progress.runs_seen or progress.backing_out:
        return None
    if position.situation.exposed not in progress.revoked_ids or not (progress.verified and progress.put):
        return None
    onward = distribution.put(position) or distribution.confirm(position) or ()
    moves: tuple[Move, ...] = onward if isinstance(onward, tuple) else ()
    return (revocation.proof(position), Observe(frozenset({Aspect.RUNS})), *moves)
