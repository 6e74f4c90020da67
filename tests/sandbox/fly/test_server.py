"""The pretend Fly.io answers as flyctl's own client expects it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rotate.sandbox.fly.server import App, FlyServer, Machine
from rotate.sandbox.world import World

APP, TOKEN = "octo-payments", "fm2_sandbox0123456789"


@pytest.fixture
def server(world: World) -> FlyServer:
    server = FlyServer(world.clock)
    world.serve(server)
    server.apps[APP] = App(APP, machines=[Machine("m1")])
    server.tokens[TOKEN] = "write"
    return server


@pytest.fixture
def client(server: FlyServer) -> Iterator[httpx.Client]:
    url = f"{server.url}/v1/apps/{APP}"
    with httpx.Client(base_url=url, headers={"Authorization": f"FlyV1 {TOKEN}"}) as opened:
        yield opened


def test_a_secret_has_a_digest_of_its_own_and_each_write_a_version(client: httpx.Client) -> None:
    rows = [client.post(f"/secrets/{name}", json={"value": value}).json() for name, value in ("A1", "B1", "A2")]
    assert [one["version"] for one in rows] == [1, 2, 3]
    listed = client.get("/secrets").json()["secrets"]
    assert {one["name"]: one["digest"] for one in listed} == {"A": rows[2]["digest"], "B": rows[1]["digest"]}
    assert rows[0]["digest"] != rows[2]["digest"]


def test_a_machine_takes_the_secrets_when_it_is_updated(server: FlyServer, client: httpx.Client) -> None:
    client.post("/secrets/A", json={"value": "1"})
    (machine,) = server.apps[APP].machines
    assert machine.runs_with == {}
    body = {"config": machine.config, "min_secrets_version": 1}
    assert client.post("/machines/m1", json=body).json()["instance_id"] != "01"
    assert machine.runs_with == {"A": "1"}


@pytest.mark.parametrize(
    ("verb", "path", "more", "status"),
    [
        ("GET", "/secrets", {"headers": {"Authorization": f"Bearer {TOKEN}"}}, 401),
        ("POST", "/secrets/A", {"json": {"value": None}}, 400),
        ("GET", "/machines/m9", {}, 404),
        ("POST", "/machines/m1", {"json": {"config": {}, "min_secrets_version": 9}}, 400),
        ("POST", "/machines/m1", {"json": {}}, 400),
    ],
)
def test_it_refuses(verb: str, path: str, more: dict[str, Any], status: int, client: httpx.Client) -> None:
    answer = client.request(verb, path, **more)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_only_the_holder_of_a_lease_changes_a_machine(client: httpx.Client) -> None:
    nonce = client.post("/machines/m1/lease", params={"ttl": 60}).json()["data"]["nonce"]
    body = {"config": {"image": "x"}}
    assert client.post("/machines/m1", json=body).status_code == 409
    mine = {"fly-machine-lease-nonce": nonce}
    assert client.post("/machines/m1", json=body, headers=mine).status_code == 200
    assert client.delete("/machines/m1/lease", headers=mine).status_code == 200
    assert client.post("/machines/m1", json=body).status_code == 200
