"""Google's own client reads what we wrote, and writes what we read; and a pretend Google Cloud that others made takes
what we write."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import BadRequest, Forbidden, NotFound
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceRestTransport
from google.oauth2.credentials import Credentials

from rotate.address import parsed
from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gcp import secret, system, ways
from rotate.systems.gcp.crc32c import crc32c
from rotate.wire.http import Style
from tests.support.bench import BEFORE, means_of
from tests.systems.gcp.bench import GLOBAL, HERE, NEW, PROJECT, Secrets

NEWER = Secret("napi_newer_value_0123456789")


@pytest.fixture
def ours(world: World) -> Secrets:
    return Secrets(world, aliases={"prod": "2"}, labels={"team": "payments"})


@pytest.fixture
def client(ours: Secrets) -> Iterator[Any]:
    host = ours.state.url.partition("//")[2]
    credentials = Credentials(ours.token)  # type: ignore[no-untyped-call]
    transport = SecretManagerServiceRestTransport(host=host, credentials=credentials, url_scheme="http")
    with SecretManagerServiceClient(transport=transport) as opened:
        yield opened


def test_it_and_we_read_what_the_other_wrote(ours: Secrets, client: Any) -> None:
    opened = ours.written()
    for asked in ("latest", "prod", "3"):
        found = client.access_secret_version(name=f"{GLOBAL}/versions/{asked}")
        assert (found.payload.data, found.payload.data_crc32c) == (NEW.reveal().encode(), crc32c(found.payload.data))
    assert client.get_secret_version(name=f"{GLOBAL}/versions/3").client_specified_payload_checksum
    shown = client.get_secret(name=GLOBAL)
    assert (dict(shown.labels), dict(shown.version_aliases)) == ({"team": "payments"}, {"prod": 3})
    data = NEWER.reveal().encode()
    client.add_secret_version(parent=GLOBAL, payload={"data": data, "data_crc32c": crc32c(data)})
    assert opened.written() == Held(NEWER.fingerprint)
    client.destroy_secret_version(name=f"{GLOBAL}/versions/4")
    assert opened.written() is None


def test_what_it_created_we_fill_and_what_it_changes_meanwhile_we_see(ours: Secrets, client: Any) -> None:
    ours.state.delete(GLOBAL)
    made = client.create_secret(
        parent=PROJECT, secret_id="NEON_API_KEY", secret={"replication": {"automatic": {}}, "labels": {"a": "b"}}
    )
    ours.written()
    assert client.get_secret(name=GLOBAL).etag == made.etag
    changed = {"name": GLOBAL, "etag": made.etag, "version_aliases": {"prod": 1}}
    client.update_secret(secret=changed, update_mask={"paths": ["version_aliases"]})
    ours.written()
    assert dict(client.get_secret(name=GLOBAL).version_aliases) == {"prod": 2}
    with pytest.raises(BadRequest, match="etag"):
        client.update_secret(secret=changed, update_mask={"paths": ["version_aliases"]})


def test_it_understands_the_refusals_of_the_pretend_one(ours: Secrets, client: Any) -> None:
    with pytest.raises(NotFound, match="not found or has no versions"):
        client.get_secret(name=f"{GLOBAL}_2")
    asked = ["secretmanager.versions.add", "secretmanager.secrets.delete"]
    told = client.test_iam_permissions(request={"resource": GLOBAL, "permissions": asked})
    assert list(told.permissions) == asked[:1]
    client.disable_secret_version(name=f"{GLOBAL}/versions/2")
    with pytest.raises(BadRequest, match="DISABLED"):
        client.access_secret_version(name=f"{GLOBAL}/versions/latest")
    ours.state.let(ours.token, PROJECT)
    with pytest.raises(Forbidden, match="or it may not exist"):
        client.get_secret(name=GLOBAL)


@pytest.fixture
def drongo() -> Iterator[str]:
    """Start the emulator `drongo` as a process of its own, and give its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "drongo.cli", "server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=transport) as client:
            client.get(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_google_cloud_that_others_pretend_takes_what_we_write(drongo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows no rights and no aliases, and tells the services apart by the name of the host."""
    host = replace(system.SERVICE, style=Style(headers={"Host": "secretmanager.googleapis.com"}))
    monkeypatch.setattr(secret, "service_of", lambda _: host)
    means = means_of({"NEON_ROTATE_GCP_SECRETMANAGER_URL": drongo, ways.STORED: "ya29.x"})
    for value in (BEFORE, NEW.reveal(), NEWER.reveal()):
        opened = secret.CloudSecret(parsed(HERE), means)
        before = opened.observe()
        assert (before.mark is None) == (value == BEFORE), "created the first time"
        assert opened.confirm(before, opened.put(Secret(value))) == Held(Secret(value).fingerprint)
