"""What a key reaches at Neon: pages of members, answers that say nothing usable, and accounts that may not be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rotate.errors import Refused, RotateError, SourceError
from rotate.sandbox.faults import Fault
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import ORGANIZATION
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.neon.account import MOST_PAGES, PAGE, NeonAccounts, Reached, accounts
from rotate.wire.network import Network
from tests.support.world_clock import WorldClock

LIST, MEMBERS = "/users/me/organizations", f"/organizations/{ORGANIZATION}/members"


@pytest.fixture
def key(world: World) -> StoredKey:
    ada = world.neon.add_user("ada")
    world.neon.add_organization(ORGANIZATION, admins=[ada])
    world.neon.add_key(ada, name="theirs", org_id=ORGANIZATION)
    return world.neon.add_key(ada, name="mine")


@pytest.fixture
def source(world: World) -> Iterator[NeonAccounts]:
    opened = accounts(world.neon.url, WorldClock(world), Network())
    yield opened
    opened.close()


def answers(world: World, path: str, body: object, code: int = 200) -> None:
    world.faults.add(Fault("status", path=path, code=code, body=body, times=None))


def reach(source: NeonAccounts, key: StoredKey) -> Reached:
    return source.reached(Secret(key.value))


def whole(reached: Reached) -> dict[str, int]:
    return {one.account_id: len(one.keys) for one in reached.accounts}


def test_members_come_in_pages(world: World, source: NeonAccounts, key: StoredKey) -> None:
    people = [world.neon.add_user(f"user-{number}") for number in range(2 * PAGE)]
    world.neon.organizations()[0].members.extend(people)
    world.ledger.clear()
    reached = reach(source, key)
    members = set(reached.accounts[1].members or ())
    assert members == {key.user.account_id, *(one.account_id for one in people)}
    assert reached.unread == ()
    asked = [line for line in world.ledger.transcript("neon") if "/members" in line]
    assert [line.partition("cursor=")[2] for line in asked] == ["", "500 -> 200", "1000 -> 200"]


def test_a_list_of_members_without_an_end_is_none(world: World, source: NeonAccounts, key: StoredKey) -> None:
    one = {"member": {"user_id": "u"}, "user": {}}
    answers(world, MEMBERS, {"members": [one], "pagination": {"next": 7}})
    reached = reach(source, key)
    assert reached.accounts[1].members is None
    (told,) = reached.unread
    assert told.message == f"The list of the members of {ORGANIZATION} has no end: who has left is not told."
    assert sum("/members" in line for line in world.ledger.transcript("neon")) == MOST_PAGES


@pytest.mark.parametrize("body", [{"members": [], "pagination": {"next": 7}}, {"members": []}])
def test_an_empty_page_is_the_last(body: object, world: World, source: NeonAccounts, key: StoredKey) -> None:
    answers(world, MEMBERS, body)
    assert reach(source, key).accounts[1].members == frozenset()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"members": {}},
        {"members": [5]},
        {"members": [{}]},
        {"members": [{"member": {"user_id": "u"}}]},
        {"members": [{"member": {"user_id": []}, "user": {}}]},
        {"members": [], "pagination": 5},
    ],
)
def test_members_that_make_no_sense_are_unread_and_the_keys_are_told(
    body: object, world: World, source: NeonAccounts, key: StoredKey
) -> None:
    answers(world, MEMBERS, body)
    reached = reach(source, key)
    assert whole(reached) == {key.user.account_id: 1, ORGANIZATION: 1}
    assert reached.accounts[1].members is None
    assert [one.reason for one in reached.unread] == ["neon-unexpected-answer"]


@pytest.mark.parametrize("code", [403, 404])
def test_members_that_may_not_be_listed_are_told(code: int, world: World, source: NeonAccounts, key: StoredKey) -> None:
    answers(world, MEMBERS, {"code": "", "message": "no"}, code)
    (told,) = reach(source, key).unread
    assert isinstance(told, Refused)
    assert (told.reason, ORGANIZATION in told.message, bool(told.remedy)) == ("members-unread", True, True)


@pytest.mark.parametrize("body", [[], {}, {"organizations": [5]}, {"organizations": [{"name": "x"}]}])
def test_organizations_that_make_no_sense_leave_the_account(
    body: object, world: World, source: NeonAccounts, key: StoredKey
) -> None:
    answers(world, LIST, body)
    reached = reach(source, key)
    assert whole(reached) == {key.user.account_id: 1}
    assert [one.reason for one in reached.unread] == ["neon-unexpected-answer"]


def test_a_hostile_id_stays_one_part_of_the_path(world: World, source: NeonAccounts, key: StoredKey) -> None:
    answers(world, LIST, {"organizations": [{"id": "../users/me?x=#", "name": None}]})
    reached = reach(source, key)
    assert whole(reached) == {key.user.account_id: 1}
    assert "neon GET /organizations/..%2Fusers%2Fme%3Fx%3D%23/api_keys -> 404" in world.ledger.transcript("neon")


@pytest.mark.parametrize("body", [{}, [5], [{"id": 1}]])
def test_a_list_of_keys_that_makes_no_sense_is_unread(
    body: object, world: World, source: NeonAccounts, key: StoredKey
) -> None:
    answers(world, "/api_keys", body)
    reached = reach(source, key)
    assert whole(reached) == {ORGANIZATION: 1}
    assert [one.reason for one in reached.unread] == ["neon-unexpected-answer"]


@pytest.mark.parametrize("creator", [None, "u1", {}, {"id": None, "name": None}])
def test_a_key_without_a_creator_is_told_without_one(
    creator: object, world: World, source: NeonAccounts, key: StoredKey
) -> None:
    row = {"id": 1, "name": "n", "created_at": "2026-01-01T00:00:00Z", "created_by": creator}
    answers(world, "/api_keys", [row])
    (held,) = reach(source, key).accounts[0].keys
    assert (held.creator, held.creator_name, held.key.last_used_at) == ("", "", None)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("html", path="/auth", times=None), "neon-no-json"),
        (Fault("reset", path="/auth", times=None), "neon-unreachable"),
        (Fault("status", path="/auth", code=200, body={"account_id": 5}, times=None), "neon-unexpected-answer"),
        (Fault("status", path="/auth", code=401, body={"message": "portal"}, times=None), "neon-unexpected-answer"),
    ],
)
def test_without_a_usable_answer_whose_it_is_nothing_is_told(
    fault: Fault, reason: str, world: World, source: NeonAccounts, key: StoredKey
) -> None:
    world.faults.add(fault)
    with pytest.raises(SourceError) as told:
        reach(source, key)
    assert told.value.reason == reason


def test_a_dead_key_is_refused(world: World, source: NeonAccounts, key: StoredKey) -> None:
    world.neon.revoke(key.key_id)
    with pytest.raises(RotateError) as told:
        reach(source, key)
    assert told.value.reason == "api-key-dead"
