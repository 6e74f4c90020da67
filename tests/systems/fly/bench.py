"""Secrets of one app of the pretend Fly.io, and what writes to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.fly.server import App, FlyServer, Machine
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.fly.app_secret import AppSecret
from rotate.systems.fly.system import lacks
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
APP = "octo-payments"
TEXT = f"fly://{APP}#{NAME}"
TOKEN = "fm2_sandbox0123456789"


class Secrets:
    """Secrets of one app with two Machines, and a token that may write them."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, FlyServer(world.clock)
        world.serve(self.state)
        self.app = self.state.apps[APP] = App(APP, machines=[Machine("m1", checks=["passing"]), Machine("m2")])
        self.state.set(self.app, NAME, BEFORE)
        self.state.tokens[TOKEN] = "write"
        self.environment = {"FLY_FLAPS_BASE_URL": self.state.url, "FLY_API_TOKEN": TOKEN, "FLY_ORG": "octo"}
        world.advance(7 * 86400)

    def opened(self, **more: str) -> Destination:
        """Open a secret as a run does."""
        return AppSecret(parsed(TEXT), means_of({**self.environment, **more}))


def seeded(web: Web) -> App:
    """Give the app of a bench."""
    assert isinstance(web.pretend, FlyServer)
    return web.pretend.apps[APP]


@contextmanager
def fly() -> Iterator[Bench]:
    """An app's secret."""
    with World() as world:
        bench = Secrets(world)
        state, app = bench.state, bench.app

        def held() -> str | None:
            return app.secrets[NAME][0] if NAME in app.secrets else None

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            state.set(app, NAME, text)

        def arrange(dice: Random) -> None:
            for number in range(dice.randrange(5)):
                state.set(app, f"OTHER_{number}", dice.choice([BEFORE, "", "$X"]))

        web = Web(
            world,
            "fly",
            parsed(TEXT),
            AppSecret,
            lacks,
            bench.environment,
            blind=lambda: state.hidden.add(APP),
            gag=lambda: state.tokens.update({TOKEN: "read"}),
            arrange=arrange,
            beside=lambda: ({k: v for k, v in app.secrets.items() if k != NAME}, [one.config for one in app.machines]),
            pretend=state,
            writes="POST",
            at="*/secrets/*",
            says="error",
            foretells=False,
        )
        yield Bench(web.opened(), held, write, web=web, shows="time")
