"""Variables of the pretend Railway, and what writes to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Literal

from rotate.address import parsed
from rotate.sandbox.exchange import Reply, Request
from rotate.sandbox.railway.server import RailwayServer
from rotate.sandbox.railway.state import SHARED, Environment, Token, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.railway.system import SERVICE
from rotate.systems.railway.variable import Variable as Destination
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
OF_SERVICE, OF_ALL = f"railway://payments/production/api#{NAME}", f"railway://payments/production#{NAME}"


class Railway:
    """An environment with two services, and a token of each kind that may write there."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, RailwayServer(world.clock)
        world.serve(self.state)
        self.project = self.state.add_project("payments")
        self.staging = self.state.add_environment(self.project, "staging")
        self.environment = self.state.add_environment(self.project, "production")
        self.api, self.worker = map(self.where.add_service, ("api", "the worker"))
        self.state.write(self.environment, self.api, NAME, BEFORE)
        self.of_project = Token(self.environment)
        self.of_account = Token(workspaces=["workspace-0", "workspace-1"])
        self.address = {"NEON_ROTATE_RAILWAY_URL": self.state.url}
        self.by_project = {**self.address, "RAILWAY_TOKEN": self.state.add_token(self.of_project)}
        self.by_account = {**self.address, "RAILWAY_API_TOKEN": self.state.add_token(self.of_account)}

    @property
    def where(self) -> Environment:
        """The environment."""
        return self.state.environments[self.environment]

    def ours(self, service: str) -> dict[str, Variable]:
        """Give the variables of a service, or the shared ones."""
        return self.where.variables[service]

    def seal(self, service: str) -> None:
        """Put the variable there, sealed, a week ago."""
        self.state.write(self.environment, service, NAME, BEFORE)
        self.ours(service)[NAME].sealed = True
        self.world.advance(7 * 86400)

    def told(self, document: str, data: object) -> None:
        """Let one kind of question be answered with such data."""
        real = self.state.answer

        def answer(request: Request) -> Reply:
            asked = json.loads(request.body)["query"].partition("{")[0].partition("(")[0]
            return Reply.of(200, {"data": data}) if asked.split()[1] == document else real(request)

        self.state.answer = answer  # type: ignore[method-assign]

    def opened(self, text: str = OF_SERVICE, environment: dict[str, str] | None = None) -> Destination:
        """Open a variable as a run does."""
        return Destination(parsed(text), means_of(self.by_project if environment is None else environment))

    def written(self, text: str = OF_SERVICE) -> None:
        """Write and confirm."""
        opened = self.opened(text)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))


def _arrange(ours: Railway, service: str, dice: Random) -> None:
    for of in ours.where.variables:
        for number in range(dice.randrange(5)):
            ours.state.write(ours.environment, of, f"OTHER_{number}", dice.choice(["", "x", "${{shared.BASE}}"]))
            ours.ours(of)[f"OTHER_{number}"].sealed = dice.random() < 1 / 4
    ours.state.page = dice.choice([1, 2, 50])
    ours.state.deploy(ours.environment, ours.worker, "SUCCESS")
    del service


def _beside(ours: Railway, service: str) -> object:
    rows = {of: dict(rows) for of, rows in ours.where.variables.items()}
    one = rows[service].pop(NAME)
    return [rows, one.sealed, len(ours.where.deployments), ours.state.environments[ours.staging].variables]


def _crowd(ours: Railway, count: int) -> None:
    before = dict(ours.state.projects)
    ours.state.projects.clear()
    for number in range(count):
        ours.state.add_project(f"another-{number}")
    ours.state.projects |= before


@contextmanager
def railway(kind: Literal["service", "sealed"]) -> Iterator[Bench]:
    """A service's variable, by an account's token; or a sealed one that is shared, by the token of the project."""
    with World() as world:
        ours = Railway(world)
        of_service = kind == "service"
        service, environment = (ours.api, ours.by_account) if of_service else (SHARED, ours.by_project)
        token = ours.of_account if of_service else ours.of_project
        if not of_service:
            ours.state.write(ours.environment, ours.api, NAME, "another value")
            ours.seal(SHARED)

        def held() -> str | None:
            one = ours.ours(service).get(NAME)
            return one.value if one else None

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            if text is None:
                del ours.ours(service)[NAME]
            else:
                sealed = not of_service
                ours.state.write(ours.environment, service, NAME, text)
                ours.ours(service)[NAME].sealed = sealed

        def blind() -> None:
            token.workspaces.clear()
            token.environment = ours.staging if token.environment else ""

        web = Web(
            world,
            "railway",
            parsed(OF_SERVICE if of_service else OF_ALL),
            Destination,
            SERVICE.lacks,
            environment,
            blind=blind,
            gag=lambda: setattr(token, "writes", False),
            arrange=partial(_arrange, ours, service),
            beside=partial(_beside, ours, service),
            pretend=ours,
            crowd=partial(_crowd, ours),
            writes="POST",
            unseen="destination-absent" if of_service else "destination-not-allowed",
            foretells=False,
        )
        yield Bench(web.opened(), held, write, web=web, shows="value" if of_service else "time")
