"""An App that two owners have installed, the connections of a run to them, and no connection that is left open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.connections import Connections
from tests.support.apps import Installed, installed
from tests.support.one_app import WorldClock
from tests.support.opened import OPEN


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
