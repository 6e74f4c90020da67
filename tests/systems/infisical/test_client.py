"""Infisical's own Python client, infisicalsdk, reads what we wrote, and writes what we read."""

from __future__ import annotations

from dataclasses import replace

from infisical_sdk import InfisicalSDKClient  # type: ignore[import-untyped]

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.infisical.bench import NEW, OURS, PROJECT, Secrets

NEWER = Secret("napi_newer_value_0123456789")


def test_it_and_we_read_what_the_other_wrote(world: World) -> None:
    bench = Secrets(world)
    bench.state.clients["client"] = ("secret-of-the-client", bench.token)
    client = InfisicalSDKClient(host=bench.state.url, cache_ttl=None)
    client.auth.universal_auth.login("client", "secret-of-the-client")
    bench.written()
    where = {"environment_slug": "prod", "secret_path": "/apps/payments", "project_id": PROJECT}
    found = client.secrets.get_secret_by_name(NAME, **where)
    assert (found.secretValue, found.secretComment, found.version) == (NEW.reveal(), "Neon", 2)
    client.secrets.update_secret_by_name(NAME, secret_value=NEWER.reveal(), **where)
    assert bench.opened().written() == Held(NEWER.fingerprint)
    assert bench.ours[NAME] == replace(OURS, value=NEWER.reveal(), version=3)
