"""What a token reaches, whatever its kind, and what the words of a list mean that is not as described."""

from __future__ import annotations

import threading

import pytest

from rotate.errors import DestinationError, Refused, RotateError
from rotate.sandbox.faults import Fault
from rotate.sandbox.github.records import TokenKind
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.repositories.reach import in_reach, of_owner, properties
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.openapi import check
from tests.support.opened import keep

SEEN: dict[str, dict[str, str]] = {"octo-org/b": {}, "octo-org/a": {}, "ada/notes": {}}


def github(world: World, kind: TokenKind = "pat", *, known: bool = True, may: bool = True) -> GitHub:
    """Give a connection whose token sees three repositories."""
    for name in (*SEEN, "octo-org/unseen"):
        world.github.add_repository(name)
    world.github.add_organization("octo-org")
    levels = {"organization_custom_properties": "read"} if may else {}
    token = world.github.add_token(kind=kind, repositories=SEEN, organizations={"octo-org": levels})
    stop = threading.Event()
    stop.set()
    return keep(GitHub(world.github.url, Secret(token if known else "unknown"), SystemClock(stop)))


@pytest.mark.parametrize("kind", ["pat", "actions"])
def test_every_kind_of_token_has_a_list_of_what_it_reaches(kind: TokenKind, world: World) -> None:
    found = in_reach(github(world, kind))
    assert [one.full_name for one in found] == ["ada/notes", "octo-org/a", "octo-org/b"]
    assert {one.owner for one in found} == {"ada", "octo-org"}
    assert [entry.status for entry in world.ledger] == ([200] if kind == "pat" else [403, 200])
    check(world.ledger)


def test_a_persons_repositories_are_those_in_reach(world: World) -> None:
    client = github(world)
    assert [one.full_name for one in of_owner(client, "Ada")] == ["ada/notes"]
    assert [one.full_name for one in of_owner(client, "octo-org")] == ["octo-org/a", "octo-org/b"]
    check(world.ledger)


def test_a_token_that_is_none_is_said(world: World) -> None:
    client = github(world, known=False)
    with pytest.raises(RotateError) as caught:
        in_reach(client)
    assert caught.value.reason == "github-token-invalid"
    with pytest.raises(RotateError) as caught:
        of_owner(client, "octo-org")
    assert caught.value.reason == "github-token-invalid"


def test_properties_need_a_permission_of_the_organization(world: World) -> None:
    with pytest.raises(RotateError) as caught:
        properties(github(world, may=False), "octo-org")
    assert caught.value.reason == "github-permission-missing"
    assert "Custom properties: read" in caught.value.remedy


def test_properties_without_a_value_mean_nothing(world: World) -> None:
    client = github(world)
    repository = world.github.repository("octo-org/a")
    repository.properties = {"team": "Payments", "tiers": ("gold", "blue"), "empty": ()}
    found = properties(client, "octo-org")[repository.repository_id]
    assert found == {"team": {"payments"}, "tiers": {"gold", "blue"}, "empty": frozenset()}
    body = [{"repository_id": 7, "properties": [{"property_name": "a", "value": None}]}, {"repository_id": 8}]
    world.faults.add(Fault("status", code=200, method="GET", path="/orgs/*/properties/values", body=body))
    assert properties(client, "octo-org") == {7: {"a": frozenset()}, 8: {}}


def test_a_row_that_is_not_as_described_is_said(world: World) -> None:
    client = github(world)
    world.faults.add(Fault("status", code=200, method="GET", path="/user/repos", body=[{"id": "x"}]))
    with pytest.raises(DestinationError, match="not described as"):
        in_reach(client)


def test_an_organization_that_may_not_be_listed_is_no_persons_account(world: World) -> None:
    client = github(world)
    world.faults.add(Fault("status", path="/orgs/octo-org/repos", code=403, body={"message": "no"}, times=None))
    with pytest.raises(Refused) as caught:
        of_owner(client, "octo-org")
    assert caught.value.reason == "github-permission-missing"
    assert not world.ledger.find("GET", "/user/repos")


def test_a_persons_token_has_no_list_of_an_installation(world: World) -> None:
    assert github(world).call("GET", "/installation/repositories").status == 403


def test_an_account_that_is_no_organization_is_a_persons(world: World) -> None:
    client = github(world)
    world.faults.add(Fault("status", path="/orgs/ada/repos", code=404, body={"message": "Not Found"}, times=None))
    assert [one.full_name for one in of_owner(client, "ada")] == ["ada/notes"]
    assert world.ledger.count("GET", "/user/repos") == 1
