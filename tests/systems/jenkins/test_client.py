"""A client that Python has for Jenkins, api4jenkins, reads what we wrote, and writes what we read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api4jenkins import Jenkins as Api  # type: ignore[import-untyped]
from api4jenkins.credential import Domain  # type: ignore[import-untyped]
from api4jenkins.exceptions import ItemNotFoundError  # type: ignore[import-untyped]

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.systems.jenkins.config import created
from tests.support.bench import BEFORE
from tests.systems.jenkins.bench import ID, NEW, TOKEN, USER, Jenkins

STORE = "job/team/job/app/credentials/store/folder/domain/"


@pytest.fixture
def ours(world: World) -> Jenkins:
    return Jenkins(world)


@pytest.fixture
def domains(ours: Jenkins) -> Iterator[Callable[[str], Any]]:
    """Gives a domain of the folder as the client has it."""
    client = Api(ours.server.url, auth=(USER, TOKEN))
    client._crumb = {}  # with an API token none is needed
    yield lambda name: Domain(client, f"{client.url}{STORE}{name}/")
    client.http_client.close()


def test_it_and_we_read_what_the_other_wrote(ours: Jenkins, domains: Callable[[str], Any]) -> None:
    domain = domains("_")
    shown = domain.get(ID).configure()
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    assert ours.held() == NEW.reveal()
    assert domain.get(ID).configure() == shown, "all but the secret, of which both show nothing"
    domain.get(ID).configure(created(ID, BEFORE))
    assert ours.held() == BEFORE
    domain.create(created("another", BEFORE))
    another = ours.opened("jenkins://team/app/another")
    assert another.confirm(another.observe(), another.put(NEW)) == Held()
    assert [one.name for one in domain] == [ID, "another"]
    assert domain.get("gone") is None


def test_it_understands_the_refusals_of_the_pretend_one(ours: Jenkins, domains: Callable[[str], Any]) -> None:
    with pytest.raises(ItemNotFoundError):
        domains("gone").get(ID)
    ours.user.permissions.discard("Update")
    with pytest.raises(PermissionError):
        domains("_").get(ID).configure(created(ID, BEFORE))
