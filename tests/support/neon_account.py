"""An account on the pretend Neon with people around it, for the tests of how it answers them."""

from __future__ import annotations

from typing import Any

import httpx

from rotate.sandbox.stories import ORGANIZATION, PROJECT
from rotate.sandbox.world import World


class Neon:
    """An organization with an Admin, a Member and an outsider, and a client that speaks with any key."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, world.neon
        self.ada, self.bob, self.eve = (world.neon.add_user(name) for name in ("ada", "bob", "eve"))
        world.neon.add_organization(ORGANIZATION, admins=[self.ada], members=[self.bob])
        world.neon.add_project(PROJECT, org_id=ORGANIZATION)
        self.key = world.neon.add_key(self.ada, name="mine")
        self.client = httpx.Client(base_url=world.neon.url)

    def ask(self, method: str, path: str, value: str | None = None, **options: Any) -> httpx.Response:
        """Send with a key's value, the Admin's by default."""
        headers = {"Authorization": f"Bearer {value or self.key.value}"}
        return self.client.request(method, path, headers=headers, **options)
