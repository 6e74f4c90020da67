"""A site of the pretend Netlify, and what writes to its variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.means import Means
from rotate.ports import Destination
from rotate.sandbox.netlify.server import NetlifyServer
from rotate.sandbox.netlify.state import Site, Value, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.netlify.system import SERVICE
from rotate.systems.netlify.variable import Variable as Place
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
ACCOUNT, SITE = "octo", "payments"
HERE = f"netlify://{ACCOUNT}/{SITE}?context=production#{NAME}"
TOKEN = "netlify_sandbox_0123456789"


class Netlify:
    """A site between others, a variable with a value for the production and one for `dev`, and a token for both."""

    def __init__(self, world: World, *, secret: bool = False) -> None:
        self.world, self.server = world, NetlifyServer(world.clock)
        world.serve(self.server)
        self.server.tokens[TOKEN] = {ACCOUNT}
        self.environment = {"NETLIFY_API_URL": self.server.url, "NETLIFY_AUTH_TOKEN": TOKEN}
        for name in (f"{SITE}-old", f"the-{SITE}"):
            self.server.add(Site(ACCOUNT, name))
        self.site = Site(ACCOUNT, SITE)
        scopes = ["builds", "functions", "runtime"]
        values = [Value(BEFORE, "production"), Value("for-dev", "dev")]
        self.variable = Variable(NAME, values, world.clock.now(), scopes, is_secret=secret)
        self.server.variables[ACCOUNT, self.site.number] = self.variables = [self.variable]
        self.server.variables[ACCOUNT, ""] = []
        self.server.add(self.site)
        world.advance(7 * 86400)

    def means(self) -> Means:
        """Give what a run opens its destinations with."""
        return means_of(self.environment)

    def opened(self, text: str = HERE, means: Means | None = None) -> Destination:
        """Open a variable as a run does."""
        return Place(parsed(text), means or self.means())

    def written(self, text: str = HERE) -> None:
        """Write and confirm."""
        opened = self.opened(text)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))

    def write(self, text: str | None) -> None:
        """Let somebody else write the value for the production some seconds later, or remove it."""
        self.world.advance(LATER.total_seconds())
        if text is None:
            self.variable.values.remove(self.production)
        else:
            self.variable.set(text, "production")
        self.variable.updated_at = self.world.clock.now()

    @property
    def production(self) -> Value:
        """Give the value for the production."""
        found = self.variable.of("production")
        assert found
        return found


def _arrange(ours: Netlify, dice: Random) -> None:
    for context, parameter in (("branch-deploy", ""), ("deploy-preview", ""), ("branch", "main"), ("branch", "feat/x")):
        if dice.random() < 1 / 2:
            ours.variable.set(f"value-{dice.random()}", context, parameter)
    ours.variable.scopes = dice.sample(["builds", "functions", "runtime"], dice.randrange(1, 4))
    for number in range(dice.randrange(5)):
        values = [Value(f"other-{number}", dice.choice(["all", "production"]))]
        for holder in (ours.site.number, ""):
            others = ours.server.variables[ACCOUNT, holder]
            others.append(Variable(f"{NAME}_{number}", list(values), ours.world.clock.now()))


def _beside(ours: Netlify) -> object:
    return {
        (holder, one.key): (one.scopes, one.is_secret, [two for two in one.values if two is not mine])
        for mine in [ours.variable.of("production")]
        for holder, variables in ours.server.variables.items()
        for one in variables
    }


def _crowd(ours: Netlify, count: int) -> None:
    ours.server.sites[:0] = [Site(ACCOUNT, f"another-{number}") for number in range(count)]


@contextmanager
def netlify(*, secret: bool) -> Iterator[Bench]:
    """The value for the production in a variable of a site."""
    with World() as world:
        ours = Netlify(world, secret=secret)

        def held() -> str | None:
            one = ours.variable.of("production")
            return one.value if one else None

        web = Web(
            world,
            "netlify",
            parsed(HERE.replace(SITE, ours.site.number)),
            Place,
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.tokens[TOKEN].clear,
            gag=lambda: ours.server.readers.add(TOKEN),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours.server,
            crowd=partial(_crowd, ours),
            found=HERE,
            writes="PATCH",
            foretells=False,
        )
        yield Bench(web.opened(), held, ours.write, web=web, shows="time" if secret else "value")
