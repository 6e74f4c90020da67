"""A secret of the pretend key vault, and what writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.azure_keyvault.entra import EntraServer
from rotate.sandbox.azure_keyvault.server import VaultServer
from rotate.sandbox.azure_keyvault.state import Version
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.azure_keyvault.system import SERVICE
from rotate.systems.azure_keyvault.vault_secret import VaultSecret
from tests.support.bench import BEFORE, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
SECRET = "neon-api-key"
ADDRESS = f"azure-keyvault://payments/{SECRET}"
BASE = "NEON_ROTATE_AZURE_KEYVAULT_URL"
WEEK, YEAR = 7 * 86400, 365 * 86400


def served(world: World) -> VaultServer:
    """Let a vault answer beside the world."""
    server = VaultServer(world.clock)
    world.serve(server)
    return server


def entra(world: World, vault: VaultServer) -> EntraServer:
    """Let Entra answer beside them, whose tokens the vault knows."""
    server = EntraServer(world.clock, vault.add_identity)
    world.serve(server)
    return server


class Vault:
    """A vault with one secret that somebody wrote a week ago, and a token that may write it."""

    def __init__(self, world: World, **fields: Any) -> None:
        self.world, self.state = world, served(world)
        world.clock.advance(-WEEK)
        self.state.add_version(SECRET, BEFORE, Version("", "", **fields))
        world.clock.advance(WEEK)
        self.token = self.state.add_identity()
        self.environment = {BASE: self.state.url, "AZURE_KEYVAULT_TOKEN": self.token}
        self.hidden: list[Secret] = []

    @property
    def now(self) -> int:
        """Give the world's time as Key Vault tells it."""
        return int(self.world.clock.now().timestamp())

    def opened(self) -> Destination:
        """Open the secret as a run does."""
        return VaultSecret(parsed(ADDRESS), means_of(self.environment, self.hidden.append))

    def written(self) -> Version:
        """Write, confirm, and give what stands there."""
        opened = self.opened()
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))
        latest = self.state.latest(SECRET)
        assert latest
        return latest


def _arrange(state: VaultServer, dice: Random) -> None:
    for name in (SECRET, f"{SECRET}-2", "other"):
        now = int(state.clock.now().timestamp())
        flags = Version(
            "",
            "",
            content_type=dice.choice([None, "text/plain", "password"]),
            tags=dice.choice([{}, {"owner": "platform"}, {"file-encoding": "utf-8", "a b": "ä"}]),
            nbf=dice.choice([None, now - YEAR, now + YEAR]),
            exp=dice.choice([None, now + YEAR]),
        )
        state.add_version(name, BEFORE, flags)


def _beside(state: VaultServer) -> object:
    """Give everything but the value of the latest version, its own name and its times."""
    ours = state.latest(SECRET)
    shown = ours and replace(ours, id="", value="", created=0, updated=0)
    return shown, {name: state.versions(name) for name in state.names() if name != SECRET}


@contextmanager
def azure_keyvault() -> Iterator[Bench]:
    """A secret with a content type, tags and dates, beside others."""
    with World() as world:
        later = int(world.clock.now().timestamp()) + YEAR
        ours = Vault(world, content_type="password", tags={"owner": "platform"}, nbf=later - 2 * YEAR, exp=later)
        state, token = ours.state, ours.token
        state.add_version("other", "another-value")

        def held() -> str | None:
            one = state.latest(SECRET)
            return one.value if one else None

        def write(text: str | None) -> None:
            if text is None:
                state.purge(SECRET)
            else:
                state.add_version(SECRET, text, state.latest(SECRET))

        web = Web(
            world,
            "azure-keyvault",
            parsed(ADDRESS),
            VaultSecret,
            SERVICE.lacks,
            ours.environment,
            blind=lambda: setattr(state, "gone", True),
            gag=lambda: state.narrow(token, "get", "list"),
            arrange=partial(_arrange, state),
            beside=partial(_beside, state),
            pretend=state,
            foretells=False,
        )
        yield Bench(web.opened(), held, write, web=web)
