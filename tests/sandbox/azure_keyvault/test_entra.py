"""The pretend Entra ID gives tokens to the application that it knows, and says what is wrong with others."""

from __future__ import annotations

import httpx
import pytest

from rotate.sandbox.azure_keyvault.entra import ASSERTION, AUDIENCE, SCOPE, EntraServer
from rotate.sandbox.azure_keyvault.server import VaultServer
from rotate.sandbox.azure_keyvault.state import TENANT
from rotate.sandbox.identity.server import SUBJECT, IssuerServer
from rotate.sandbox.world import World
from tests.systems.azure_keyvault.bench import entra, served

PATH = f"/{TENANT}/oauth2/v2.0/token"


@pytest.fixture
def vault(world: World) -> VaultServer:
    return served(world)


@pytest.fixture
def server(world: World, vault: VaultServer) -> EntraServer:
    return entra(world, vault)


def asked(server: EntraServer, path: str = PATH, **changed: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": server.client_id, "scope": SCOPE}
    return httpx.post(f"{server.url}{path}", data={**form, "client_secret": server.secret, **changed})


def test_a_secret_gives_a_token_that_the_vault_knows(server: EntraServer, vault: VaultServer) -> None:
    row = asked(server).json()
    assert row["token_type"] == "Bearer"
    assert vault.identity(row["access_token"])


@pytest.mark.parametrize(
    ("path", "changed", "status", "said"),
    [
        ("/x/oauth2/v2.0/token", {}, 400, "AADSTS90002"),
        (PATH, {"client_id": "x"}, 400, "AADSTS700016"),
        (PATH, {"scope": "https://graph.microsoft.com/.default"}, 400, "AADSTS70011"),
        (PATH, {"client_secret": "x"}, 401, "AADSTS7000215"),
    ],
)
def test_what_is_wrong_is_named(
    path: str, changed: dict[str, str], status: int, said: str, server: EntraServer
) -> None:
    answer = asked(server, path, **changed)
    assert (answer.status_code, said in answer.json()["error_description"]) == (status, True)


def test_an_identity_is_taken_of_the_issuer_and_the_subject_that_are_trusted(server: EntraServer, world: World) -> None:
    issuer = IssuerServer(world.clock)
    world.serve(issuer)
    headers = {"Authorization": f"Bearer {issuer.request_token}"}
    shown = httpx.get(f"{issuer.url}/token", params={"audience": AUDIENCE}, headers=headers).json()["value"]
    assertion = {"client_assertion_type": ASSERTION, "client_assertion": shown}
    for trusted, said in ((("", ""), "AADSTS700211"), ((issuer.public_key, "repo:octo/other"), "AADSTS700213")):
        server.federated = trusted
        assert said in asked(server, **assertion).json()["error_description"]
    server.federated = (issuer.public_key, SUBJECT)
    assert asked(server, **assertion).status_code == 200
