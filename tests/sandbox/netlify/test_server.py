"""The pretend Netlify refuses what the real one refuses, and a PUT is none of its ways."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.support.openapi import check
from tests.systems.netlify.bench import ACCOUNT, TOKEN, Netlify

ENV = f"/accounts/{ACCOUNT}/env"


@pytest.fixture
def ours(world: World) -> Netlify:
    return Netlify(world, secret=True)


@pytest.fixture
def client(ours: Netlify) -> Iterator[httpx.Client]:
    query = {"site_id": ours.site.number}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"{ours.server.url}/api/v1", headers=headers, params=query) as opened:
        yield opened


@pytest.mark.parametrize(
    "body",
    [
        {"context": "nowhere", "value": "x"},
        {"context": "production"},
        {"context": "branch", "value": "x"},
        {"context": "dev", "context_parameter": "main", "value": "x"},
        {"context": "all", "value": "x"},
    ],
)
def test_a_value_that_it_refuses_changes_nothing(body: dict[str, str], ours: Netlify, client: httpx.Client) -> None:
    before = list(ours.variable.values)
    assert client.patch(f"{ENV}/{NAME}", json=body).status_code == 422
    assert ours.variable.values == before


def test_what_it_creates_and_what_not(client: httpx.Client, world: World) -> None:
    values = [{"context": "all", "value": "x"}]
    assert client.post(ENV, json=[{"key": "A", "values": values}]).status_code == 201
    assert client.post(ENV, json=[{"key": "A", "values": values}]).status_code == 422
    assert client.post(ENV, json=[{"key": "B", "values": values, "is_secret": True}]).status_code == 422
    preview = [{"context": "deploy-preview", "value": "x"}]
    assert client.post(ENV, json=[{"key": "B", "values": preview, "is_secret": True}]).status_code == 422
    assert check(world.ledger) == 4


def test_nobody_sees_a_secret_but_for_dev(client: httpx.Client) -> None:
    shown = client.get(f"{ENV}/{NAME}").json()
    assert {one["context"]: one["value"] for one in shown["values"]} == {"production": "*" * 16, "dev": "for-dev"}


def test_whom_it_refuses(ours: Netlify, client: httpx.Client, world: World) -> None:
    build = f"/sites/{ours.site.number}/builds"
    assert client.get(ENV, headers={"Authorization": "Bearer another"}).status_code == 401
    for path in ("/sites/gone", "/deploys/gone", "/accounts/other/env", f"{ENV}/GONE", "/nowhere"):
        assert client.get(path).status_code == 404
    assert client.get(ENV, params={"site_id": "gone"}).status_code == 404
    ours.site.stop_builds = True
    assert client.post(build).status_code == 422
    ours.server.readers.add(TOKEN)
    assert client.post(build).status_code == 403
    ours.server.rate.most = 1
    assert [client.get(ENV).status_code for _ in range(2)] == [200, 429]
    assert client.get(f"/deploys/{ours.site.deploys[0].number}").status_code == 429
    assert len(world.ledger) == 12
