"""What the pretend Neon holds: accounts, organizations, projects and keys, to seed and to inspect."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import timedelta

from rotate.sandbox.clock import Clock
from rotate.sandbox.neon.records import Organization, Project, StoredKey, User, new_value

_FIRST_KEY_ID = 3_300_001


class NeonState:
    """Neon's memory. Seed and inspect it from any thread.

    `list_lag` is how many seconds of the world's time a revoked key stays in the list (facts: Neon §1, up to 8), and
    `appear_lag` how many a new one is not in it yet. `use_delay` is how many pass until a use is seen in the list, and
    `use_grain` the steps in which the time of a use is told (facts: Neon §12: neither is known).
    """

    def __init__(self, clock: Clock) -> None:
        """Start without accounts."""
        self.url = ""
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.list_lag = self.appear_lag = self.use_delay = 0.0
        self.use_grain = 1.0
        self._ids = itertools.count(_FIRST_KEY_ID)
        self._keys: dict[int, StoredKey] = {}
        self._organizations: dict[str, Organization] = {}
        self._projects: dict[str, Project] = {}

    def add_user(self, name: str) -> User:
        """Open an account."""
        return User(name)

    def add_organization(
        self, org_id: str, *, admins: Iterable[User] = (), members: Iterable[User] = ()
    ) -> Organization:
        """Found an organization."""
        organization = Organization(org_id, list(admins), list(members), self._clock.now())
        self._organizations[org_id] = organization
        return organization

    def add_project(self, project_id: str, *, org_id: str | None = None, owner: User | None = None) -> Project:
        """Open a project, of an organization or of a user."""
        owner_id = org_id or (owner.account_id if owner else "")
        project = Project(project_id, owner_id, org_id, self._clock.now())
        self._projects[project_id] = project
        return project

    def add_key(
        self,
        user: User,
        *,
        name: str,
        org_id: str | None = None,
        project_id: str | None = None,
        created_days_ago: float = 0,
        last_used_days_ago: float | None = None,
        value: str | None = None,
    ) -> StoredKey:
        """Give a user a live key without a request; a project that does not exist yet is opened."""
        if project_id is not None and project_id not in self._projects:
            self.add_project(project_id, org_id=org_id)
        now = self._clock.now()
        used = None if last_used_days_ago is None else now - timedelta(days=last_used_days_ago)
        key = StoredKey(
            key_id=next(self._ids),
            value=value or new_value(),
            name=name,
            user=user,
            created_at=now - timedelta(days=created_days_ago),
            org_id=org_id,
            project_id=project_id,
            last_used_at=used and used.replace(microsecond=0),
            last_used_from_addr="" if last_used_days_ago is None else "192.0.2.10",
        )
        self._keys[key.key_id] = key
        return key

    def key(self, key_id: int) -> StoredKey:
        """Give a key, live or revoked. Raises `KeyError` for an id never issued."""
        return self._keys[key_id]

    def issued(self) -> list[StoredKey]:
        """Give every key ever issued, in order of issue."""
        return list(self._keys.values())

    def live_keys(self) -> list[StoredKey]:
        """Give the live keys, in order of issue."""
        return [key for key in self.issued() if not key.revoked]

    def is_live(self, value: str) -> bool:
        """Say whether a value would be let in now."""
        return self.holder(value) is not None

    def holder(self, value: str) -> StoredKey | None:
        """Give the live key with this value."""
        return next((key for key in self.live_keys() if key.value == value), None)

    def revoke(self, key_id: int) -> None:
        """Kill a key without a request, as a person in the console would."""
        self._keys[key_id].revoked_at = self._clock.now()

    def organizations(self) -> list[Organization]:
        """Give every organization."""
        return list(self._organizations.values())

    def projects(self) -> list[Project]:
        """Give every project."""
        return list(self._projects.values())
