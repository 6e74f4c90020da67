"""A secret of the pretend Vault, and what writes to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination, Notebook
from rotate.sandbox.exchange import Json
from rotate.sandbox.vault.server import ALL, Kept, VaultServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.notes import KeptNotes
from rotate.systems.vault.field import SecretField
from rotate.systems.vault.notes import Secrets
from rotate.systems.vault.system import lacks
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
TOKEN = "hvs.sandbox0123456789"
SECOND, FIRST = "secret/ci/neon", "kv1/ci/neon"


class Vault:
    """A secret with a field, beside others, and a token that may change it."""

    def __init__(self, world: World, where: str = SECOND) -> None:
        self.world, self.server, self.where = world, VaultServer(world.clock), where
        world.serve(self.server)
        self.server.tokens[TOKEN] = ALL
        fields: dict[str, Json] = {NAME: BEFORE, "OTHER": "other"}
        custom: dict[str, Json] = {"owner": "team"}
        self.server.kept[where] = Kept([fields], custom if where == SECOND else None)
        self.environment = {"VAULT_ADDR": self.server.url, "VAULT_TOKEN": TOKEN}

    @property
    def fields(self) -> dict[str, Json]:
        """What the latest version holds."""
        return self.server.kept[self.where].versions[-1] or {}

    def opened(self, text: str = "", **more: str) -> Destination:
        """Open the field as a run does."""
        return SecretField(parsed(text or f"vault://{self.where}#{NAME}"), means_of({**self.environment, **more}))

    def write(self, text: str | None) -> None:
        """Let somebody else write the field, or take it out."""
        fields = {name: value for name, value in self.fields.items() if name != NAME}
        self.set({**fields, NAME: text} if text is not None else fields)

    def set(self, fields: Mapping[str, Json]) -> None:
        """Let somebody else write a version."""
        self.server.kept[self.where].versions.append(dict(fields))


def _arrange(ours: Vault, dice: Random) -> None:
    kept = ours.server.kept[ours.where]
    if ours.where == SECOND:
        some: list[dict[str, Json] | None] = [None, {}, {"owner": "team", "since": "2026"}]
        kept.custom = dice.choice(some)
    odd: list[Json] = ["text", "", 5, 1.5, None, True, ["a"], {"b": {"c": 1}}]
    ours.set({NAME: BEFORE, **{f"OTHER {number}": dice.choice(odd) for number in range(dice.randrange(6))}})
    ours.server.tokens[TOKEN] = ALL if dice.random() < 1 / 2 else frozenset({"read", "update"})


def _beside(ours: Vault) -> object:
    return {name: value for name, value in ours.fields.items() if name != NAME}, ours.server.kept[ours.where].custom


def _held(ours: Vault) -> str | None:
    found = ours.fields.get(NAME)
    return found if isinstance(found, str) else None


@contextmanager
def vault(where: str) -> Iterator[Bench]:
    """A field in a KV store of either version."""
    with World() as world:
        ours = Vault(world, where)
        web = Web(
            world,
            "vault",
            parsed(f"vault://{where}#{NAME}"),
            SecretField,
            lacks,
            ours.environment,
            blind=lambda: ours.server.tokens.update({TOKEN: frozenset()}),
            gag=lambda: ours.server.tokens.update({TOKEN: frozenset({"read"})}),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            writes="PATCH" if where == SECOND else "POST",
            at="*/ci/neon",
            bodiless=where == FIRST,
            says="errors",
            unseen="destination-not-allowed",
        )

        def another() -> Notebook:
            return KeptNotes(Secrets(web.address, means_of(web.environment)))

        yield Bench(web.opened(), partial(_held, ours), ours.write, another if where == SECOND else None, web=web)
