"""The client that Python has for CircleCI, pycircleci, reads what we wrote, and writes what we read.

Of contexts alone: for variables of projects it knows the API before this one (v1.1) and no other.
"""

from __future__ import annotations

import pytest
from pycircleci.api import Api
from requests import HTTPError

from rotate.protocol.facts.destination import later
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, LATER, NAME
from tests.support.openapi import check
from tests.systems.circleci.bench import NEW, OWNER, TOKEN, CircleCI

VCS, ORGANIZATION = OWNER.split("/")


def test_it_and_we_read_what_the_other_wrote(world: World) -> None:
    ours = CircleCI(world)
    client = Api(TOKEN, f"{ours.server.url}/api")
    contexts = client.get_contexts(ORGANIZATION, vcs_type=VCS, paginate=True)
    number = next(one["id"] for one in contexts if one["name"] == "deploy")
    (before,) = client.get_context_envvars(number)
    opened = ours.opened("context")
    stood = opened.confirm(opened.observe(), opened.put(NEW))
    (after,) = client.get_context_envvars(number)
    assert (after["variable"], after["created_at"]) == (NAME, before["created_at"])
    assert after["updated_at"] > before["updated_at"]
    world.advance(LATER.total_seconds())
    assert client.add_context_envvar(number, NAME, BEFORE)["variable"] == NAME
    seen = opened.written()
    assert seen
    assert later(seen, stood)
    assert ours.context.variables[NAME].value == BEFORE
    assert check(entry for entry in world.ledger if entry.server == "circleci")


def test_it_understands_the_refusals_of_the_pretend_one(world: World) -> None:
    client = Api(TOKEN, f"{CircleCI(world).server.url}/api")
    with pytest.raises(HTTPError, match="404"):
        client.get_contexts("gone", vcs_type=VCS)
