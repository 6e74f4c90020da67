"""The pretend Doppler behaves as Doppler's description says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.doppler.bench import PLACE, Secrets

WHERE = {"project": PLACE[0], "config": PLACE[1]}
ONE = {"name": NAME, "originalName": NAME, "value": "x"}


@pytest.fixture
def bench(world: World) -> Secrets:
    return Secrets(world)


@pytest.fixture
def client(bench: Secrets) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {bench.token}"}
    with httpx.Client(base_url=f"{bench.state.url}/v3", headers=headers) as opened:
        yield opened


def test_every_route_answers_as_described(world: World, client: httpx.Client) -> None:
    assert client.get("/configs/config", params=WHERE).json()["config"]["root"] is True
    assert client.get("/configs/config/secrets", params=WHERE).json()["secrets"][NAME]["raw"] == BEFORE
    assert client.get("/configs/config/secrets", params={**WHERE, "secrets": "A,B"}).json() == {"secrets": {}}
    assert client.get("/configs/config/secrets/names", params=WHERE).json() == {"names": [NAME]}
    assert client.get("/configs/config/secret", params={**WHERE, "name": NAME}).json()["value"]["note"] == "Neon"
    assert client.get("/configs/config/secret", params={**WHERE, "name": "B"}).status_code == 404
    body = {**WHERE, "change_requests": [{**ONE, "visibility": "unmasked"}]}
    changed = client.post("/configs/config/secrets", json=body).json()["secrets"][NAME]
    assert (changed["raw"], changed["rawVisibility"], changed["note"]) == ("x", "unmasked", "Neon")
    assert client.post("/auth/oidc", json={"identity": "nobody", "token": "x"}).status_code == 401
    assert check(world.ledger) == 6


@pytest.mark.parametrize(
    "change", [{"originalValue": "other"}, {"originalVisibility": "unmasked"}, {"name": "B", "originalName": "B"}]
)
def test_what_is_not_as_expected_is_not_processed(change: dict[str, str], bench: Secrets, client: httpx.Client) -> None:
    answer = client.post("/configs/config/secrets", json={**WHERE, "change_requests": [{**ONE, **change}]})
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert bench.ours[NAME].raw == BEFORE


def test_who_asks_and_how_often_decides(bench: Secrets, client: httpx.Client) -> None:
    assert client.post("/configs/config/secrets", json=WHERE).status_code == 400
    bench.state.let(bench.token, PLACE, "read")
    assert client.post("/configs/config/secrets", json=WHERE).status_code == 403
    assert client.get("/configs/config", params={**WHERE, "config": "gone"}).status_code == 404
    assert client.get("/configs", params={"project": "gone"}).status_code == 404
    assert client.get("/configs/config", headers={"Authorization": "Bearer x"}).status_code == 401
    bench.state.rate.most = 1
    answers = [client.get("/configs/config/secrets/names", params=WHERE) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 429]
    assert answers[1].headers["Retry-After"]
