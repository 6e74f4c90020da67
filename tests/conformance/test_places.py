"""Every place on GitHub that can hold a secret keeps what `ports.Destination` promises, and else stays as it was."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address, Store
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.settings.model import STORES
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.bench_of_places import EVERYTHING, NAME, NEW, REPOSITORY, TABLE, Bench, stopped
from tests.support.openapi import check
from tests.support.opened import keep

NEEDED = {
    Store.ACTIONS: ("secrets", "**Secrets: read and write**"),
    Store.DEPENDABOT: ("dependabot_secrets", "**Dependabot secrets: read and write**"),
    Store.CODESPACES: ("codespaces_secrets", "**Codespaces secrets: read and write**"),
    Store.AGENTS: ("agent_secrets", "for agents' secrets, read and write"),
}


def test_the_table_has_every_store() -> None:
    assert tuple(store.value for store in Store) == STORES


@pytest.mark.parametrize("address", TABLE, ids=lambda one: one.label)
def test_a_write_arrives_and_is_confirmed(address: Address, world: World) -> None:
    bench = Bench(world, address)
    bench.write()
    assert bench.stored == NEW.reveal()
    assert bench.destination.name == address.label_of(NAME)
    assert not world.ledger.find("DELETE")
    check(world.ledger)


def needed(address: Address) -> tuple[str, str]:
    """Give the one permission that a place asks for: as the pretend GitHub calls it, and as people read it."""
    if address.environment:
        return "environments", "the repository permission **Environments: read and write** (not *Secrets*)"
    technical, shown = NEEDED[address.store]
    whose = "organization" if address.of_organization else "repository"
    return technical, f"the {whose} permission {shown}"


@pytest.mark.parametrize("address", TABLE, ids=lambda one: one.label)
def test_a_missing_permission_is_named_with_its_owner(address: Address, world: World) -> None:
    technical, shown = needed(address)
    others = {name: level for name, level in EVERYTHING.items() if name != technical}
    bench = Bench(world, address, permissions=others)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-permission-missing"
    assert f"for {address.owner} with {shown}" in caught.value.remedy
    assert bench.stored == "napi_old_value"


@pytest.mark.parametrize("address", TABLE, ids=lambda one: one.label)
def test_a_permission_that_is_enough_to_read_alone_is_named_at_the_write(address: Address, world: World) -> None:
    technical, shown = needed(address)
    bench = Bench(world, address, permissions={technical: "read", "metadata": "read"})
    bench.destination.observe()
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == ("github-permission-missing", Outcome.NO_EFFECT)
    assert f"for {address.owner} with {shown}" in caught.value.remedy
    assert bench.stored == "napi_old_value"


@pytest.mark.parametrize("address", TABLE, ids=lambda one: one.label)
def test_the_one_permission_that_is_named_is_enough(address: Address, world: World) -> None:
    bench = Bench(world, address, permissions={needed(address)[0]: "write", "metadata": "read"})
    bench.write()
    assert bench.stored == NEW.reveal()


@pytest.mark.parametrize("address", [one for one in TABLE if not one.of_organization], ids=lambda one: one.label)
def test_a_secret_that_is_not_there_yet_is_created(address: Address, world: World) -> None:
    bench = Bench(world, address, exists=False)
    bench.write()
    assert bench.stored == NEW.reveal()


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
    assert "octo-org/payments has no environment staging" in caught.value.message
