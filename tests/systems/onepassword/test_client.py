"""1Password's own Python client, onepasswordconnectsdk, reads what we wrote, and writes what we read."""

from __future__ import annotations

from contextlib import closing

from onepasswordconnectsdk.client import Client  # type: ignore[import-untyped]

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.support.openapi import check
from tests.systems.onepassword.bench import NEW, Items

NEWER = Secret("napi_newer_value_0123456789")


def test_it_and_we_read_what_the_other_wrote(world: World) -> None:
    bench = Items(world)
    client = Client(bench.state.url, bench.token)
    with closing(client.session):
        bench.written()
        item = client.get_item("Neon", "Production")
        found = next(one for one in item.fields if one.label == NAME)
        assert (found.value, found.section.id, item.version) == (NEW.reveal(), "api", 2)
        found.value = NEWER.reveal()
        client.update_item(item.id, bench.vault, item)
    assert bench.opened().written() == Held(NEWER.fingerprint)
    assert [one["value"] for one in bench.fields] == [NEWER.reveal(), "hunter2"]
    assert check(entry for entry in world.ledger if entry.method in ("GET", "PATCH"))
