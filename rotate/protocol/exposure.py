"""After an exposure: no overlap, no drain, and the exposed key dies when `revoke_when` says (protocol.md).

    primary       observe, lock → issue → put (primary), verify, note pending → revoke → the rest
    immediately   observe, lock → revoke → issue → …                          needs another key as minter
    all           as in a routine rotation without overlap

Only the one exposed key may die earlier than S2 allows.
"""

from __future__ import annotations

from rotate.errors import Outcome
from rotate.protocol import distribution, revocation
from rotate.protocol.aspects import Aspect
from rotate.protocol.model import LiveKey
from rotate.protocol.policy import RevokeWhen
from rotate.protocol.steps import Move, Observe, Revoke
from rotate.protocol.view import MAX_REVOKE_TRIES, Step, View


def kill(view: View) -> Step | None:
    """Revoke the exposed key as early as was asked."""
    key, holding = view.exposed, view.holding
    if key is None or not view.policy.rotates or not _now(view, key):
        return None
    tries = holding.revoke_tries.get(key.key_id, 0)
    if tries and holding.unresolved:
        return (Observe(frozenset({Aspect.KEYS}), view.authority),)
    return (Revoke(key, view.authority, None, exposed=True),) if tries < MAX_REVOKE_TRIES else None


def _now(view: View, key: LiveKey) -> bool:
    exposure, holding = view.policy.exposure, view.holding
    if exposure is None or holding.stopping or holding.backing_out:
        return False
    if exposure.revoke_when is RevokeWhen.IMMEDIATELY:
        return not holding.tried
    primary = view.policy.destinations[0]
    stored = holding.put.get(primary) is Outcome.APPLIED
    standing = holding.pending is not None and holding.pending.key_id != key.key_id
    return exposure.revoke_when is RevokeWhen.PRIMARY and standing and bool(holding.verified) and stored


def aftermath(view: View) -> Step | None:
    """See it dead, and who still holds it, while the rest of the destinations are written."""
    holding = view.holding
    if view.policy.exposure is None or holding.runs_seen or holding.backing_out:
        return None
    if view.situation.exposed not in holding.revoked_ids or not (holding.verified and holding.put):
        return None
    onward = distribution.put(view) or distribution.confirm(view) or ()
    moves: tuple[Move, ...] = onward if isinstance(onward, tuple) else ()
    return (revocation.proof(view), Observe(frozenset({Aspect.RUNS})), *moves)
