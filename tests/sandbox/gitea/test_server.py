"""The pretend Gitea behaves as Gitea's source says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.systems.gitea.bench import TOKEN, Gitea

SECRETS = "/repos/octo/payments/actions/secrets"


@pytest.fixture
def ours(world: World) -> Gitea:
    return Gitea(world)


@pytest.fixture
def api(ours: Gitea) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{ours.server.url}/api/v1", headers={"Authorization": f"token {TOKEN}"}) as client:
        yield client


def test_an_update_sets_data_and_description_and_leaves_the_time_of_creation(
    world: World, ours: Gitea, api: httpx.Client
) -> None:
    (before,) = api.get(SECRETS).json()
    world.advance(timedelta(days=1).total_seconds())
    assert api.put(f"{SECRETS}/{NAME.lower()}", json={"data": "v"}).status_code == 204
    assert api.get(SECRETS).json() == [{**before, "description": ""}]
    assert api.put(f"{SECRETS}/new", json={"data": "v", "description": "x" * 5000}).status_code == 201
    assert len(ours.server.places["repos/octo/payments"]["NEW"].description) == 4096


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        (NAME, {}, 422),
        (NAME, {"data": ""}, 422),
        ("GITEA_", {}, 422),
        ("GITEA_A", {"data": "v"}, 400),
        ("github_a", {"data": "v"}, 400),
        ("1A", {"data": "v"}, 400),
        ("A-B", {"data": "v"}, 400),
    ],
)
def test_what_is_no_secret_is_refused(name: str, body: object, status: int, api: httpx.Client) -> None:
    answer = api.put(f"{SECRETS}/{name}", json=body)
    assert (answer.status_code, set(answer.json())) == (status, {"message", "url"})


def test_a_page_has_thirty_at_most_fifty_and_the_number_of_all(ours: Gitea, api: httpx.Client) -> None:
    for number in range(59):
        ours.server.set("repos/octo/payments", f"A_{number}", "v")
    for query, count in ((None, 30), ({"limit": "100"}, 50), ({"limit": "50", "page": "2"}, 10), ({"page": "3"}, 0)):
        answer = api.get(SECRETS, params=query)
        assert (len(answer.json()), answer.headers["X-Total-Count"]) == (count, "60")


def test_one_can_be_deleted_and_then_is_gone(api: httpx.Client) -> None:
    assert [api.delete(f"{SECRETS}/{NAME}").status_code for _ in range(2)] == [204, 404]


def test_a_token_needs_the_scope_and_an_owner(ours: Gitea, api: httpx.Client) -> None:
    ours.token.scopes.remove("write:repository")
    assert api.get(SECRETS).status_code == 403
    ours.token.scopes.add("read:repository")
    assert [api.get(SECRETS).status_code, api.put(f"{SECRETS}/{NAME}", json={}).status_code] == [200, 403]
    assert api.get("/repos/octo/gone/actions/secrets").status_code == 404
    for sent in ("Bearer other", "basic x", ""):
        assert api.get(SECRETS, headers={"Authorization": sent}).status_code == 401
    assert api.get(SECRETS, headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
