"""Organizations, environments and stores of the pretend GitHub answer as the real ones are described."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest
from nacl.public import PublicKey, SealedBox

from rotate.sandbox.github.vaults import STORES, Vault
from rotate.sandbox.world import World
from tests.support.openapi import check

LOGIN, HOME, PUBLIC = "octo-org", "octo-org/payments", "octo-org/site"
RIGHTS = ("secrets", "dependabot_secrets", "codespaces_secrets", "agent_secrets", "environments")
OF_ORGANIZATION = {f"organization_{name}": "write" for name in RIGHTS}
SECRETS = f"/orgs/{LOGIN}/actions/secrets"


@pytest.fixture
def github(world: World) -> Iterator[httpx.Client]:
    """A client that may do everything in an organization with a private and a public repository."""
    world.github.add_organization(LOGIN)
    world.github.add_organization("other-org")
    world.github.add_repository(HOME)
    world.github.add_repository(PUBLIC, private=False)
    world.github.add_repository("someone/else")
    granted = {**dict.fromkeys(RIGHTS, "write"), "actions": "read"}
    token = world.github.add_token(
        repositories=dict.fromkeys((HOME, PUBLIC), granted), organizations={LOGIN: OF_ORGANIZATION}
    )
    with httpx.Client(base_url=world.github.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client
    check(world.ledger)


def sealed(vault: Vault, value: str = "value") -> dict[str, str]:
    """Seal a value for a vault."""
    box = SealedBox(PublicKey(bytes(vault.box_key.public_key)))
    return {"encrypted_value": base64.b64encode(box.encrypt(value.encode())).decode(), "key_id": vault.key_id}


def ids(world: World, *names: str) -> list[int]:
    """Give the ids of repositories."""
    return [world.github.repository(name).repository_id for name in names]


@pytest.mark.parametrize("store", STORES)
def test_a_write_to_an_organization_sets_value_and_access_together(
    store: str, world: World, github: httpx.Client
) -> None:
    secrets, vault = f"/orgs/{LOGIN}/{store}/secrets", world.github.vault(LOGIN, store)
    assert github.get(f"{secrets}/public-key").json() == vault.public_key()
    chosen = {**sealed(vault), "visibility": "selected", "selected_repository_ids": ids(world, HOME)}
    assert github.put(f"{secrets}/A", json=chosen).status_code == 201
    assert [row["full_name"] for row in github.get(f"{secrets}/A/repositories").json()["repositories"]] == [HOME]
    assert github.put(f"{secrets}/A", json={**sealed(vault), "visibility": "all"}).status_code == 204
    assert github.get(f"{secrets}/A").json()["visibility"] == "all"
    assert github.get(f"{secrets}/A/repositories").status_code == 409
    assert [row["name"] for row in github.get(secrets).json()["secrets"]] == ["A"]
    assert github.delete(f"{secrets}/A").status_code == 204
    assert world.github.secret(LOGIN, "A", store) is None


def test_selected_without_repositories_is_selected_for_nobody(world: World, github: httpx.Client) -> None:
    vault = world.github.vault(LOGIN)
    world.github.set_secret(LOGIN, "A", "old", visibility="selected", selected=tuple(ids(world, HOME)))
    assert github.put(f"{SECRETS}/A", json={**sealed(vault), "visibility": "selected"}).status_code == 204
    assert github.get(f"{SECRETS}/A/repositories").json()["total_count"] == 0


def test_a_write_to_an_organization_without_a_right_access_is_refused(world: World, github: httpx.Client) -> None:
    body = {**sealed(world.github.vault(LOGIN)), "visibility": "selected"}
    foreign = {**body, "selected_repository_ids": ids(world, "someone/else")}
    nobody = {**body, "selected_repository_ids": "all"}
    unread = {**body, "selected_repository_ids": ["payments"]}
    for wrong in (sealed(world.github.vault(LOGIN)), {**body, "visibility": "everyone"}, foreign, nobody, unread):
        assert github.put(f"{SECRETS}/A", json=wrong).status_code == 422
    world.ledger.clear()
    assert github.get(SECRETS).json()["secrets"] == []


def test_an_organization_is_there_for_whom_it_may_be(world: World, github: httpx.Client) -> None:
    reader = world.github.add_token(organizations={LOGIN: {"organization_secrets": "read"}})
    asked = [
        ("", "GET", SECRETS, 200),
        ("", "GET", "/orgs/other-org/actions/secrets", 404),
        ("", "GET", "/orgs/no-org/actions/secrets", 404),
        (reader, "GET", f"{SECRETS}/public-key", 200),
        (reader, "GET", f"/orgs/{LOGIN}/dependabot/secrets/public-key", 403),
        (reader, "DELETE", f"{SECRETS}/A", 403),
    ]
    for token, method, path, status in asked:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        assert github.request(method, path, headers=headers).status_code == status, f"{method} {path}"


def test_an_organization_lists_the_repositories_that_the_token_sees(world: World, github: httpx.Client) -> None:
    world.github.add_repository("octo-org/hidden")
    assert [row["full_name"] for row in github.get(f"/orgs/{LOGIN}/repos").json()] == [HOME, PUBLIC]
    assert len(github.get(f"/orgs/{LOGIN}/repos?per_page=1&page=2").json()) == 1


def test_an_environment_has_a_name_of_any_kind_and_secrets_of_its_own(world: World, github: httpx.Client) -> None:
    world.github.add_environment(HOME, "production/eu west", reviewers=1)
    world.github.add_environment(HOME, "staging")
    there = f"/repos/{HOME}/environments/production%2Feu%20west"
    vault = world.github.vault(HOME, environment="production/eu west")
    assert github.put(f"{there}/secrets/A", json=sealed(vault)).status_code == 201
    assert world.github.secret(HOME, "A", environment="production/eu west") == "value"
    assert world.github.secret(HOME, "A") is None
    told = github.get(there).json()
    assert (told["name"], [rule["type"] for rule in told["protection_rules"]]) == (
        "production/eu west",
        ["required_reviewers"],
    )
    listed = github.get(f"/repos/{HOME}/environments").json()["environments"]
    assert [(one["name"], len(one["protection_rules"])) for one in listed] == [
        ("production/eu west", 1),
        ("staging", 0),
    ]
    for path in ("", "/secrets", "/secrets/public-key"):
        assert github.get(f"/repos/{HOME}/environments/none{path}").status_code == 404


def test_a_repository_is_told_which_secrets_of_its_organization_it_may_read(world: World, github: httpx.Client) -> None:
    for name, visibility, selected in (("ALL", "all", ()), ("PRIVATE", "private", ()), ("OURS", "selected", (HOME,))):
        world.github.set_secret(LOGIN, name, "v", visibility=visibility, selected=tuple(ids(world, *selected)))
    expected = {HOME: ["ALL", "PRIVATE", "OURS"], PUBLIC: ["ALL"]}
    for repository, names in expected.items():
        listed = github.get(f"/repos/{repository}/actions/organization-secrets").json()["secrets"]
        assert [row["name"] for row in listed] == names
        assert all("visibility" not in row for row in listed)


def test_a_person_shares_no_secrets_with_repositories(world: World, github: httpx.Client) -> None:
    token = world.github.add_token(repositories={"someone/else": {"secrets": "read"}})
    headers = {"Authorization": f"Bearer {token}"}
    listed = github.get("/repos/someone/else/actions/organization-secrets", headers=headers)
    assert listed.json() == {"total_count": 0, "secrets": []}


def test_all_that_a_repository_keeps_can_be_looked_at(world: World) -> None:
    world.github.add_repository("octo-org/kept")
    world.github.set_secret("octo-org/kept", "A", "one")
    world.github.set_secret("octo-org/kept", "B", "two", store="dependabot")
    world.github.set_variable("octo-org/kept", "C", "three")
    assert sorted(one.name for one in world.github.kept("octo-org/kept")) == ["A", "B", "C"]
