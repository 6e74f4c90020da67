"""A service and an environment group of the pretend Render, and what writes to their variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.render.server import RenderServer
from rotate.sandbox.render.state import Holder
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.render.deploys import Deploys
from rotate.systems.render.system import SERVICE
from rotate.systems.render.variable import Variable
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
KEY = "pretend-render-key"
SHOP, WORKER, GROUP = "srv-shop", "srv-worker", "evg-shared"
PLACES = {"id": SHOP, "name": "shop", "group": f"env-group/{GROUP}"}
COMMIT = "a0f64db8"


class Render:
    """A service with a variable, and a group with one, which another service is linked to; both run."""

    def __init__(self, world: World) -> None:
        self.world, self.server = world, RenderServer(world.clock)
        world.serve(self.server)
        self.shop, self.worker = (
            self.server.add(Holder(number, number.partition("-")[2])) for number in (SHOP, WORKER)
        )
        self.group = self.server.add(Holder(GROUP, "shared", links=[WORKER]))
        for one in (self.shop, self.group):
            one.variables[NAME] = BEFORE
        self.server.tokens[KEY] = {SHOP, WORKER, GROUP}
        for one in (self.shop, self.worker):
            made = self.server.deploy(one, world.clock.now(), "new_commit", COMMIT)
            made.steps[:] = ["live"]
        world.advance(7 * 86400)
        self.environment = {"NEON_ROTATE_RENDER_URL": self.server.url, "RENDER_API_KEY": KEY}

    def opened(self, place: str = SHOP, name: str = NAME) -> Destination:
        """Open a variable as a run does."""
        return Variable(parsed(f"render://{place}#{name}"), means_of(self.environment))

    def deploys(self, place: str = SHOP) -> Deploys:
        """Open what starts anew whatever runs with it."""
        return Deploys(parsed(f"render://{place}#{NAME}"), means_of(self.environment))

    @property
    def started(self) -> int:
        """Count the deploys that were asked for."""
        return self.world.ledger.count("POST", "*", "render")


def _arrange(ours: Render, holder: Holder, dice: Random) -> None:
    for number in range(dice.randrange(25)):
        holder.variables[f"OTHER_{number}"] = f"other-value-{number}"
    ours.shop.suspended = dice.random() < 1 / 2


def _beside(ours: Render, holder: Holder) -> object:
    others = {name: text for name, text in holder.variables.items() if name != NAME}
    everybody = [(one.number, set(one.variables), one.suspended, one.links) for one in ours.server.holders.values()]
    return others, everybody


def _crowd(ours: Render, count: int) -> None:
    for number in range(count):
        other = ours.server.add(Holder(f"srv-another{number:04}", f"another-{number}"))
        ours.server.tokens[KEY].add(other.number)


@contextmanager
def render(kind: str) -> Iterator[Bench]:
    """A variable of a service by its id or its name, or of a group."""
    with World() as world:
        ours = Render(world)
        holder = ours.group if kind == "group" else ours.shop

        def write(text: str | None) -> None:
            if text is None:
                del holder.variables[NAME]
            else:
                holder.variables[NAME] = text

        web = Web(
            world,
            "render",
            parsed(f"render://{PLACES[kind]}#{NAME}"),
            Variable,
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.tokens[KEY].clear,
            gag=lambda: ours.server.readers.add(KEY),
            arrange=partial(_arrange, ours, holder),
            beside=partial(_beside, ours, holder),
            pretend=ours,
            crowd=partial(_crowd, ours),
            foretells=False,
        )
        yield Bench(web.opened(), lambda: holder.variables.get(NAME), write, web=web)
