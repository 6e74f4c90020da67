"""The pretend Render refuses what the real one does."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.rate import Rate
from rotate.sandbox.render.state import Holder
from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.systems.render.bench import GROUP, KEY, SHOP, Render


@pytest.fixture
def ours(world: World) -> Render:
    return Render(world)


@pytest.fixture
def client(ours: Render) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{ours.server.url}/v1", headers={"Authorization": f"Bearer {KEY}"}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/services/srv-none", None, 404),
        ("GET", f"/services/{GROUP}", None, 404),
        ("GET", f"/env-groups/{SHOP}/env-vars/{NAME}", None, 404),
        ("GET", f"/services/{SHOP}/deploys/dep-none", None, 404),
        ("PUT", f"/services/{SHOP}/env-vars/{NAME}", {"generateValue": True}, 400),
        ("PUT", f"/services/{SHOP}/env-vars", [], 405),
        ("POST", "/services/crn-nightly/deploys", {"commitId": "b1"}, 400),
        ("POST", "/services/srv-asleep/deploys", {}, 400),
    ],
)
def test_what_it_refuses(method: str, path: str, body: object, status: int, ours: Render, client: httpx.Client) -> None:
    for one in (Holder("crn-nightly", "n", type="cron_job"), Holder("srv-asleep", "a", suspended=True)):
        ours.server.tokens[KEY].add(ours.server.add(one).number)
    answer = client.request(method, path, json=body)
    assert (answer.status_code, "message" in answer.json()) == (status, True)


def test_whoever_shows_no_key_or_asks_too_often_is_refused(ours: Render, client: httpx.Client) -> None:
    assert client.get(f"/services/{SHOP}", headers={"Authorization": "Bearer other"}).status_code == 401
    ours.server.rate = Rate(1, 60.0)
    assert [client.get(f"/services/{SHOP}").status_code for _ in range(2)] == [200, 429]
    ours.world.advance(60)
    assert client.get(f"/services/{SHOP}").status_code == 200


def test_a_list_goes_on_behind_its_cursor(ours: Render, client: httpx.Client) -> None:
    names = {"name": "shop,worker", "limit": "1"}
    (first,) = client.get("/services", params=names).json()
    (second,) = client.get("/services", params={**names, "cursor": first["cursor"]}).json()
    assert [first["service"]["id"], second["service"]["id"]] == [SHOP, "srv-worker"]
    assert client.get("/services", params={**names, "cursor": second["cursor"]}).json() == []
