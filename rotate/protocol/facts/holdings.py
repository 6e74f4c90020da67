"""What Neon tells of the keys of an account: each key with who made it, and who belongs to whom they are of."""

from __future__ import annotations

from dataclasses import dataclass

from rotate.protocol.facts.model import LiveKey, Scope


@dataclass(frozen=True, slots=True)
class HeldKey:
    """One live key. `creator` is the id of the user who made it, `creator_name` how Neon calls that user."""

    key: LiveKey
    personal: bool
    creator: str
    creator_name: str

    @property
    def scope(self) -> Scope:
        """Say what it acts for. A project-scoped key is an organization's with a project (facts: Neon §1)."""
        if self.personal:
            return Scope.PERSONAL
        return Scope.PROJECT if self.key.project_id else Scope.ORGANIZATION


@dataclass(frozen=True, slots=True)
class Account:
    """Whom keys are of: a user, or an organization. `members`: the ids of those who belong to it now; `None` where that
    could not be read, and for a user."""

    account_id: str
    name: str
    keys: tuple[HeldKey, ...]
    personal: bool = False
    members: frozenset[str] | None = None
