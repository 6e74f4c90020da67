"""How far the key in a secret reaches, and that it could reach less far."""

from __future__ import annotations

from rotate.errors import Incomplete
from rotate.protocol.decisions.deaths import standing_of_value
from rotate.protocol.facts.model import Identity, Snapshot
from rotate.protocol.facts.policy import Policy


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
