"""A narrower key in place of a wider one: the secret held a personal key, or one of the whole organization.

Neon advises keys that are bound to a project. The rotation is the routine one, and what dies is chosen with more care:
the wider key may be the very minter. So it goes only where the person named it (`old_key_id`) and something shows that
it is the key that the secret held: a proven note, or the knock. Otherwise it stays, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from rotate.errors import Incomplete, Refused, RotateError
from rotate.protocol.decisions.deaths import noted_id, standing_of_value
from rotate.protocol.facts.model import Identity, LiveKey, Scope, Snapshot, Standing
from rotate.protocol.facts.policy import Policy

LINE = "If the narrower key is to take the place of this one (docs/narrower-key.md):\n\n   "
BY_HAND = (
    "Once what uses the secret has run well, revoke it by hand: Neon → Account settings (a personal key) or "
    "Organization settings → API keys → its row → Revoke. More: docs/narrower-key.md."
)


def is_wider(standing: Standing | RotateError | None, policy: Policy) -> bool:
    """Say whether a value reaches as far as `from_scope` says, so that this run is to replace it by a narrower one."""
    if policy.from_scope is None or not isinstance(standing, Identity):
        return False
    if policy.from_scope is Scope.PERSONAL:
        return not standing.organization
    return standing.organization and standing.account_id == policy.org_id and standing.project_bound is False


def holds_wider(snapshot: Snapshot, policy: Policy) -> bool:
    """Say whether the value at hand is a wider one."""
    return is_wider(standing_of_value(snapshot, policy), policy)


def is_noted(key: LiveKey, snapshot: Snapshot) -> bool:
    """Say whether a run that was shown which wider key it replaces wrote this one down, and is not done with it."""
    noted = snapshot.note.previous if snapshot.note else ()
    return any(one.wider and one.key_id == key.key_id for one in noted)


def is_shown(key: LiveKey, snapshot: Snapshot, policy: Policy) -> bool:
    """Say whether a proven note shows a wider key to be the one that the secret held.

    A run that heard the knock says so in its note, since only then it names the key there.
    """
    note = snapshot.note
    if note is None:
        return False
    own = policy.lineage.holds(key.name) and noted_id(snapshot, policy) == key.key_id
    return own or note.shown == key.key_id or is_noted(key, snapshot)


def problems(current: Identity, minter: Standing | RotateError, policy: Policy) -> Iterator[Refused]:
    """Give why the wider key that was named cannot be the one that goes."""
    named = policy.named_key_id or policy.old_key_name or policy.find_old_key
    if not named or policy.from_scope is not Scope.PERSONAL:
        return
    if policy.value_at_hand == policy.minter:
        yield Refused(
            "old-key-is-minter",
            "`api_key` and `current_key` are the same key: the minter. It is needed to issue the narrower key and each "
            "of its successors, so it cannot be the one that is revoked.",
            "Leave out `old_key_id`: the key lives on as the minter, in no secret but that of `api_key`. Or create a "
            "minter of its own first: docs/narrower-key.md.",
        )
    elif isinstance(minter, Identity) and not minter.organization and minter.account_id != current.account_id:
        yield Refused(
            "another-account",
            "`api_key` and `current_key` are personal keys of different Neon accounts: one cannot revoke the other.",
            f"Leave out `old_key_id`. {BY_HAND}",
        )


def cannot_go(snapshot: Snapshot, policy: Policy) -> bool:
    """Say whether it was said already why the wider key cannot be revoked by this run."""
    standing = standing_of_value(snapshot, policy)
    return isinstance(standing, Identity) and any(problems(standing, snapshot.issuer, policy))


def left(snapshot: Snapshot, policy: Policy, revoked: tuple[int, ...]) -> Incomplete | None:
    """Word that the wider key lives on; `None` where none was replaced, or it is gone."""
    if not holds_wider(snapshot, policy) or any(key.wider and key.key_id in revoked for key in snapshot.live):
        return None
    minter = policy.value_at_hand == policy.minter
    why = ": it is the minter, and belongs into the secret of `api_key` alone" if minter else ""
    return Incomplete(
        "wider-key-left",
        f"The {policy.from_scope} key that the secret held lives on{why}. Whoever has its value can do what it can.",
        "Look after who else may have its value." if minter else BY_HAND,
    )


def personal(seen: Snapshot, policy: Policy) -> Incomplete | None:
    """Word that the value which the secret holds is a personal key; `None` where it is none, or nobody could ask."""
    standing = standing_of_value(seen, policy)
    if not isinstance(standing, Identity) or standing.organization:
        return None
    return Incomplete(
        "personal-key-in-secret",
        "The secret holds a personal key, which can do in every organization and project whatever its owner can.",
        "Neon advises a key that is bound to one project. How to change, with the clicks: docs/narrower-key.md.",
    )
