"""Who has installed an App: read whole, each told apart, and opened without asking anything of it."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError, RotateError
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.connections import Connections
from rotate.systems.github.repositories.reach import everything
from tests.support.apps import APP, GRANTED, LIST, Installed
from tests.support.one_app import LOGIN, asked, get
from tests.support.openapi import check

ROW = {"id": 7, "permissions": {}, "html_url": "https://github.example.com/7", "target_type": "Organization"}


def test_a_list_of_several_pages_is_read_whole_and_nobody_is_asked_for_a_token(
    world: World, app: Installed, links: Connections
) -> None:
    for number in range(150):
        world.github.apps.install(APP, f"org-{number}", GRANTED)
    ways = links.everywhere(LOGIN, asked())
    assert set(ways.open) == {"octo-org", "octo-labs", *(f"org-{number}" for number in range(150))}
    assert ways.shut == {}
    assert len({id(one) for one in ways.open.values()}) == 152, "each has its own pace"
    assert [entry.path for entry in world.ledger] == [f"{LIST}?page={page}&per_page=100" for page in (1, 2)]
    check(world.ledger)


def test_what_the_list_told_is_not_asked_again_but_whether_a_named_repository_is_included(
    world: World, app: Installed, links: Connections
) -> None:
    ways = links.everywhere(LOGIN, asked())
    assert links.to(LOGIN, "octo-labs", asked()) is ways.open["octo-labs"]
    assert {one.full_name for one in everything(ways).repositories} == {REPOSITORY, "octo-labs/search"}
    assert [entry.path for entry in world.ledger.find("GET", "*/installation")] == [f"/repos/{REPOSITORY}/installation"]
    assert links.close() == ()
    assert world.github.tokens("app") == []


def test_who_was_looked_up_before_stays_so(world: World, app: Installed, links: Connections) -> None:
    assert get(links.to(LOGIN, REPOSITORY, asked())) == 200
    links.everywhere(LOGIN, asked())
    assert get(links.to(LOGIN, REPOSITORY, asked())) == 200
    assert world.ledger.count("GET", "*/installation") == 1


def test_a_token_has_one_connection_and_no_list(world: World, links: Connections) -> None:
    token = Secret("token")
    ways = links.everywhere(token, asked())
    assert (dict(ways.open), ways.shut) == ({"": links.to(token, REPOSITORY, asked())}, {})
    assert world.ledger.count() == 0


ODD = [
    ({**ROW, "account": None}, "installation 7", "tell whose installation 7 is"),
    ({**ROW, "account": {"login": ""}}, "installation 7", "tell whose installation 7 is"),
    ({**ROW, "account": {"login": "a"}, "id": "7"}, "a", "find the installation for a"),
    ({**ROW, "account": {"login": "a"}, "permissions": None}, "a", "find the installation for a"),
    ({**ROW, "account": {"login": "a"}, "suspended_at": "2026-01-01T00:00:00Z"}, "a", "for a is suspended"),
]


@pytest.mark.parametrize(("row", "owner", "words"), ODD)
def test_one_that_cannot_be_used_is_told_and_the_others_are(
    row: dict[str, object], owner: str, words: str, world: World, links: Connections
) -> None:
    enterprise = {**ROW, "account": {"slug": "octo-business"}, "target_type": "Enterprise"}
    body = [row, enterprise, {**ROW, "account": {"login": "b"}}]
    world.faults.add(Fault("status", path=LIST, code=200, body=body))
    ways = links.everywhere(LOGIN, asked())
    assert (list(ways.open), list(ways.shut)) == (["b"], [owner])
    assert words in ways.shut[owner].message


@pytest.mark.parametrize(
    ("fault", "reason", "words"),
    [
        (Fault("status", code=404, body={"message": "Integration not found"}), "not-installed", "knows no App 123456"),
        (Fault("status", code=401, body={"message": "A JSON web token"}), "key-refused", "list its installations"),
        (Fault("status", code=401, body={"message": "'exp' claim"}), "clock-off", "at GitHub"),
        (Fault("status", code=200, body=[]), "not-installed", "is not installed for any organization or user"),
    ],
)
def test_a_list_that_cannot_be_had_is_worded_for_the_app(
    fault: Fault, reason: str, words: str, world: World, app: Installed, links: Connections
) -> None:
    world.faults.add(Fault(fault.kind, path=LIST, code=fault.code, body=fault.body))
    with pytest.raises(RotateError, match=words) as caught:
        links.everywhere(LOGIN, asked())
    assert caught.value.reason.removeprefix("github-app-") == reason
    assert "token" not in caught.value.remedy


def test_a_list_that_is_none_is_an_error(world: World, app: Installed, links: Connections) -> None:
    world.faults.add(Fault("status", path=LIST, code=200, body={"installations": []}))
    with pytest.raises(DestinationError, match="list its installations"):
        links.everywhere(LOGIN, asked())
