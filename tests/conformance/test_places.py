"""Every place on GitHub that can hold a secret keeps what `ports.Destination` promises, and else stays as it was."""

from __future__ import annotations

import threading
from itertools import product
from random import Random

import pytest

from rotate.destinations.github_secret import GitHubSecret
from rotate.errors import DestinationError, Outcome, Refused
from rotate.github_api.client import GitHub
from rotate.github_api.places import Address, Store
from rotate.protocol.model import Access
from rotate.sandbox.faults import Fault
from rotate.sandbox.github_vaults import Vault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.settings.model import STORES
from rotate.wire.clock import SystemClock
from tests.conformance.opened import keep
from tests.openapi import check

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
        self, world: World, address: Address, *, exists: bool = True, visibility: str = "", may: bool = True
    ) -> None:
        clock = SystemClock(stopped())
        self.world, self.address = world, address
        self.repositories = [world.github.add_repository(REPOSITORY)]
        world.github.add_environment(REPOSITORY, ENVIRONMENT)
        world.github.add_organization(ORGANIZATION)
        if exists:
            self.store("napi_old_value", "private" if address.of_organization else "")
        permissions = EVERYTHING if may else {"metadata": "read"}
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


def test_the_table_has_every_store() -> None:
    assert tuple(store.value for store in Store) == STORES


@pytest.mark.parametrize("address", TABLE, ids=lambda one: one.label)
def test_a_write_arrives_and_is_confirmed(address: Address, world: World) -> None:
    bench = Bench(world, address)
    bench.write()
    assert bench.stored == NEW.reveal()
    assert bench.destination.name == f"{address.label} · {NAME}"
    assert not world.ledger.find("DELETE")
    check(world.ledger)


@pytest.mark.parametrize("address", TABLE, ids=lambda one: one.label)
def test_a_missing_permission_is_named_with_its_owner(address: Address, world: World) -> None:
    bench = Bench(world, address, may=False)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-permission-missing"
    assert f"for {address.owner} with {address.permission}" in caught.value.remedy


@pytest.mark.parametrize("address", [one for one in TABLE if not one.of_organization], ids=lambda one: one.label)
def test_a_secret_that_is_not_there_yet_is_created(address: Address, world: World) -> None:
    bench = Bench(world, address, exists=False)
    bench.write()
    assert bench.stored == NEW.reveal()


@pytest.mark.parametrize("store", Store)
def test_an_organization_secret_is_never_created_without_a_stated_visibility(store: Store, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION, store), exists=False)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert caught.value.reason == "organization-secret-missing"
    assert not world.ledger.find("PUT")


@pytest.mark.parametrize("visibility", ["all", "private"])
def test_an_organization_secret_is_created_with_the_visibility_that_was_stated(visibility: str, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION), exists=False, visibility=visibility)
    bench.write()
    assert bench.access == Access(visibility)


def test_a_stated_visibility_never_widens_a_secret_that_exists(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION), visibility="all")
    bench.write()
    assert bench.access == Access("private")


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_selected_repositories_stay_selected_however_many(count: int, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    ids = bench.select(count)
    bench.write()
    assert bench.access == Access("selected", ids)
    check(world.ledger)


@pytest.mark.timeout(300)
def test_who_may_read_it_is_the_same_after_a_thousand_writes(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    world.ledger.reset()
    chance = Random(7)
    bench.select(5)
    ids = [one.repository_id for one in bench.repositories]
    for _ in range(1000 // 25):
        selected = tuple(sorted(chance.sample(ids, chance.randint(0, len(ids)))))
        visibility = chance.choice(["all", "private", "selected"])
        kept = selected if visibility == "selected" else ()
        bench.store("old", visibility, kept)
        before = bench.destination.observe()
        for _ in range(25):
            bench.destination.put(NEW)
        bench.destination.confirm(before, None)
        assert bench.access == Access(visibility, frozenset(kept))
    assert world.ledger.count("PUT") == 1000


def test_access_that_somebody_else_changed_meanwhile_is_not_confirmed(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(2)
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    bench.select(1)
    world.github.vault(ORGANIZATION).secrets[NAME].updated_at = world.clock.now()
    world.github.vault(ORGANIZATION).secrets[NAME].shown_at = world.clock.now()
    with pytest.raises(DestinationError) as caught:
        bench.destination.confirm(before, receipt)
    assert (caught.value.reason, caught.value.outcome) == ("secret-access-changed", Outcome.UNKNOWN)
    assert "selected, 2 repositories before, selected, 1 repositories now" in caught.value.message


def test_a_list_of_repositories_that_cannot_be_read_is_unknown(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(1)
    world.faults.add(Fault("status", path="*/repositories", code=200, body={"repositories": "none"}, times=None))
    with pytest.raises(DestinationError) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-unexpected-answer"


def test_a_renamed_repository_is_written_under_its_new_name(world: World) -> None:
    bench = Bench(world, Address(REPOSITORY))
    world.github.rename_repository(REPOSITORY, "octo-org/billing")
    token = world.github.add_token(repositories={"octo-org/billing": EVERYTHING})
    clock = SystemClock(stopped())
    github = keep(GitHub(world.github.url, Secret(token), clock))
    destination = GitHubSecret(github, Address(REPOSITORY), NAME, clock)
    before = destination.observe()
    destination.confirm(before, destination.put(NEW))
    assert world.github.secret("octo-org/billing", NAME) == NEW.reveal()
    assert [entry.path for entry in world.ledger.find("PUT")] == [f"/repos/octo-org/billing/actions/secrets/{NAME}"]
    assert bench.destination.name == destination.name, "people know it by the name that they configured"


@pytest.mark.parametrize("how", ["archived", "disabled"])
def test_a_repository_that_takes_no_writes_is_refused_before_anything_is_changed(how: str, world: World) -> None:
    bench = Bench(world, Address(REPOSITORY))
    setattr(world.github.repository(REPOSITORY), how, True)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert (caught.value.reason, how in caught.value.message) == ("repository-not-writable", True)


def test_an_environment_that_does_not_exist_is_refused(world: World) -> None:
    bench = Bench(world, Address(REPOSITORY, environment="staging"), exists=False)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert "octo-org/payments · environment staging" in caught.value.message
