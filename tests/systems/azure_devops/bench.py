"""A variable group of the pretend Azure DevOps that two projects share, and what writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.azure_devops.server import AzureDevOpsServer, Group
from rotate.sandbox.exchange import Json
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.azure_devops.system import SERVICE
from rotate.systems.azure_devops.variable import Variable as Place
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
TOKEN = "not-a-real-pat-0123456789"
ADDRESS = f"azure-devops://octo/payments/production keys#{NAME}"
OTHER: dict[str, dict[str, Json]] = {
    "OTHER_SECRET": {"value": "other secret", "isSecret": True},
    "OTHER_PLAIN": {"value": "other plain", "isReadOnly": True},
}


class AzureDevOps:
    """A group with a variable between others, and a token of one of its administrators."""

    def __init__(self, world: World, *, secret: bool = True) -> None:
        self.world, self.server, self.secret = world, AzureDevOpsServer(world.clock), secret
        world.serve(self.server)
        variables = {**deepcopy(OTHER), NAME: self._entry(BEFORE)}
        self.group = Group(7, "production keys", ["payments", "billing"], variables, description="Keys")
        self.server.groups += [Group(3, "production", ["payments"], deepcopy(OTHER)), self.group]
        self.server.tokens[TOKEN] = {"payments"}
        self.server.touch(self.group)
        self.environment = {"NEON_ROTATE_AZURE_DEVOPS_URL": self.server.url, "AZURE_DEVOPS_EXT_PAT": TOKEN}

    def _entry(self, value: str) -> dict[str, Json]:
        return {"value": value, "isSecret": True} if self.secret else {"value": value}

    @property
    def held(self) -> str | None:
        """What stands there."""
        one = self.group.variables.get(NAME)
        return str(one["value"]) if one else None

    def opened(self, text: str = ADDRESS) -> Destination:
        """Open a variable as a run does."""
        return Place(parsed(text), means_of(self.environment))

    def write(self, text: str | None) -> None:
        """Let somebody else write, or delete it."""
        self.world.advance(LATER.total_seconds())
        if text is None:
            del self.group.variables[NAME]
        else:
            self.group.variables[NAME] = {**self.group.variables.get(NAME, self._entry("")), "value": text}
        self.server.touch(self.group)


def _arrange(ours: AzureDevOps, dice: Random) -> None:
    for number in range(dice.randrange(30)):
        entry: dict[str, Json] = {"value": dice.choice(["", "x", f"value {number}"])}
        flags = {name: dice.random() < 1 / 2 for name in ("isSecret", "isReadOnly") if dice.random() < 1 / 2}
        ours.group.variables[f"MORE_{number}"] = {**entry, **flags}
    ours.group.variables[NAME]["isReadOnly"] = dice.random() < 1 / 2
    ours.group.description = dice.choice(["", "Neon's"])
    ours.group.projects = dice.choice([["payments"], ["payments", "billing", "web"]])


def _beside(ours: AzureDevOps) -> object:
    group = ours.group
    variables = {name: {**one, "value": "" if name == NAME else one["value"]} for name, one in group.variables.items()}
    return variables, group.name, group.description, group.kind, list(group.projects), group.provider


@contextmanager
def azure_devops(*, secret: bool) -> Iterator[Bench]:
    """A variable of a group, which is a secret or not."""
    with World() as world:
        ours = AzureDevOps(world, secret=secret)
        web = Web(
            world,
            "azure-devops",
            parsed(ADDRESS),
            Place,
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.tokens[TOKEN].clear,
            gag=lambda: ours.server.readers.add(TOKEN),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
        )
        yield Bench(web.opened(), lambda: ours.held, ours.write, web=web, shows="version" if secret else "value")
