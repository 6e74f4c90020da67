"""One place of the pretend GitHub, and what a destination makes of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import product

from rotate.protocol.facts.destination import Access
from rotate.sandbox.github.vaults import Vault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address, Store
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.wire.client import GitHub
from tests.support.fakes import FakeClock
from tests.support.opened import keep

REPOSITORY, ORGANIZATION, NAME = "octo-org/payments", "octo-org", "NEON_API_KEY"
ENVIRONMENT = "production/eu west"
NEW = Secret("napi_new_value")
TABLE = [
    *(Address(owner, store) for owner, store in product((REPOSITORY, ORGANIZATION), Store)),
    Address(REPOSITORY, environment=ENVIRONMENT),
]
EVERYTHING = {
    "secrets": "write",
    "dependabot_secrets": "write",
    "codespaces_secrets": "write",
    "agent_secrets": "write",
    "environments": "write",
    "metadata": "read",
}


class Bench:
    """One place whose secret was written a week ago."""

    def __init__(
        self,
        world: World,
        address: Address,
        *,
        exists: bool = True,
        visibility: str = "",
        permissions: Mapping[str, str] = EVERYTHING,
    ) -> None:
        clock = FakeClock()
        self.world, self.address = world, address
        self.repositories = [world.github.add_repository(REPOSITORY)]
        world.github.add_environment(REPOSITORY, ENVIRONMENT)
        world.github.add_organization(ORGANIZATION)
        if exists:
            self.store("napi_old_value", "private" if address.of_organization else "")
        of_organization = {f"organization_{name}": level for name, level in permissions.items()}
        token = world.github.add_token(
            repositories={REPOSITORY: permissions}, organizations={ORGANIZATION: of_organization}
        )
        github = keep(GitHub(world.github.url, Secret(token), clock))
        self.destination = GitHubSecret(github, address, NAME, clock, visibility=visibility)

    @property
    def vault(self) -> Vault:
        return self.world.github.vault(self.address.owner, self.address.store, self.address.environment)

    @property
    def stored(self) -> str | None:
        return self.world.github.secret(self.address.owner, NAME, self.address.store, self.address.environment)

    @property
    def access(self) -> Access:
        kept = self.vault.secrets[NAME]
        return Access(kept.visibility, frozenset(kept.selected))

    def store(self, value: str, visibility: str = "", selected: tuple[int, ...] = ()) -> None:
        """Put a secret there without a request, a week ago."""
        self.world.github.set_secret(
            self.address.owner,
            NAME,
            value,
            updated_days_ago=7,
            store=self.address.store,
            environment=self.address.environment,
            visibility=visibility,
            selected=selected,
        )

    def select(self, count: int) -> frozenset[int]:
        """Let so many repositories of the organization, and no others, read the secret."""
        number = len(self.repositories)
        self.repositories += [
            self.world.github.add_repository(f"{ORGANIZATION}/service-{number + one}") for one in range(count)
        ]
        ids = tuple(one.repository_id for one in self.repositories[-count:])
        self.store("old", "selected", ids)
        return frozenset(ids)

    def write(self) -> None:
        """Observe, put and confirm."""
        before = self.destination.observe()
        self.destination.confirm(before, self.destination.put(NEW))


def stopped() -> threading.Event:
    """A signal that lets no wait last."""
    event = threading.Event()
    event.set()
    return event
