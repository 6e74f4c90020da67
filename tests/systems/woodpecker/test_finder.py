"""What `find` sees with the token of an administrator, and with that of anybody else."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import RotateError
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.world import World
from rotate.systems.woodpecker.finder import find
from tests.support.bench import NAME, means_of
from tests.systems.woodpecker.bench import PLACES, Woodpecker

REPOSITORY, ORGANIZATION, SERVER = (f"woodpecker://{place}#{NAME}" for place in PLACES)


def told(ours: Woodpecker, *known: str) -> tuple[list[str], list[RotateError]]:
    found = list(find([parsed(one) for one in known], Wanted((NAME,)), means_of(ours.environment)))
    errors = [one for one in found if isinstance(one, RotateError)]
    return [one.address for one in found if isinstance(one, FoundSecret)], errors


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("repo/octo/payments", [SERVER, REPOSITORY]),
        ("org/octo", [SERVER, REPOSITORY, ORGANIZATION]),
        ("global", [SERVER, REPOSITORY, ORGANIZATION]),
    ],
)
def test_each_sees_what_his_role_shows_him(where: str, expected: list[str], world: World) -> None:
    assert told(Woodpecker(world, where)) == (expected, [])


def test_an_organization_of_which_no_repository_is_seen_is_looked_at_where_it_is_a_destination(world: World) -> None:
    ours = Woodpecker(world, "org/octo")
    del ours.user.levels["repos/octo/payments"]
    assert told(ours) == ([SERVER], [])
    assert told(ours, ORGANIZATION, SERVER) == ([SERVER, ORGANIZATION], [])


def test_secrets_of_an_organization_that_is_a_destination_are_told_as_unread_where_they_are_hidden(
    world: World,
) -> None:
    addresses, errors = told(Woodpecker(world), ORGANIZATION)
    assert addresses == [SERVER, REPOSITORY]
    assert [one.reason for one in errors] == ["find-incomplete"]
