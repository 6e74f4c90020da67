"""The pretend GitLab behaves as GitLab's documents and source say."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.gitlab.server import GitLabServer
from rotate.sandbox.gitlab.state import Variable
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.systems.gitlab.bench import served

PROJECT, GROUP = "project/octo/payments", "group/octo"
PATHS = {
    PROJECT: "/projects/octo%2Fpayments/variables",
    GROUP: "/groups/octo/variables",
    "instance": "/admin/ci/variables",
}
MANY = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"


@pytest.fixture
def server(world: World) -> GitLabServer:
    return served(world)


@pytest.fixture
def gitlab(server: GitLabServer) -> Iterator[httpx.Client]:
    token = server.add_token()
    for place in (PROJECT, GROUP):
        server.add_place(place)
    server.let(token, PROJECT, "maintainer")
    server.let(token, GROUP, "owner")
    server.let(token, "instance", "admin")
    with httpx.Client(base_url=f"{server.url}/api/v4", headers={"PRIVATE-TOKEN": token}) as client:
        yield client


@pytest.mark.parametrize("place", PATHS)
def test_every_route_answers_as_described(place: str, world: World, gitlab: httpx.Client) -> None:
    path = PATHS[place]
    assert gitlab.post(path, json={"key": "A", "value": "value-one", "masked": True}).status_code == 201
    assert gitlab.post(path, json={"key": "A", "value": "value-one"}).json() == {
        "message": {"key": ["(A) has already been taken"]}
    }
    assert [one["key"] for one in gitlab.get(path).json()] == ["A"]
    assert gitlab.get(f"{path}/A").json()["value"] == "value-one"
    assert gitlab.put(f"{path}/A", json={"value": "value-two"}).json()["masked"] is True
    assert gitlab.put(f"{path}/A", json={"value": "short"}).json() == {"message": {"value": ["is invalid"]}}
    assert gitlab.delete(f"{path}/A").status_code == 204
    assert gitlab.get(f"{path}/A").status_code == 404
    assert check(world.ledger) == 8


def test_a_form_says_the_same(server: GitLabServer, gitlab: httpx.Client) -> None:
    made = gitlab.post(PATHS[PROJECT], data={"key": "A", "value": "value-one", "masked_and_hidden": "true"})
    assert (made.status_code, made.json()["value"], made.json()["hidden"]) == (201, None, True)
    refused = gitlab.put(f"{PATHS[PROJECT]}/A", data={"value": "value-two", "masked": "false"})
    assert "hidden variables" in refused.json()["message"]["masked"][0]
    assert server.variable(PROJECT, "A") == Variable("A", "value-one", hidden=True, masked=True)


def test_several_of_one_key_need_the_filter(gitlab: httpx.Client) -> None:
    for place in (PROJECT, GROUP):
        for scope in ("*", "production"):
            made = {"key": "A", "value": "value-one", "environment_scope": scope}
            assert gitlab.post(PATHS[place], json=made).status_code == 201
        one = f"{PATHS[place]}/A"
        assert gitlab.get(one).json() == {"message": MANY}
        picked = {"filter[environment_scope]": "production"}
        assert gitlab.put(one, params=picked, json={"value": "value-two"}).json()["environment_scope"] == "production"
        assert gitlab.get(one, params={"filter[environment_scope]": "staging"}).status_code == 404
    assert gitlab.put(f"{PATHS[PROJECT]}/A", json={"value": "x"}).status_code == 409
    assert gitlab.put(f"{PATHS[GROUP]}/A", json={"value": "x"}).status_code == 200, "of a group, any one of them"


def test_a_group_without_the_licence_drops_the_scope(server: GitLabServer, gitlab: httpx.Client) -> None:
    server.scoped_groups = False
    made = gitlab.post(PATHS[GROUP], json={"key": "A", "value": "x", "environment_scope": "production"})
    assert made.json()["environment_scope"] == "*"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"value": "x"}, "not given"),
        ({"key": "A-B", "value": "x"}, "letters"),
        ({"key": "A", "value": "x", "masked": "yes"}, "masked is invalid"),
    ],
)
def test_what_cannot_be_is_refused(body: dict[str, str], said: str, gitlab: httpx.Client) -> None:
    answer = gitlab.post(PATHS[PROJECT], json=body)
    assert (answer.status_code, said in answer.text) == (400, True)


def test_who_asks_decides(server: GitLabServer, gitlab: httpx.Client) -> None:
    assert gitlab.get("/projects/octo%2Fgone/variables").json() == {"message": "404 Project Not Found"}
    reader = server.add_token(("read_api",))
    server.let(reader, PROJECT, "maintainer")
    bearer = {"Authorization": f"Bearer {reader}", "PRIVATE-TOKEN": ""}
    assert gitlab.get(PATHS[PROJECT], headers=bearer).status_code == 200
    assert gitlab.post(PATHS[PROJECT], headers=bearer, json={}).json()["error"] == "insufficient_scope"
    assert gitlab.get("/personal_access_tokens/self", headers=bearer).json()["scopes"] == ["read_api"]
    assert gitlab.get(PATHS["instance"], headers=bearer).status_code == 403
    assert gitlab.get(PATHS[PROJECT], headers={"PRIVATE-TOKEN": "x"}).status_code == 401
    assert gitlab.get(PATHS[PROJECT], headers={"PRIVATE-TOKEN": "", "Authorization": "Basic x"}).status_code == 401
