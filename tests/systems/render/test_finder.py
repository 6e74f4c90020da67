"""What `find` sees of services that are destinations by their names, of many variables, and of many groups."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import RotateError
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.render.state import Holder
from rotate.sandbox.world import World
from rotate.systems.render.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.render.bench import GROUP, KEY, SHOP, Render

OF_GROUP = f"render://env-group/{GROUP}#{NAME}"


@pytest.fixture
def ours(world: World) -> Render:
    return Render(world)


def told(ours: Render, *known: str) -> tuple[list[str], list[RotateError]]:
    found = list(find([parsed(one) for one in known], Wanted((NAME,)), means_of(ours.environment)))
    errors = [one for one in found if isinstance(one, RotateError)]
    return [one.address for one in found if isinstance(one, FoundSecret)], errors


def test_a_service_is_told_by_its_id_or_as_the_destination_that_it_is(ours: Render) -> None:
    by_name = f"render://shop#{NAME}"
    assert told(ours) == ([f"render://{SHOP}#{NAME}", OF_GROUP], [])
    assert told(ours, by_name) == ([by_name, OF_GROUP], [])


def test_many_variables_are_read_to_their_end(ours: Render) -> None:
    ours.shop.variables |= {f"A_{number:03}": "other" for number in range(205)}
    assert told(ours)[0] == [f"render://{SHOP}#{NAME}", OF_GROUP]


def test_more_groups_than_are_listed_at_once_are_told_as_unread(ours: Render) -> None:
    for number in range(100):
        ours.server.add(Holder(f"evg-{number:03}", f"group {number}", {NAME: BEFORE}))
        ours.server.tokens[KEY].add(f"evg-{number:03}")
    addresses, errors = told(ours)
    assert len(addresses) == 101
    assert [one.reason for one in errors] == ["find-incomplete"]


def test_an_id_that_is_none_is_told_and_never_asked_for(ours: Render) -> None:
    ours.server.add(Holder("evg-../x", "strange", {NAME: BEFORE}))
    ours.server.add(Holder("web-1", "of another kind", {NAME: BEFORE}))
    ours.server.tokens[KEY] |= {"evg-../x", "web-1"}
    addresses, errors = told(ours)
    assert addresses == [f"render://{SHOP}#{NAME}", OF_GROUP]
    assert len(errors) == 1
