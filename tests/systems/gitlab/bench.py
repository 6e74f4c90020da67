"""Variables of one place of the pretend GitLab, and what writes to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from rotate.address import parsed
from rotate.ports import Destination, Notebook
from rotate.sandbox.gitlab.server import GitLabServer
from rotate.sandbox.gitlab.state import Role, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.notes import KeptNotes
from rotate.systems.gitlab.notes import Variables as Notes
from rotate.systems.gitlab.system import SERVICE
from rotate.systems.gitlab.variable import Variable as Place
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
PROJECT, GROUP, INSTANCE = "project/octo/sub/payments", "group/octo", "instance"
ROLES: dict[str, Role] = {PROJECT: "maintainer", GROUP: "owner", INSTANCE: "admin"}


def served(world: World) -> GitLabServer:
    """Let a GitLab answer beside the world."""
    server = GitLabServer(world.clock)
    world.serve(server)
    return server


class Variables:
    """Variables of one place, and a token that may manage them."""

    def __init__(self, world: World, place: str = PROJECT, **flags: Any) -> None:
        self.world, self.state, self.place = world, served(world), place
        if place != INSTANCE:
            self.number = self.state.add_place(place)
        self.token = self.state.add_token()
        self.state.let(self.token, place, ROLES[place])
        self.state.set_variable(place, Variable(NAME, BEFORE, **flags))
        self.environment = {"GITLAB_URL": self.state.url, "GITLAB_TOKEN": self.token}

    def opened(self, text: str = "") -> Destination:
        """Open a variable as a run does."""
        return Place(parsed(text or f"gitlab://{self.place}#{NAME}"), means_of(self.environment))

    def written(self, text: str = "") -> Destination:
        """Write and confirm."""
        opened = self.opened(text)
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))
        return opened


def seeded(web: Web) -> GitLabServer:
    """Give the pretend GitLab of a bench."""
    assert isinstance(web.pretend, GitLabServer)
    return web.pretend


def _arrange(state: GitLabServer, dice: Random) -> None:
    for key in (NAME, f"{NAME}_2", "OTHER"):
        for scope in ("*", "production", "review/*"):
            flags = {name: dice.random() < 1 / 2 for name in ("masked", "protected", "raw")}
            kind, more = dice.choice(["env_var", "file"]), dice.choice([None, "", "Neon's"])
            state.set_variable(PROJECT, Variable(key, BEFORE, scope, variable_type=kind, description=more, **flags))


def _crowd(state: GitLabServer, token: str, count: int) -> None:
    """Let the token see other projects before this one."""
    state.forbid(token, PROJECT)
    for number in range(count):
        place = f"project/octo/other-{number}"
        state.add_place(place)
        state.let(token, place, "maintainer")
    state.let(token, PROJECT, "maintainer")


def _beside(state: GitLabServer) -> object:
    ours = state.variable(PROJECT, NAME)
    return [replace(one, value="") if one is ours else one for one in state.variables(PROJECT)]


@contextmanager
def gitlab() -> Iterator[Bench]:
    """A project's variable for every environment, beside others."""
    with World() as world:
        ours = Variables(world, masked=True, protected=True, description="Neon")
        state, token = ours.state, ours.token

        def held() -> str | None:
            one = state.variable(PROJECT, NAME)
            return one.value if one else None

        def write(text: str | None) -> None:
            one = state.variable(PROJECT, NAME) or Variable(NAME, "")
            if text is None:
                state.delete_variable(PROJECT, NAME)
            else:
                state.set_variable(PROJECT, replace(one, value=text))

        web = Web(
            world,
            "gitlab",
            parsed(f"gitlab://{PROJECT}#{NAME}"),
            Place,
            SERVICE.lacks,
            ours.environment,
            blind=lambda: state.forbid(token, PROJECT),
            gag=lambda: state.narrow(token, "read_api"),
            arrange=partial(_arrange, state),
            beside=partial(_beside, state),
            pretend=state,
            crowd=partial(_crowd, state, token),
        )

        def another() -> Notebook:
            return KeptNotes(Notes(web.address, means_of(web.environment)))

        yield Bench(web.opened(), held, write, another, web=web)
