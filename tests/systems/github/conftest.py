"""An App that two owners have installed, and the connections of a run to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.connections import Connections
from tests.support.apps import Installed, installed
from tests.support.one_app import WorldClock


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
