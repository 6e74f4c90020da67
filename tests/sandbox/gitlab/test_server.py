"""The pretend GitLab answers as its description says, what our own client never asks too."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.gitlab.server import GitLabServer, Variable
from rotate.sandbox.world import World
from tests.support.openapi import check

TOKEN = {"Authorization": "Bearer glpat-a"}
ALL = "/api/v4/projects/octo%2Fa/variables"


@pytest.fixture
def gitlab(world: World) -> Iterator[httpx.Client]:
    server = GitLabServer(world.clock)
    server.add("octo/a", *(Variable(f"K{number}", "v") for number in range(25)))
    server.add("octo/a", Variable("TWICE", "v"), Variable("TWICE", "w", environment_scope="eu", hidden=True))
    server.tokens["glpat-a"] = {"octo/a"}
    world.serve(server)
    with httpx.Client(base_url=server.url, headers=TOKEN) as client:
        yield client
    check(entry for entry in world.ledger if entry.server == "gitlab")


def test_a_list_comes_in_pages(gitlab: httpx.Client) -> None:
    assert (len(gitlab.get(ALL).json()), len(gitlab.get(f"{ALL}?page=2").json())) == (20, 7)


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("GET", f"{ALL}/TWICE", None, 409),
        ("GET", f"{ALL}/TWICE?filter[environment_scope]=eu", None, 200),
        ("GET", f"{ALL}/GONE", None, 404),
        ("GET", "/api/v4/groups/octo/variables", None, 404),
        ("PUT", f"{ALL}/K1", {"value": "short", "masked": True}, 400),
        ("POST", ALL, {"key": "K1", "value": "v"}, 400),
        ("POST", ALL, {"key": "NEW", "value": "long-enough", "masked": True, "environment_scope": "eu"}, 201),
    ],
)
def test_each_answer_has_its_status(
    verb: str, path: str, body: dict[str, object] | None, status: int, gitlab: httpx.Client
) -> None:
    assert gitlab.request(verb, path, json=body).status_code == status


def test_what_is_hidden_is_null_and_what_is_not_sent_stays(gitlab: httpx.Client) -> None:
    at = f"{ALL}/TWICE?filter[environment_scope]=eu"
    before = gitlab.get(at).json()
    after = gitlab.put(at, json={"value": "another"}).json()
    assert (before["value"], before) == (None, after)


def test_without_a_token_nothing_is_told(world: World) -> None:
    server = GitLabServer(world.clock)
    world.serve(server)
    assert httpx.get(f"{server.url}{ALL}").status_code == 401


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [("PUT", f"{ALL}/K1", {"masked": False}), ("POST", ALL, {"key": "MY-KEY", "value": "v"})],
)
def test_what_the_description_forbids_is_refused(verb: str, path: str, body: dict[str, object], world: World) -> None:
    server = GitLabServer(world.clock)
    server.add("octo/a", Variable("K1", "v"))
    server.tokens["glpat-a"] = {"octo/a"}
    world.serve(server)
    assert httpx.request(verb, f"{server.url}{path}", json=body, headers=TOKEN).status_code == 400
