"""The pretend Neon keeps the rules of the real one."""

from __future__ import annotations

import httpx
import pytest

from rotate.sandbox.stories import ORGANIZATION, PROJECT
from rotate.sandbox.world import World
from tests.support.neon_account import Neon

ORG_KEYS = f"/organizations/{ORGANIZATION}/api_keys"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api_keys", {"key_name": "mine"}, 409),
        ("POST", "/api_keys", {"key_name": ""}, 422),
        ("POST", "/api_keys", {"key_name": "x" * 65}, 422),
        ("POST", "/api_keys", {}, 400),
        ("POST", "/api_keys", [], 400),
        ("DELETE", "/api_keys/1", None, 404),
        ("DELETE", "/api_keys/one", None, 400),
        ("PUT", "/api_keys", None, 405),
        ("GET", "/nothing", None, 404),
        ("GET", "/projects", None, 400),
        ("GET", "/projects/none", None, 404),
        ("POST", ORG_KEYS, {"key_name": "n", "project_id": "NO"}, 422),
        ("POST", ORG_KEYS, {"key_name": "n", "project_id": "none"}, 404),
    ],
)
def test_neon_refuses_what_the_real_one_refuses(method: str, path: str, body: object, status: int, neon: Neon) -> None:
    before = len(neon.state.issued())
    assert neon.ask(method, path, json=body).status_code == status
    assert len(neon.state.issued()) == before


def test_a_body_that_is_no_json_is_refused(neon: Neon) -> None:
    assert neon.ask("POST", "/api_keys", content=b"{").status_code == 400


def test_an_unknown_key_is_401_and_the_root_has_no_api(neon: Neon, world: World) -> None:
    assert neon.ask("GET", "/auth", "napi_unknown").status_code == 401
    assert neon.client.get("/auth", headers={"Authorization": "Basic x"}).status_code == 401
    assert httpx.get(world.neon.url.removesuffix("/api/v2") + "/auth").status_code == 404


def test_who_may_do_what(neon: Neon) -> None:
    made = neon.ask("POST", ORG_KEYS, json={"key_name": "wide"}).json()["key"]
    bound = neon.ask("POST", ORG_KEYS, json={"key_name": "bound", "project_id": PROJECT}).json()["key"]
    bob, eve = neon.state.add_key(neon.bob, name="b").value, neon.state.add_key(neon.eve, name="e").value
    asked = {
        ("POST", ORG_KEYS): {made: 404, bound: 404, bob: 404, eve: 404},
        ("GET", ORG_KEYS): {made: 200, bound: 404, bob: 404, eve: 404},
        ("GET", f"/organizations/{ORGANIZATION}"): {made: 200, bound: 404, bob: 200, eve: 404},
        ("GET", "/api_keys"): {made: 404, bound: 404, bob: 200},
        ("GET", f"/projects/{PROJECT}"): {made: 200, bound: 200, bob: 200, eve: 404},
        ("GET", f"/projects?org_id={ORGANIZATION}"): {made: 200, bound: 404, bob: 200, eve: 404},
        ("GET", "/users/me"): {made: 404, bob: 200},
        ("GET", "/users/me/organizations"): {made: 200, bob: 200, eve: 200},
        ("GET", "/auth"): {made: 200, bound: 200, bob: 200},
    }
    for (method, path), answers in asked.items():
        for value, status in answers.items():
            body = {"key_name": "x"} if method == "POST" else None
            assert neon.ask(method, path, value, json=body).status_code == status, f"{method} {path}"
    assert neon.ask("GET", "/users/me/organizations", eve).json() == {"organizations": []}
    assert neon.ask("GET", "/auth", made).json()["auth_method"] == "api_key_org"


def test_use_moves_and_a_dead_key_stays_listed_for_a_while(neon: Neon, world: World) -> None:
    other = neon.state.add_key(neon.ada, name="other")
    neon.ask("GET", "/auth", other.value)
    assert other.listed()["last_used_at"]
    neon.state.list_lag = 8
    neon.state.revoke(other.key_id)
    assert other.key_id in [row["id"] for row in neon.ask("GET", "/api_keys").json()]
    world.advance(9)
    assert other.key_id not in [row["id"] for row in neon.ask("GET", "/api_keys").json()]
    assert neon.state.key(other.key_id).revoked
    assert [one.owner_id for one in neon.state.projects()] == [ORGANIZATION]


def test_a_personal_key_is_issued_shown_once_and_revoked_once(neon: Neon) -> None:
    made = neon.ask("POST", "/api_keys", json={"key_name": "new"}).json()
    assert neon.state.is_live(made["key"])
    assert ["key" in row for row in neon.ask("GET", "/api_keys").json()] == [False, False]
    ended = neon.ask("DELETE", f"/api_keys/{made['id']}").json()
    assert (ended["id"], ended["revoked"]) == (made["id"], True)
    assert neon.ask("GET", "/auth", made["key"]).status_code == 401
    assert neon.ask("DELETE", f"/api_keys/{made['id']}").status_code == 404, "it is dead already"


def test_keys_of_an_organization_and_of_a_person_are_apart(neon: Neon) -> None:
    wide = neon.ask("POST", ORG_KEYS, json={"key_name": "mine"}).json()
    bound = neon.ask("POST", ORG_KEYS, json={"key_name": "bound", "project_id": PROJECT}).json()
    assert [neon.state.key(made["id"]).scope for made in (wide, bound)] == ["organization", "project"]
    assert [row["id"] for row in neon.ask("GET", ORG_KEYS).json()] == [wide["id"], bound["id"]]
    assert [row["id"] for row in neon.ask("GET", "/api_keys").json()] == [neon.key.key_id]
    assert neon.ask("DELETE", f"/api_keys/{wide['id']}").status_code == 404
    assert neon.ask("DELETE", f"{ORG_KEYS}/{neon.key.key_id}").status_code == 404
    assert neon.ask("DELETE", f"{ORG_KEYS}/{bound['id']}").json()["revoked"] is True
    assert [key.key_id for key in neon.state.live_keys()] == [neon.key.key_id, wide["id"]]
