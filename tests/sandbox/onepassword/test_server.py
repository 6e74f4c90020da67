"""The pretend Connect server behaves as the official description says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.onepassword.bench import Items, field


@pytest.fixture
def bench(world: World) -> Items:
    return Items(world)


@pytest.fixture
def client(bench: Items) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {bench.token}"}
    with httpx.Client(base_url=f"{bench.state.url}/v1", headers=headers) as opened:
        yield opened


def test_every_route_answers_as_described(world: World, bench: Items, client: httpx.Client) -> None:
    items = f"/vaults/{bench.vault}/items"
    assert [one["name"] for one in client.get("/vaults").json()] == ["Production"]
    assert client.get("/vaults", params={"filter": 'name eq "Gone"'}).json() == []
    assert [one["title"] for one in client.get(items, params={"filter": 'title eq "Neon"'}).json()] == ["Neon"]
    found = client.get(f"{items}/{bench.item}").json()
    assert [one["value"] for one in found["fields"]] == [BEFORE, "hunter2"]
    patch = [{"op": "replace", "path": f"/fields/id~1of~0{NAME}/value", "value": "x"}]
    assert client.patch(f"{items}/{bench.item}", json=patch).json()["version"] == 2
    found["fields"] = [field(value="y")]
    changed = client.put(f"{items}/{bench.item}", json=found).json()
    assert (changed["version"], bench.held(), len(bench.fields)) == (3, "y", 1)
    assert check(world.ledger) == 6


def test_what_is_no_patch_or_no_filter_is_refused(bench: Items, client: httpx.Client) -> None:
    item = f"/vaults/{bench.vault}/items/{bench.item}"
    for patch in ([{"op": "test"}], {"op": "remove"}, [5], [{"op": "replace", "path": "/fields/x/value", "value": ""}]):
        assert client.patch(item, json=patch).status_code == 400
    assert client.patch(item, content=b"{").status_code == 400
    assert client.get("/vaults", params={"filter": "name"}).status_code == 400
    assert (bench.ours["version"], bench.held()) == (1, BEFORE)


def test_who_asks_decides(bench: Items, client: httpx.Client) -> None:
    items = f"/vaults/{bench.vault}/items"
    assert client.get(f"{items}/{'a' * 26}").status_code == 404
    bench.state.let(bench.token, bench.vault, "read")
    assert client.get(items).status_code == 200
    refused = client.patch(f"{items}/{bench.item}", json=[])
    assert (refused.status_code, refused.json()["status"]) == (403, 403)
    bench.state.let(bench.token, bench.vault, "")
    assert client.get("/vaults").json() == []
    assert client.get(items).status_code == 403
    assert client.get("/vaults", headers={"Authorization": "Bearer x"}).status_code == 401
