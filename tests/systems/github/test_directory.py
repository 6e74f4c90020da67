"""Of many repositories an organization's list tells how they stand; what it does not tell is asked for by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest

from rotate.errors import Refused
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.repositories import directory
from rotate.systems.github.repositories.directory import Directory
from rotate.systems.github.repositories.discovery import Repository
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import rows
from rotate.wire.clock import SystemClock
from rotate.wire.together import together, value_of
from tests.support.opened import keep

OWNER = "octo-org"
NAMES = [f"{OWNER}/service-{number}" for number in range(40)]
RENAMED = f"{OWNER}/renamed"
LIST, ALONE = f"/orgs/{OWNER}/repos", "/repos/*"


def opened(world: World, names: Iterable[str]) -> GitHub:
    """Give a connection that reaches these."""
    token = world.github.add_token(repositories={name: {"metadata": "read"} for name in names})
    return keep(GitHub(world.github.url, Secret(token), SystemClock(threading.Event())))


@pytest.fixture
def github(world: World) -> GitHub:
    """A connection to an organization with forty repositories, of which the eighth is archived."""
    world.github.add_organization(OWNER)
    for name in NAMES:
        world.github.add_repository(name, archived=name == NAMES[7])
    return opened(world, [*NAMES, RENAMED])


def all_of(known: Directory) -> list[Repository]:
    """Ask for all of them, at once."""
    return [value_of(one) for one in together(*(partial(known.repository, name) for name in NAMES))]


def test_all_are_told_by_one_request_for_the_first_and_one_for_the_list(github: GitHub, world: World) -> None:
    known = Directory(github, OWNER, len(NAMES))
    assert known.spared == 0, "whether there is a list is not known"
    found = all_of(known)
    assert [one.full_name for one in found] == NAMES
    assert [one.full_name for one in found if not one.writable] == [NAMES[7]]
    assert (world.ledger.count(path=ALONE), world.ledger.count(path=LIST)) == (1, 1)
    assert known.spared == 40 - 1 - 4


def test_the_first_alone_reads_no_list(github: GitHub, world: World) -> None:
    Directory(github, OWNER, len(NAMES)).repository(NAMES[3].upper())
    assert [entry.target for entry in world.ledger] == [f"/repos/{NAMES[3].upper()}"]


def test_an_earlier_name_is_asked_for_by_itself(github: GitHub, world: World) -> None:
    known = Directory(github, OWNER, len(NAMES))
    world.github.rename_repository(NAMES[5], RENAMED)
    assert all_of(known)[5].full_name == RENAMED
    assert world.ledger.count(path=f"/repos/{NAMES[5]}") == 1


def test_the_repositories_of_a_person_have_no_list(world: World) -> None:
    for name in NAMES:
        world.github.add_repository(name)
    known = Directory(opened(world, NAMES), OWNER, len(NAMES))
    assert [one.full_name for one in all_of(known)] == NAMES
    assert (world.ledger.count(path=ALONE), world.ledger.count(path=LIST)) == (40, 0)
    assert known.spared == 0


def test_a_list_that_is_refused_or_too_long_leaves_each_to_be_asked_for(github: GitHub, world: World) -> None:
    world.faults.add(Fault("status", path=LIST, code=403))
    assert len(all_of(Directory(github, OWNER, len(NAMES)))) == 40
    assert (world.ledger.count(path=ALONE), world.ledger.count(path=LIST)) == (40, 1)
    world.ledger.clear()
    others = [f"{OWNER}/other-{number}" for number in range(370)]
    for name in others:
        world.github.add_repository(name)
    assert len(all_of(Directory(opened(world, [*NAMES, *others]), OWNER, len(NAMES)))) == 40
    assert (world.ledger.count(path=ALONE), world.ledger.count(path=LIST)) == (40, 4), "a tenth of what it would spare"


def test_a_row_that_does_not_say_whether_it_is_archived_is_asked_for(
    github: GitHub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = rows

    def briefly(*words: Any, **named: Any) -> list[dict[str, object]]:
        return [{name: row[name] for name in row if name != "archived"} for row in read(*words, **named)]

    monkeypatch.setattr(directory, "rows", briefly)
    assert [one.full_name for one in all_of(Directory(github, OWNER, len(NAMES))) if one.archived] == [NAMES[7]]
    assert world.ledger.count(path=ALONE) == 40


def test_where_the_first_is_refused_the_others_do_not_wait_for_a_list(github: GitHub, world: World) -> None:
    known = Directory(github, OWNER, len(NAMES))
    with pytest.raises(Refused):
        known.repository(f"{OWNER}/nowhere")
    assert len(all_of(known)) == 40
    assert world.ledger.count(path=LIST) == 0
