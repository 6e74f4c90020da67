"""Secrets of one config of the pretend Doppler, and what writes to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.doppler.server import DopplerServer
from rotate.sandbox.doppler.state import Config, Secret
from rotate.sandbox.world import World
from rotate.secret import Secret as Value
from rotate.systems.doppler.secret import ConfigSecret
from rotate.systems.doppler.system import lacks
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Value("napi_new_value_0123456789")
PLACE = ("payments", "prd")
TEXT = f"doppler://payments/prd#{NAME}"


class Secrets:
    """Secrets of one config, and a token that may write them."""

    def __init__(self, world: World, visibility: str = "masked") -> None:
        self.world, self.state = world, DopplerServer(world.clock)
        world.serve(self.state)
        self.state.configs[PLACE] = Config("prd", secrets={NAME: Secret(BEFORE, visibility, "Neon")})
        self.token = self.state.add_token()
        self.state.let(self.token, PLACE, "read/write")
        self.environment = {"DOPPLER_API_HOST": self.state.url, "DOPPLER_TOKEN": self.token}

    @property
    def ours(self) -> dict[str, Secret]:
        """What the config holds itself."""
        return self.state.configs[PLACE].secrets

    def opened(self, text: str = TEXT) -> Destination:
        """Open a secret as a run does."""
        return ConfigSecret(parsed(text), means_of(self.environment))

    def written(self) -> None:
        """Write and confirm."""
        opened = self.opened()
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))


def _arrange(ours: dict[str, Secret], dice: Random) -> None:
    for key in (NAME, f"{NAME}_2", "OTHER"):
        ours[key] = Secret(BEFORE, dice.choice(["masked", "unmasked"]), dice.choice(["", "Neon's"]))


def _crowd(state: DopplerServer, token: str, count: int) -> None:
    """Let the token see other projects before this one."""
    state.let(token, PLACE, "")
    for number in range(count):
        place = (f"another-{number}", "prd")
        state.configs[place] = Config("prd")
        state.let(token, place, "read")
    state.let(token, PLACE, "read/write")


@contextmanager
def doppler() -> Iterator[Bench]:
    """A config's secret."""
    with World() as world:
        bench = Secrets(world)
        state, token, ours = bench.state, bench.token, bench.ours

        def write(text: str | None) -> None:
            if text is None:
                del ours[NAME]
            else:
                ours[NAME] = replace(ours.get(NAME, Secret("")), raw=text)

        web = Web(
            world,
            "doppler",
            parsed(TEXT),
            ConfigSecret,
            lacks,
            bench.environment,
            blind=lambda: state.let(token, PLACE, ""),
            gag=lambda: state.let(token, PLACE, "read"),
            arrange=partial(_arrange, ours),
            beside=lambda: {name: replace(one, raw="" if name == NAME else one.raw) for name, one in ours.items()},
            pretend=state,
            writes="POST",
            foretells=False,
            crowd=partial(_crowd, state, token),
        )
        yield Bench(web.opened(), lambda: ours[NAME].raw if NAME in ours else None, write, web=web)
