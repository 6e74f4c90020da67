"""Which repositories there are is read whole or not at all, and what cannot be read is never nothing."""

from __future__ import annotations

import threading

import pytest

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.repositories.discovery import METADATA, Repository, readers_of, repository, writable
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import MOST, SIZE, rows
from rotate.wire.clock import SystemClock
from tests.support.opened import keep

LOGIN, NAME = "octo-org", "NEON_API_KEY"
ORGANIZATION = Address(LOGIN)
NAMES = [f"{LOGIN}/{name}" for name in ("private", "public", "old", "other")]


@pytest.fixture
def github(world: World) -> GitHub:
    """A connection to an organization with a private, a public, an archived and one more private repository."""
    stopped = threading.Event()
    stopped.set()
    for name in NAMES:
        world.github.add_repository(name, private=not name.endswith("public"), archived=name.endswith("old"))
    world.github.add_organization(LOGIN)
    token = world.github.add_token(
        repositories={name: {"metadata": "read"} for name in NAMES},
        organizations={LOGIN: {"organization_secrets": "write"}},
    )
    return keep(GitHub(world.github.url, Secret(token), SystemClock(stopped)))


def test_a_repository_is_told_as_it_is(github: GitHub, world: World) -> None:
    found = repository(github, "octo-org/old")
    number = world.github.repository("octo-org/old").repository_id
    told = Repository("octo-org/old", number, private=True, archived=True, disabled=False, of_organization=True)
    assert found == told


def test_what_takes_no_secret_is_refused(github: GitHub, world: World) -> None:
    world.github.repository("octo-org/public").disabled = True
    for name, how in (("old", "archived"), ("public", "disabled")):
        with pytest.raises(Refused, match=how):
            writable(repository(github, f"octo-org/{name}"))
    other = repository(github, "octo-org/other")
    assert writable(other) == other


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("reset", times=None), "github-unreachable"),
        (Fault("status", code=500, times=None), "github-unexpected-answer"),
        (Fault("html", times=None), "github-no-json"),
        (Fault("status", code=200, body=["octo-org/private"]), "github-unexpected-answer"),
        (Fault("status", code=200, body={"id": "7", "full_name": "octo-org/private"}), "github-unexpected-answer"),
        (Fault("status", code=200, body={"id": 7}), "github-unexpected-answer"),
        (Fault("status", code=404, body={"message": "Not Found"}), "github-repository-not-found"),
    ],
)
def test_a_repository_that_cannot_be_looked_up_is_an_error(
    fault: Fault, reason: str, github: GitHub, world: World
) -> None:
    world.faults.add(fault)
    with pytest.raises(RotateError) as caught:
        repository(github, "octo-org/private")
    assert caught.value.reason == reason
    assert "octo-org/private" in caught.value.message


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [("all", ["private", "public", "other"]), ("private", ["private", "other"]), ("selected", ["public"])],
)
def test_an_organization_secret_is_read_by_whom_its_visibility_says_but_for_archived_repositories(
    visibility: str, readers: list[str], github: GitHub, world: World
) -> None:
    chosen = ("octo-org/public", "octo-org/old") if visibility == "selected" else ()
    ids = tuple(world.github.repository(name).repository_id for name in chosen)
    world.github.set_secret(LOGIN, NAME, "value", visibility=visibility, selected=ids)
    assert readers_of(github, ORGANIZATION, NAME) == tuple(f"{LOGIN}/{name}" for name in readers)


def test_a_secret_that_does_not_exist_is_read_by_nobody(github: GitHub) -> None:
    assert readers_of(github, ORGANIZATION, NAME) == ()


def test_a_repositorys_own_secret_is_read_by_it_under_its_name_of_today(github: GitHub, world: World) -> None:
    world.github.rename_repository("octo-org/private", "octo-org/other")
    assert readers_of(github, Address("octo-org/private"), NAME) == ("octo-org/other",)


def test_a_reader_that_is_not_described_is_an_error(github: GitHub, world: World) -> None:
    world.github.set_secret(LOGIN, NAME, "value", visibility="all")
    world.faults.add(Fault("status", path="/orgs/octo-org/repos", code=200, body=[{"id": 7}]))
    with pytest.raises(DestinationError) as caught:
        readers_of(github, ORGANIZATION, NAME)
    assert "list the repositories of octo-org" in caught.value.message


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("reset", times=None), "github-unreachable"),
        (Fault("status", code=200, body={"message": "no list"}), "github-unexpected-answer"),
        (Fault("status", code=200, body=["octo-org/private"]), "github-unexpected-answer"),
        (Fault("status", code=503, body=[], times=None), "github-unexpected-answer"),
    ],
)
def test_a_page_that_cannot_be_read_is_never_an_empty_one(
    fault: Fault, reason: str, github: GitHub, world: World
) -> None:
    world.faults.add(fault)
    with pytest.raises(DestinationError) as caught:
        list(rows(github, "/orgs/octo-org/repos", "", LOGIN, METADATA))
    assert caught.value.reason == reason


def test_a_list_that_may_not_be_read_names_the_permission(github: GitHub, world: World) -> None:
    world.faults.add(Fault("status", code=403, body={"message": "Resource not accessible"}))
    with pytest.raises(Refused) as caught:
        list(rows(github, "/orgs/octo-org/repos", "", LOGIN, METADATA))
    assert f"for {LOGIN} with {METADATA}" in caught.value.remedy


def test_a_longer_list_than_can_be_judged_is_none(github: GitHub, world: World) -> None:
    world.faults.add(Fault("status", path="/orgs/*", code=200, body=[{}] * SIZE, times=None))
    with pytest.raises(DestinationError) as caught:
        list(rows(github, "/orgs/octo-org/repos", "", LOGIN, METADATA))
    assert str(SIZE * MOST) in caught.value.message
    assert caught.value.outcome is Outcome.NO_EFFECT
    assert world.ledger.count("GET") == MOST
