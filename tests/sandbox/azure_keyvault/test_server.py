"""The pretend key vault behaves as Key Vault's description and documents say."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.azure_keyvault.server import VaultServer
from rotate.sandbox.azure_keyvault.state import OTHER_TENANT, TENANT, Version
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.systems.azure_keyvault.bench import served

ONE = "/secrets/neon-api-key"


@pytest.fixture
def server(world: World) -> VaultServer:
    return served(world)


@pytest.fixture
def vault(server: VaultServer) -> Iterator[httpx.Client]:
    bearer = {"Authorization": f"Bearer {server.add_identity('get', 'list', 'set', 'delete')}"}
    with httpx.Client(base_url=server.url, headers=bearer, params={"api-version": "7.4"}) as client:
        yield client


def test_every_route_answers_as_described(world: World, vault: httpx.Client) -> None:
    given = {"value": "one", "contentType": "password", "tags": {"a": "b"}, "attributes": {"exp": 4_000_000_000}}
    made = vault.put(ONE, json=given).json()
    assert (made["value"], made["contentType"], made["tags"]) == ("one", "password", {"a": "b"})
    assert vault.get(f"{ONE}/").json() == made
    assert vault.get(f"{ONE}/{made['id'].rpartition('/')[2]}").json() == made
    plain = vault.put(ONE, json={"value": "two"}).json()
    inherited = ("contentType" in plain, plain["tags"], "exp" in plain["attributes"])
    assert inherited == (False, {}, False)
    changed = vault.patch(f"{ONE}/{plain['id'].rpartition('/')[2]}", json={"tags": {"x": "y"}}).json()
    assert (changed["tags"], "value" in changed) == ({"x": "y"}, False)
    assert {one["id"] for one in vault.get(f"{ONE}/versions").json()["value"]} == {made["id"], plain["id"]}
    assert vault.delete(ONE).json()["recoveryId"].endswith("/deletedsecrets/neon-api-key")
    assert vault.get(f"{ONE}/").status_code == vault.get(f"{ONE}/versions").status_code == 404
    assert check(world.ledger) >= 9


def test_names_know_no_case(server: VaultServer, vault: httpx.Client) -> None:
    vault.put("/secrets/Neon-API-Key", json={"value": "one"})
    assert vault.get(f"{ONE}/").json()["value"] == "one"
    assert server.names() == ["neon-api-key"]


def test_pages_have_25_at_most_and_a_link(server: VaultServer, vault: httpx.Client) -> None:
    made = {server.add_version("neon-api-key", str(number)).id for number in range(30)}
    first = vault.get(f"{ONE}/versions").json()
    last = httpx.get(first["nextLink"], headers=vault.headers).json()
    assert (len(first["value"]), len(last["value"]), "nextLink" in last) == (25, 5, False)
    assert {one["id"].rpartition("/")[2] for page in (first, last) for one in page["value"]} == made


def test_a_deleted_name_stays_taken_until_it_is_purged(server: VaultServer, vault: httpx.Client) -> None:
    assert vault.get("/deletedsecrets/neon-api-key").json()["error"]["code"] == "SecretNotFound"
    server.add_version("neon-api-key", "one")
    vault.delete(ONE)
    assert vault.get("/deletedsecrets/neon-api-key").status_code == 200
    refused = vault.put(ONE, json={"value": "two"})
    assert refused.status_code == 409
    assert refused.json()["error"]["innererror"] == {"code": "ObjectIsDeletedButRecoverable"}
    server.purge("neon-api-key")
    assert vault.put(ONE, json={"value": "two"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/secrets/neon_api_key", {"value": "x"}, "invalid name"),
        (ONE, {}, "value is missing"),
        (ONE, {"value": 5}, "value is missing"),
        (ONE, {"value": "x", "contentType": 5}, "contentType is invalid"),
        (ONE, {"value": "x", "tags": {"a": 5}}, "tags is invalid"),
        (ONE, {"value": "x", "attributes": []}, "attributes is invalid"),
        (ONE, [], "JSON object"),
    ],
)
def test_what_cannot_be_is_refused(path: str, body: object, said: str, vault: httpx.Client) -> None:
    answer = vault.put(path, json=body)
    assert (answer.status_code, said in answer.text) == (400, True)


def test_a_certificates_secret_has_a_key_and_takes_no_value(server: VaultServer, vault: httpx.Client) -> None:
    server.add_version("neon-api-key", "pem", Version("", "", managed=True))
    shown = vault.get(f"{ONE}/").json()
    assert (shown["managed"], "/keys/" in shown["kid"]) == (True, True)
    assert vault.put(ONE, json={"value": "x"}).status_code == 403


def test_a_disabled_version_is_not_given_out(server: VaultServer, vault: httpx.Client) -> None:
    server.add_version("neon-api-key", "one", Version("", "", enabled=False))
    assert vault.get(f"{ONE}/").json()["error"]["innererror"] == {"code": "SecretDisabled"}


def test_first_the_network_then_who_asks_then_the_right(server: VaultServer, vault: httpx.Client) -> None:
    for token, said in (("", "AKV10000"), ("x", "IDX10223"), (server.add_identity(tenant=OTHER_TENANT), "AKV10032")):
        answer = vault.get(f"{ONE}/", headers={"Authorization": f"Bearer {token}" if token else ""})
        assert (answer.status_code, said in answer.text) == (401, True)
        assert TENANT in answer.headers["WWW-Authenticate"]
    server.wall = "ForbiddenByFirewall"
    assert httpx.get(f"{server.url}{ONE}/").json()["error"]["innererror"]["code"] == "ForbiddenByFirewall"
    server.wall = ""
    reader = {"Authorization": f"Bearer {server.add_identity('get')}"}
    assert vault.put(ONE, json={}, headers=reader).json()["error"]["innererror"]["code"] == "ForbiddenByRbac"
    assert httpx.get(f"{server.url}{ONE}/", headers=reader).json()["error"]["code"] == "BadParameter"
    assert vault.get("/keys").status_code == 404
