"""What `find` sees of names, ids, references and sealed variables."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.sandbox.railway.state import SHARED
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.railway.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.railway.bench import OF_ALL, OF_SERVICE, Railway
from tests.systems.railway.schema import check

BY_NAME = Wanted((NAME,))
BY_VALUE = Wanted(("ANOTHER_NAME",), {Secret(BEFORE).fingerprint: Generation.CURRENT})


@pytest.fixture
def ours(world: World) -> Railway:
    return Railway(world)


def told(ours: Railway, *known: str, wanted: Wanted = BY_NAME) -> list[str]:
    found = find([parsed(one) for one in known], wanted, means_of(ours.by_account))
    addresses = [one.address for one in found if isinstance(one, FoundSecret)]
    assert check(ours.world.ledger)
    return addresses


def test_values_are_asked_for_only_where_there_are_some_to_compare(ours: Railway) -> None:
    assert told(ours) == [OF_SERVICE]
    assert not [one for one in ours.world.ledger if b"unrendered" in one.request_body]
    assert told(ours, wanted=BY_VALUE) == [OF_SERVICE]


def test_a_reference_is_no_value_and_a_sealed_variable_has_none(ours: Railway) -> None:
    ours.seal(SHARED)
    ours.state.write(ours.environment, ours.worker, "KEY", f"${{{{shared.{NAME}}}}}{BEFORE}")
    reference = Secret(f"${{{{shared.{NAME}}}}}{BEFORE}").fingerprint
    assert told(ours, wanted=Wanted(("ANOTHER_NAME",), {reference: Generation.CURRENT})) == []
    assert told(ours, wanted=BY_VALUE) == [OF_SERVICE]
    assert told(ours) == [OF_ALL, OF_SERVICE]


def test_what_a_name_does_not_tell_is_told_by_its_id(ours: Railway) -> None:
    twin = ours.where.add_service("api")
    of_each = [OF_SERVICE.replace("/api", f"/{number}") for number in (ours.api, twin)]
    ours.state.write(ours.environment, twin, NAME, BEFORE)
    assert told(ours) == of_each
    ours.where.services[ours.api] = "a/b"
    assert told(ours) == [of_each[0], OF_SERVICE]


def test_a_destination_by_ids_is_told_as_that_and_what_was_deleted_is_not(ours: Railway) -> None:
    by_ids = f"railway://{ours.project}/{ours.environment}/{ours.api}#{NAME}"
    assert told(ours, by_ids) == [by_ids]
    ours.state.projects[ours.project].deleted = True
    assert told(ours) == []
