"""The pretend Woodpecker behaves as Woodpecker's source says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.woodpecker.bench import TOKEN, Woodpecker


@pytest.fixture
def ours(world: World) -> Woodpecker:
    return Woodpecker(world)


@pytest.fixture
def api(ours: Woodpecker) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{ours.server.url}/api", headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture
def secrets(ours: Woodpecker) -> str:
    return f"/repos/{ours.owner.number}/secrets"


def test_a_repository_is_looked_up_by_its_full_name_as_described(api: httpx.Client, world: World) -> None:
    found = api.get("/repos/lookup/octo%2Fpayments").json()
    assert found == api.get("/repos/lookup/octo/payments").json()
    assert (found["full_name"], found["name"]) == ("octo/payments", "payments")
    assert check(entry for entry in world.ledger if "%2F" in entry.path) == 1


def test_a_patch_changes_what_it_names_and_an_empty_value_is_none(
    ours: Woodpecker, api: httpx.Client, secrets: str, world: World
) -> None:
    before = api.get(f"{secrets}/{NAME}").json()
    assert "value" not in before
    assert api.patch(f"{secrets}/{NAME}", json={"value": ""}).json() == before
    assert ours.owner.secrets[NAME].value == BEFORE
    changed = {"events": ["tag"], "images": [], "note": ""}
    assert api.patch(f"{secrets}/{NAME}", json=changed).json() == before | changed
    assert check(entry for entry in world.ledger if entry.status == 200)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"events": []}, "no event specified"),
        ({"events": ["push", "odd"]}, "invalid webhook event: odd"),
        ({"images": [""]}, "empty image"),
        ({"name": ""}, "empty name"),
        ({"value": ""}, "empty value"),
    ],
)
def test_what_is_no_secret_is_refused_in_plain_text(
    body: dict[str, object], said: str, api: httpx.Client, secrets: str
) -> None:
    answer = api.post(secrets, json={"name": "a", "value": "v", "events": ["push"], **body})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/plain; charset=utf-8")
    assert said in answer.text


def test_a_name_is_there_once(api: httpx.Client, secrets: str) -> None:
    assert api.post(secrets, json={"name": NAME, "value": "v", "events": ["push"]}).status_code == 500


def test_a_page_has_fifty_at_most(ours: Woodpecker, api: httpx.Client, secrets: str) -> None:
    for number in range(60):
        ours.server.set(ours.owner, f"a-{number}", "v")
    counts = [len(api.get(secrets, params=query).json()) for query in ({"perPage": 99}, {"page": 2}, {"perPage": 1})]
    assert counts == [50, 11, 1]


def test_one_can_be_deleted_and_then_is_gone(api: httpx.Client, secrets: str) -> None:
    assert [api.delete(f"{secrets}/{NAME}").status_code for _ in range(2)] == [204, 404]


def test_who_may_do_what(ours: Woodpecker, api: httpx.Client, secrets: str) -> None:
    assert api.get("/repos/99999/secrets").status_code == 404
    assert api.get(secrets, headers={"Authorization": "Bearer other"}).text == "User not authorized"
    assert api.get(f"/secrets/{NAME}").status_code == 200, "everybody is shown a global one"
    assert api.patch(f"/secrets/{NAME}", json={"value": "v"}).status_code == 403
    organization = ours.server.owners["orgs/octo"].number
    assert api.get("/orgs/lookup/octo").status_code == 404
    assert api.get("/repos").status_code == 403
    ours.user.levels["orgs/octo"] = "push"
    assert api.get(f"/orgs/{organization}/secrets").status_code == 403
    ours.user.admin = True
    assert api.get(f"/orgs/{organization}/secrets").status_code == 200
    assert api.get("/orgs/lookup/octo").json() == {"id": organization, "name": "octo", "is_user": False}
    assert api.get("/user").json()["admin"] is True
