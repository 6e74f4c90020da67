"""A context and a project of the pretend CircleCI, and what writes to their variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Literal

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.circleci.server import CircleCIServer, Holder
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.circleci.system import SERVICE
from rotate.systems.circleci.variables import ContextVariable, ProjectVariable
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
OWNER, CONTEXT, PROJECT = "gh/octo", "gh/octo/deploy", "gh/octo/payments"
TOKEN = "CCIPAT_sandbox0123456789"
OPENS = {"context": ContextVariable, "project": ProjectVariable}
PLACES = {"context": CONTEXT, "project": PROJECT}


class CircleCI:
    """A context and a project, between others, and a token that may write both."""

    def __init__(self, world: World) -> None:
        self.world, self.server = world, CircleCIServer(world.clock)
        world.serve(self.server)
        self.context, self.project = Holder("deploy"), Holder(PROJECT)
        self.server.contexts[OWNER] = [Holder(f"other-{number}") for number in range(25)] + [self.context]
        self.server.projects[PROJECT] = self.project
        self.server.tokens[TOKEN] = {OWNER}
        self.environment = {"CIRCLECI_URL": self.server.url, "CIRCLECI_TOKEN": TOKEN}
        for holder in (self.context, self.project):
            self.server.set(holder, NAME, BEFORE)
        world.advance(7 * 86400)

    def opened(self, kind: str, name: str = NAME) -> Destination:
        """Open a variable as a run does."""
        return OPENS[kind](parsed(f"circleci://{kind}/{PLACES[kind]}#{name}"), means_of(self.environment))


def _arrange(ours: CircleCI, holder: Holder, dice: Random) -> None:
    for number in range(dice.randrange(25)):
        ours.server.set(holder, f"OTHER_{number}", f"other-value-{number}")
    kinds = ("project", "expression", "group")
    holder.restrictions[:] = [{"restriction_type": dice.choice(kinds)} for _ in range(dice.randrange(3))]


def _beside(holder: Holder) -> object:
    others = {name: (one.value, one.updated_at) for name, one in holder.variables.items() if name != NAME}
    return others, list(holder.restrictions), set(holder.variables)


@contextmanager
def circleci(kind: Literal["context", "project"]) -> Iterator[Bench]:
    """A variable of a context, or of a project."""
    with World() as world:
        ours = CircleCI(world)
        holder = ours.context if kind == "context" else ours.project

        def held() -> str | None:
            one = holder.variables.get(NAME)
            return one.value if one else None

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            if text is None:
                del holder.variables[NAME]
            else:
                ours.server.set(holder, NAME, text)

        web = Web(
            world,
            "circleci",
            parsed(f"circleci://{kind}/{PLACES[kind]}#{NAME}"),
            OPENS[kind],
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.tokens[TOKEN].clear,
            gag=lambda: ours.server.readers.add(TOKEN),
            arrange=partial(_arrange, ours, holder),
            beside=partial(_beside, holder),
            pretend=ours.server,
            writes="PUT" if kind == "context" else "POST",
            foretells=False,
        )
        yield Bench(web.opened(), held, write, web=web, shows="time" if kind == "context" else "tail")
