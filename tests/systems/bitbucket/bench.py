"""Holders of the pretend Bitbucket, and what writes to their variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import Literal

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.bitbucket.server import EDIT, BitbucketServer, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.bitbucket.system import SERVICE
from rotate.systems.bitbucket.variable import Variable as Place
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

Kind = Literal["repository", "workspace", "deployment"]
NEW = Secret("napi_new_value_0123456789")
TOKEN = "ATCTT3-not-a-real-token"
PLACES = {
    "repository": "octo/payments",
    "workspace": "octo",
    "deployment": "octo/payments/Production",
}


class Bitbucket:
    """One holder of each kind, and a token that may edit variables. `holder`: ours, with a variable behind others."""

    def __init__(self, world: World, kind: Kind = "repository", *, secured: bool = True) -> None:
        self.world, self.server, self.kind = world, BitbucketServer(world.clock), kind
        world.serve(self.server)
        names = [*(f"Stage {one}" for one in range(12)), "Production"]
        repository = self.server.add_repository("octo", "payments", *names)
        workspace = self.server.add_workspace("octo")
        holders = {"repository": repository, "workspace": workspace, "deployment": repository.environments[-1]}
        self.holder = holders[kind]
        self.holder.variables += [Variable(f"OTHER_{number}", f"other {number}") for number in range(12)]
        self.holder.variables.append(Variable(NAME, BEFORE, secured))
        self.server.tokens[TOKEN] = ["pipeline", EDIT]
        self.environment = {"NEON_ROTATE_BITBUCKET_URL": self.server.url, "BITBUCKET_TOKEN": TOKEN}
        self.secured = secured

    @property
    def here(self) -> Variable | None:
        """The variable itself."""
        return next((one for one in self.holder.variables if one.key == NAME), None)

    @property
    def held(self) -> str | None:
        """Its value."""
        return self.here.value if self.here else None

    def opened(self, name: str = NAME, **more: str) -> Destination:
        """Open a variable as a run does."""
        address = parsed(f"bitbucket://{self.kind}/{PLACES[self.kind]}#{name}")
        return Place(address, means_of({**self.environment, **more}))

    def write(self, text: str | None) -> None:
        """Let somebody else write, or delete it."""
        found = self.here
        if found is None:
            self.holder.variables.append(Variable(NAME, text or "", self.secured))
        elif text is None:
            self.holder.variables.remove(found)
        else:
            found.value = text


def _arrange(ours: Bitbucket, dice: Random) -> None:
    for number in range(dice.randrange(120)):
        one = Variable(f"MORE_{number}", f"more {number}", dice.random() < 1 / 2)
        ours.holder.variables.insert(dice.randrange(len(ours.holder.variables)), one)


def _beside(ours: Bitbucket) -> object:
    return [replace(one, value="") if one is ours.here else replace(one) for one in ours.holder.variables]


@contextmanager
def bitbucket(kind: Kind, *, secured: bool) -> Iterator[Bench]:
    """A variable of a repository, of a workspace or of a deployment environment."""
    with World() as world:
        ours = Bitbucket(world, kind, secured=secured)
        web = Web(
            world,
            "bitbucket",
            parsed(f"bitbucket://{kind}/{PLACES[kind]}#{NAME}"),
            Place,
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.sees.clear,
            gag=lambda: ours.server.tokens[TOKEN].remove(EDIT),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            says="error",
        )
        yield Bench(web.opened(), lambda: ours.held, ours.write, web=web, shows="nothing" if secured else "value")
