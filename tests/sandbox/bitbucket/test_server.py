"""The pretend Bitbucket refuses what the real one refuses, and takes the worst where nobody tells."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.systems.bitbucket.bench import TOKEN, Bitbucket

HERE = "/repositories/octo/payments/pipelines_config/variables"


@pytest.fixture
def ours(world: World) -> Bitbucket:
    return Bitbucket(world, secured=True)


@pytest.fixture
def client(ours: Bitbucket) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{ours.server.url}/2.0", headers={"Authorization": f"Bearer {TOKEN}"}) as opened:
        yield opened


def test_what_it_refuses(ours: Bitbucket, client: httpx.Client) -> None:
    assert ours.here
    new = {"type": "pipeline_variable", "key": "NEW", "value": "x"}
    assert client.post(HERE, json=new).status_code == 201
    assert client.post(HERE, json=new).status_code == 409
    assert client.post(HERE, json={"value": "x"}).status_code == 400
    assert client.put(f"{HERE}/%7Bgone%7D", json=new).status_code == 404
    assert client.get("/repositories/octo/gone/environments").status_code == 404
    assert client.get("/nowhere").status_code == 404
    assert client.get(HERE, headers={"Authorization": "Bearer another"}).status_code == 401


def test_a_page_has_ten_and_tells_where_the_next_is(client: httpx.Client, world: World) -> None:
    whole = client.get(HERE).json()
    assert (len(whole["values"]), whole["pagelen"]) == (10, 10)
    assert whole["next"] == f"https://api.bitbucket.org/2.0{HERE}?pagelen=10&page=2"
    assert len(client.get(HERE, params={"pagelen": 10, "page": 2}).json()["values"]) == 3
    assert check(world.ledger) == 2


def test_a_write_without_the_flag_would_make_a_secret_readable(ours: Bitbucket, client: httpx.Client) -> None:
    """The control of what the adapter sends back."""
    assert ours.here
    path = f"{HERE}/{quote(ours.here.uuid)}"
    shown = client.put(path, json={"type": "pipeline_variable", "key": "NEON_API_KEY", "value": "readable"}).json()
    assert (shown["secured"], shown["value"]) == (False, "readable")
