"""The pretend Heroku answers as its schema and its documents say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rotate.sandbox.heroku.server import VERSION, HerokuServer
from rotate.sandbox.heroku.state import App, uuid
from rotate.sandbox.world import World

APP = "octo-payments"


@pytest.fixture
def server(world: World) -> HerokuServer:
    server = HerokuServer(world.clock)
    world.serve(server)
    return server


@pytest.fixture
def app(server: HerokuServer) -> App:
    return server.add_app(APP)


@pytest.fixture
def client(server: HerokuServer, app: App) -> Iterator[httpx.Client]:
    headers = {"Accept": VERSION, "Authorization": f"Bearer {server.add_token()}"}
    with httpx.Client(base_url=f"{server.url}/apps/{app.name}", headers=headers) as opened:
        yield opened


def test_a_change_keeps_what_it_does_not_name_and_makes_a_release(client: httpx.Client) -> None:
    client.patch("/config-vars", json={"A": "1", "B": "2"})
    assert client.patch("/config-vars", json={"A": "3", "B": None, "C": ""}).json() == {"A": "3", "C": ""}
    assert client.get("/config-vars").json() == {"A": "3", "C": ""}
    rows = client.get("/releases").json()
    assert [(one["version"], one["current"]) for one in rows] == [(1, False), (2, False), (3, True)]
    assert rows[-1]["description"] == "Set A, B, C config vars"
    assert client.get("/releases/2/config-vars").json() == {"A": "1", "B": "2"}


def test_the_newest_releases_come_first_where_that_is_asked_for(client: httpx.Client) -> None:
    client.patch("/config-vars", json={"A": "1"})
    for most, status, found in ((1, 206, [2]), (2, 200, [2, 1])):
        answer = client.get("/releases", headers={"Range": f"version ..; order=desc,max={most}"})
        assert (answer.status_code, [one["version"] for one in answer.json()]) == (status, found)


def test_a_release_that_has_not_succeeded_does_not_run(client: httpx.Client, app: App) -> None:
    app.outcome = "pending"
    client.patch("/config-vars", json={"A": "1"})
    assert (app.current, app.dynos) == (1, {"web.1": (1, "up")})
    app.settle("succeeded")
    assert client.get("/dynos").json()[0]["release"]["version"] == app.current == 2


@pytest.mark.parametrize(
    ("path", "verb", "more", "status", "said"),
    [
        ("/config-vars", "GET", {"headers": {"Accept": "application/json"}}, 404, "endpoint was not found"),
        ("/config-vars", "GET", {"headers": {"Authorization": "Bearer x"}}, 401, "Invalid credentials"),
        ("/config-vars", "PATCH", {"json": {"A": 1}}, 422, "must be strings"),
        ("/config-vars", "PATCH", {"json": {"DATABASE_URL": "x"}}, 422, "Cannot overwrite attachment values"),
        ("/config-vars", "PATCH", {"content": b"{"}, 400, "parsing JSON"),
        ("/releases/9/config-vars", "GET", {}, 404, "find that release"),
    ],
)
def test_it_refuses(
    path: str, verb: str, more: dict[str, Any], status: int, said: str, client: httpx.Client, app: App
) -> None:
    app.addons = {"postgresql-curved-1": ["DATABASE_URL"]}
    assert client.get("/addons").json()[0]["config_vars"] == ["DATABASE_URL"]
    answer = client.request(verb, path, **more)
    assert (answer.status_code, said in answer.json()["message"]) == (status, True)
    assert app.variables == {}


def test_an_app_is_found_by_its_id_too_and_another_is_not(server: HerokuServer, client: httpx.Client) -> None:
    assert client.get(f"{server.url}/apps/{uuid(APP)}/config-vars").json() == {}
    assert client.get(f"{server.url}/apps/other/config-vars").status_code == 404


def test_too_many_requests_are_refused(server: HerokuServer, client: httpx.Client) -> None:
    server.rate.most = 1
    assert [client.get("/config-vars").status_code for _ in range(2)] == [200, 429]
