"""Doppler's own Python client, doppler-sdk, reads what we wrote, and writes what we read."""

from __future__ import annotations

from dopplersdk import DopplerSDK  # type: ignore[import-untyped]
from dopplersdk.models.SecretsUpdateRequest import SecretsUpdateRequest  # type: ignore[import-untyped]

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.doppler.bench import NEW, Secrets

NEWER = Secret("napi_newer_value_0123456789")


def test_it_and_we_read_what_the_other_wrote(world: World) -> None:
    bench = Secrets(world)
    client = DopplerSDK()
    client.set_access_token(bench.token)
    client.set_base_url(bench.state.url)
    bench.written()
    assert client.secrets.get(NAME, "prd", "payments").value["raw"] == NEW.reveal()
    change = {"name": NAME, "originalName": NAME, "value": NEWER.reveal(), "originalValue": NEW.reveal()}
    client.secrets.update(SecretsUpdateRequest("prd", "payments", change_requests=[change]))
    assert bench.opened().written() == Held(NEWER.fingerprint)
    assert (bench.ours[NAME].visibility, bench.ours[NAME].note) == ("masked", "Neon")
