"""An App that two owners have installed, the connections of a run to them, and no connection that is left open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rotate.github_api.connections import Connections
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.conformance.opened import OPEN
from tests.github_api.one_app import WorldClock
from tests.scenarios.apps import Installed, installed


@pytest.fixture
def app(world: World) -> Installed:
    return installed(world)


@pytest.fixture
def hidden() -> list[Secret]:
    return []


@pytest.fixture
def links(world: World, hidden: list[Secret]) -> Iterator[Connections]:
    opened = Connections(world.github.url, WorldClock(world), hidden.append)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _close_what_was_opened() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()
