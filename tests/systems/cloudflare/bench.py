"""A Worker, a Pages project and a store of the pretend Cloudflare, and what writes to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from functools import partial
from random import Random
from typing import Literal

from rotate.address import Address, parsed
from rotate.means import Means
from rotate.ports import Destination
from rotate.sandbox.cloudflare.server import CloudflareServer
from rotate.sandbox.cloudflare.state import HIDDEN, Binding, Config, Kept, Project, Store, Variable, Worker
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.cloudflare.pages import PagesVariable
from rotate.systems.cloudflare.store import StoreSecret
from rotate.systems.cloudflare.system import ACCOUNT as ACCOUNT_ID
from rotate.systems.cloudflare.system import lacks
from rotate.systems.cloudflare.worker import WorkerSecret
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

Kind = Literal["worker", "pages", "store"]
NEW = Secret("napi_new_value_0123456789")
TOKEN, ACCOUNT = "cf-sandbox-token-0123456789", "0123456789abcdef0123456789abcdef"
PLACES = {"worker": "workers/payments", "pages": "pages/shop", "store": "secrets-store/shared"}
OPENS: dict[str, Callable[[Address, Means], Destination]] = {
    "worker": WorkerSecret,
    "pages": PagesVariable,
    "store": StoreSecret,
}
WRITES = {"worker": "PUT", "pages": "PATCH", "store": "PATCH"}


def opens(address: Address, means: Means) -> Destination:
    """Open a place of any kind."""
    kind = next(kind for kind, place in PLACES.items() if address.where.startswith(place.partition("/")[0]))
    return OPENS[kind](address, means)


class Cloudflare:
    """One place of each kind, each with the value, and a token that may write all of them."""

    def __init__(self, world: World, *, plain: bool = False) -> None:
        self.world, self.server = world, CloudflareServer(world.clock)
        world.serve(self.server)
        self.kind = "plain_text" if plain else HIDDEN
        self.worker, self.project, self.store = Worker(), Project("shop"), Store("shared")
        self.server.workers.all["payments"] = self.worker
        self.server.pages.all["shop"] = self.project
        self.server.stores.all += [*(Store(f"other-{number}") for number in range(25)), self.store]
        self.store.secrets += [self._kept(f"OTHER_{number}", f"beside {NAME}") for number in range(25)]
        self.server.tokens[TOKEN] = {ACCOUNT}
        self.environment = {
            "CLOUDFLARE_API_BASE_URL": self.server.url,
            "CLOUDFLARE_API_TOKEN": TOKEN,
            ACCOUNT_ID: ACCOUNT,
        }
        for kind in OPENS:
            self.write(kind, BEFORE)
        world.advance(7 * 86400)

    @property
    def config(self) -> Config:
        """The production of the project."""
        return self.project.configs["production"]

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self.world.clock.now()

    def opened(self, kind: str, name: str = NAME, query: str = "") -> Destination:
        """Open a place as a run does."""
        return self.opened_at(f"cloudflare://{PLACES[kind]}{query}#{name}")

    def opened_at(self, address: str) -> Destination:
        """Open what an address says."""
        return opens(parsed(address), means_of(self.environment))

    def held(self, kind: str) -> str | None:
        """Give what stands there."""
        if kind == "worker":
            return next((one.text for one in self.worker.bindings if one.name == NAME), None)
        if kind == "pages":
            variable = self.config.variables.get(NAME)
            return variable.value if variable else None
        return next((one.value for one in self.store.secrets if one.name == NAME), None)

    def write(self, kind: str, text: str | None) -> None:
        """Let somebody else write, or delete it."""
        if kind == "worker":
            self.worker.bindings = [one for one in self.worker.bindings if one.name != NAME]
            self.worker.bindings += [] if text is None else [Binding(NAME, text=text)]
            self.worker.upload(deployed=True)
        elif kind == "pages":
            self.config.variables.pop(NAME, None)
            self.config.variables |= {} if text is None else {NAME: Variable(text, self.kind)}
        else:
            before = next((one for one in self.store.secrets if one.name == NAME), self._kept(NAME))
            self.store.secrets = [one for one in self.store.secrets if one is not before]
            before.value, before.modified = text or "", self.now
            self.store.secrets += [] if text is None else [before]

    def _kept(self, name: str, comment: str = "") -> Kept:
        return Kept(name, "other", self.now, self.now, comment=comment)


def _arrange(ours: Cloudflare, dice: Random) -> None:
    for number in range(dice.randrange(5)):
        kind = dice.choice([HIDDEN, "plain_text"])
        ours.worker.bindings.insert(0, Binding(f"OTHER_{number}", kind, f"text {number}"))
        ours.worker.bindings.append(Binding(f"KV_{number}", "kv_namespace", more={"namespace_id": str(number)}))
        for config in ours.project.configs.values():
            config.variables[f"OTHER_{number}"] = Variable(f"value {number}", kind)
            config.kv[f"KV_{number}"] = str(number)
    ours.project.configs["preview"].variables[NAME] = Variable("of the preview", dice.choice([HIDDEN, "plain_text"]))
    ours.project.configs["preview"].file = dice.choice([None, "0123"])
    if ours.kind == HIDDEN:
        ours.config.file = dice.choice([None, "4567"])
    for kept in ours.store.secrets:
        kept.scopes, kept.comment = dice.choice([["workers"], ["workers", "ai_gateway"]]), dice.choice(["", NAME])


def _beside(ours: Cloudflare) -> object:
    seen = deepcopy((ours.worker.bindings, ours.project.configs, ours.store.secrets))
    for binding in seen[0]:
        binding.text = "" if binding.name == NAME else binding.text
    if NAME in seen[1]["production"].variables:
        seen[1]["production"].variables[NAME].value = ""
    for kept in seen[2]:
        if kept.name == NAME:
            kept.value, kept.modified = "", kept.created
    return seen


def _crowd(ours: Cloudflare, count: int) -> None:
    for number in range(count):
        ours.server.workers.all[f"another-{number}"] = Worker()
    others = {f"another-{number}": Project(f"another-{number}") for number in range(count)}
    ours.server.pages.all = {**others, **ours.server.pages.all}


@contextmanager
def cloudflare(kind: Kind, *, plain: bool = False) -> Iterator[Bench]:
    """A secret of a Worker, a variable of a Pages project, or a secret of a store."""
    with World() as world:
        ours = Cloudflare(world, plain=plain)

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            ours.write(kind, text)

        web = Web(
            world,
            "cloudflare",
            parsed(f"cloudflare://{PLACES[kind]}#{NAME}"),
            opens,
            lambda said: lacks({ACCOUNT_ID: ACCOUNT, **said}),
            ours.environment,
            blind=ours.server.tokens[TOKEN].clear,
            gag=lambda: ours.server.readers.add(TOKEN),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            crowd=partial(_crowd, ours),
            writes=WRITES[kind],
            says="errors",
            unseen="destination-not-allowed",
            foretells=False,
        )
        shows: Literal["value", "time", "nothing"] = "time" if kind == "store" else "value" if plain else "nothing"
        yield Bench(web.opened(), partial(ours.held, kind), write, web=web, shows=shows)
