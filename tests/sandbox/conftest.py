"""Callers of the pretend world that share no code with the product."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.neon_account import Neon


@pytest.fixture
def neon(world: World) -> Iterator[Neon]:
    opened = Neon(world)
    yield opened
    opened.client.close()


@pytest.fixture
def github(world: World) -> Iterator[httpx.Client]:
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(repositories={REPOSITORY: PERMISSIONS})
    with httpx.Client(base_url=world.github.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client
