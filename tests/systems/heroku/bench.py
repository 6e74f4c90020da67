"""Config vars of one app of the pretend Heroku, and what writes to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.heroku.server import HerokuServer
from rotate.sandbox.heroku.state import READ, App
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.heroku.system import SERVICE
from rotate.systems.heroku.variable import ConfigVar
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
APP = "octo-payments"
TEXT = f"heroku://{APP}#{NAME}"


class Vars:
    """Config vars of one app, and a token that may set them."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, HerokuServer(world.clock)
        world.serve(self.state)
        self.app: App = self.state.add_app(APP)
        self.state.set(self.app, {NAME: BEFORE})
        self.token = self.state.add_token()
        self.environment = {"NEON_ROTATE_HEROKU_URL": self.state.url, "HEROKU_API_KEY": self.token}

    def opened(self, text: str = TEXT) -> Destination:
        """Open a config var as a run does."""
        return ConfigVar(parsed(text), means_of(self.environment))


def seeded(web: Web) -> App:
    """Give the app of a bench."""
    assert isinstance(web.pretend, HerokuServer)
    return web.pretend.apps[APP]


def _arrange(state: HerokuServer, dice: Random) -> None:
    names = ("OTHER", f"{NAME}_2", "EMPTY", "DATABASE_URL")
    state.set(state.apps[APP], {name: dice.choice(["", BEFORE, "$NEON_API_KEY", "ä\n"]) for name in names})
    state.apps[APP].addons = {"postgresql-curved-1": ["DATABASE_URL"]}


@contextmanager
def heroku() -> Iterator[Bench]:
    """An app's config var."""
    with World() as world:
        bench = Vars(world)
        state, app = bench.state, bench.app
        web = Web(
            world,
            "heroku",
            parsed(TEXT),
            ConfigVar,
            SERVICE.lacks,
            bench.environment,
            blind=lambda: state.hidden.add(APP),
            gag=lambda: state.tokens.update({bench.token: {READ}}),
            arrange=partial(_arrange, state),
            beside=lambda: ({name: text for name, text in app.variables.items() if name != NAME}, dict(app.addons)),
            pretend=state,
            crowd=lambda count: [state.add_app(f"another-{number}") for number in range(count)].clear(),
            writes="PATCH",
            foretells=False,
            unseen="destination-not-allowed",
        )
        yield Bench(web.opened(), lambda: app.variables.get(NAME), lambda text: state.set(app, {NAME: text}), web=web)
