"""Secrets of one folder of the pretend Infisical, and what writes to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.infisical.server import InfisicalServer
from rotate.sandbox.infisical.state import Secret
from rotate.sandbox.world import World
from rotate.secret import Secret as Value
from rotate.systems.infisical.secret import FolderSecret
from rotate.systems.infisical.system import lacks
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Value("napi_new_value_0123456789")
PROJECT = "7e2f1a4c-3a0e-4f43-b1c1-2f1f0a1d9c11"
PLACE = (PROJECT, "prod", "/apps/payments")
TEXT = f"infisical://{PROJECT}/prod/apps/payments#{NAME}"
OURS = Secret(BEFORE, "Neon", ("neon", "database"), (("owner", "payments"),), False, "Rotate it", 30)


class Secrets:
    """Secrets of one folder, and a token that may write them."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, InfisicalServer(world.clock)
        world.serve(self.state)
        self.state.folders[PLACE] = {NAME: OURS}
        self.token = self.state.add_token()
        self.state.let(self.token, PROJECT, "edit")
        self.environment = {"INFISICAL_URL": self.state.url, "INFISICAL_TOKEN": self.token}

    @property
    def ours(self) -> dict[str, Secret]:
        """What the folder holds."""
        return self.state.folders[PLACE]

    def opened(self, text: str = TEXT) -> Destination:
        """Open a secret as a run does."""
        return FolderSecret(parsed(text), means_of(self.environment))

    def written(self) -> None:
        """Write and confirm."""
        opened = self.opened()
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))


def _arrange(ours: dict[str, Secret], dice: Random) -> None:
    for key in (NAME, f"{NAME}_2", "OTHER"):
        ours[key] = Secret(
            BEFORE,
            dice.choice(["", "Neon's"]),
            tuple(dice.sample(["neon", "database", "prod"], dice.randint(0, 3))),
            tuple((f"key{one}", "x") for one in range(dice.randint(0, 2))),
            dice.choice([None, True, False]),
            dice.choice([None, "Rotate it"]),
            dice.choice([None, 30]),
        )


@contextmanager
def infisical() -> Iterator[Bench]:
    """A folder's secret."""
    with World() as world:
        bench = Secrets(world)
        state, token, ours = bench.state, bench.token, bench.ours

        def write(text: str | None) -> None:
            if text is None:
                del ours[NAME]
            else:
                ours[NAME] = replace(ours.get(NAME, OURS), value=text)

        web = Web(
            world,
            "infisical",
            parsed(TEXT),
            FolderSecret,
            lacks,
            bench.environment,
            blind=lambda: state.let(token, PROJECT, ""),
            gag=lambda: state.let(token, PROJECT, "read"),
            arrange=partial(_arrange, ours),
            beside=lambda: {
                name: replace(one, value="", version=0) if name == NAME else one for name, one in ours.items()
            },
            pretend=state,
            writes="PATCH",
            unseen="destination-not-allowed",
            foretells=False,
        )
        yield Bench(web.opened(), lambda: ours[NAME].value if NAME in ours else None, write, web=web)
