"""Projects of the pretend Vercel, and what writes to their variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Deployment, Destination
from rotate.sandbox.exchange import Json
from rotate.sandbox.vercel.server import VercelServer
from rotate.sandbox.vercel.state import TARGETS, Project, Variable
from rotate.sandbox.vercel.state import Deployment as Deployed
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.vercel.production import Production
from rotate.systems.vercel.system import SERVICE
from rotate.systems.vercel.variables import opened
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
TEAM, PROJECT, TOKEN = "team_octo", "payments", "vercel-sandbox-0123456789"
HERE = f"vercel://{PROJECT}?target=production#{NAME}"
SHARED = f"vercel://team/shared?target=production#{NAME}"
COMMIT: dict[str, Json] = {"type": "github", "repoId": 42, "ref": "main", "sha": "a94a8fe5"}


class Vercel:
    """A team with a project that runs in production, a variable in it, and a token that may write that."""

    def __init__(self, world: World, kind: str = "encrypted") -> None:
        self.world, self.server = world, VercelServer(world.clock)
        world.serve(self.server)
        self.server.tokens[TOKEN] = {"", TEAM}
        self.environment = {
            "NEON_ROTATE_VERCEL_URL": self.server.url,
            "VERCEL_TOKEN": TOKEN,
            "VERCEL_TEAM_ID": TEAM,
        }
        self.project = Project(PROJECT, TEAM)
        self.variable = Variable(NAME, BEFORE, type=kind, updated=self.server.now())
        self.project.variables.append(self.variable)
        first = Deployed("dpl_first", self.server.now(), {**COMMIT, "prId": None})
        self.project.deployments.append(first)
        self.server.projects += [Project("other", TEAM), self.project, Project(PROJECT, "")]
        self.server.shared[TEAM] = []
        world.advance(7 * 86400)

    def opened(self, text: str = HERE, **more: str) -> Destination:
        """Open a variable as a run does."""
        return opened(parsed(text), means_of({**self.environment, **more}))

    def deployment(self, text: str = HERE) -> Deployment:
        """Open what starts anew whatever uses a variable."""
        return Production(parsed(text), means_of(self.environment))

    def written(self, text: str = HERE) -> None:
        """Write and confirm."""
        place = self.opened(text)
        before = place.observe()
        place.confirm(before, place.put(NEW))

    def write(self, text: str | None) -> None:
        """Let somebody else write some seconds later, or delete it."""
        self.world.advance(LATER.total_seconds())
        found = self.here
        if found:
            self.project.variables.remove(found)
        if text is not None:
            new = replace(found or self.variable, value=text, updated=self.server.now())
            self.project.variables.append(new)

    @property
    def here(self) -> Variable | None:
        """The variable itself."""
        ours = (one for one in self.project.variables if one.key == NAME and "production" in one.target)
        return next(ours, None)


def _arrange(ours: Vercel, dice: Random) -> None:
    ours.variable.target = ["production", *(one for one in TARGETS[1:] if dice.random() < 1 / 2)]
    dice.shuffle(ours.variable.target)
    custom: list[Json] = [f"env_{number}" for number in range(dice.randrange(3))]
    ours.variable.also = {"comment": dice.choice(["", "Neon's"]), "customEnvironmentIds": custom}
    for number in range(dice.randrange(30)):
        kind = dice.choice(["plain", "encrypted", "sensitive"])
        ours.project.variables.insert(0, Variable(f"OTHER_{number}", "other", type=kind))
    branch = Variable(NAME, "other", ["preview"], also={"gitBranch": "main"})
    ours.project.variables.insert(0, branch)


def _beside(ours: Vercel) -> object:
    return [replace(one, value="", updated=0) if one is ours.here else one for one in ours.project.variables]


def _held(ours: Vercel) -> str | None:
    return ours.here.value if ours.here else None


def _crowd(ours: Vercel, count: int) -> None:
    ours.server.projects[:0] = [Project(f"another-{number}", TEAM) for number in range(count)]


@contextmanager
def vercel(kind: str) -> Iterator[Bench]:
    """A variable of a project for its production."""
    with World() as world:
        ours = Vercel(world, kind)
        web = Web(
            world,
            "vercel",
            parsed(HERE),
            opened,
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.projects.clear,
            gag=lambda: ours.server.readers.add(TOKEN),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            crowd=partial(_crowd, ours),
            writes="PATCH",
            says="error",
            foretells=False,
        )
        yield Bench(
            web.opened(), partial(_held, ours), ours.write, web=web, shows="time" if kind == "sensitive" else "value"
        )
