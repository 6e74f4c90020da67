"""Microsoft's own client, azure-keyvault-secrets, reads what we wrote, and writes what we read.

It asks for nothing but https, of a host that the challenge names: so it is given a vault's own name, and what carries
its requests brings them to the pretend one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline.transport._requests_basic import RequestsTransport
from azure.core.rest import HttpRequest
from azure.keyvault.secrets import SecretClient

from rotate.protocol.facts.destination import Held
from rotate.sandbox.azure_keyvault.state import TENANT
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.systems.azure_keyvault.bench import NEW, SECRET, Vault

THERE = "https://payments.vault.azure.net"
NEWER = Secret("napi_newer_value_0123456789")


class Carried(RequestsTransport):
    """Brings what is sent to one vault to the pretend one."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: Any, **options: Any) -> Any:
        """Send a copy: the client goes on with the name that it knows."""
        brought: HttpRequest = copy(request)
        brought.url = request.url.replace(THERE, self._url)
        return super().send(brought, **options)


class Known:
    """A credential that is at hand, and remembers for whom it was asked."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.asked: list[tuple[tuple[str, ...], object]] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Give it."""
        self.asked.append((scopes, options.get("tenant_id")))
        return AccessToken(self._token, int(time.time()) + 3600)


@pytest.fixture
def bench(world: World) -> Vault:
    return Vault(world)


@pytest.fixture
def credential(bench: Vault) -> Known:
    return Known(bench.state.add_identity("get", "list", "set", "delete"))


@pytest.fixture
def client(bench: Vault, credential: Known) -> Iterator[SecretClient]:
    with SecretClient(THERE, credential, transport=Carried(bench.state.url), retry_total=0) as opened:
        yield opened


def test_it_and_we_read_what_the_other_wrote(bench: Vault, credential: Known, client: SecretClient) -> None:
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
    client.set_secret(SECRET, "napi_old_value", content_type="password", tags={"owner": "eu"}, expires_on=expires)
    ours = bench.opened()
    before = ours.observe()
    ours.confirm(before, ours.put(NEW))
    read = client.get_secret(SECRET)
    assert read.value == NEW.reveal()
    told = read.properties
    assert (told.content_type, told.tags, told.expires_on, told.enabled) == ("password", {"owner": "eu"}, expires, True)
    assert len(list(client.list_properties_of_secret_versions(SECRET))) == 3
    client.set_secret(SECRET, NEWER.reveal())
    assert ours.written() == Held(NEWER.fingerprint)
    assert credential.asked[0] == (("https://vault.azure.net/.default",), TENANT), "it believes the challenge"


def test_what_it_changes_beside_the_value_is_kept_by_the_next_write(bench: Vault, client: SecretClient) -> None:
    client.update_secret_properties(SECRET, client.get_secret(SECRET).properties.version, tags={"team": "payments"})
    assert bench.written().tags == {"team": "payments"}


def test_it_understands_the_refusals_of_the_pretend_one(bench: Vault, client: SecretClient) -> None:
    with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
        client.get_secret("other")
    bench.state.delete(SECRET)
    assert client.get_deleted_secret(SECRET).recovery_id
    with pytest.raises(ResourceExistsError, match="deleted but recoverable"):
        client.set_secret(SECRET, "x")
    bench.state.wall = "ForbiddenByFirewall"
    with pytest.raises(HttpResponseError) as raised:
        client.get_secret(SECRET)
    assert raised.value.error
    assert raised.value.error.innererror == {"code": "ForbiddenByFirewall"}
