"""A workspace and a variable set of the pretend HCP Terraform, and what writes to their variables."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.hcp_terraform.server import HCPTerraformServer, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.hcp_terraform.system import SERVICE
from rotate.systems.hcp_terraform.variable import Variable as Place
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
OCTO, TOKEN = "octo", "sandbox.atlasv1.0123456789"


class HCPTerraform:
    """A workspace or a variable set with a variable, between others, and a token that may write it."""

    def __init__(self, world: World, kind: str = "workspace", *, sensitive: bool = False) -> None:
        self.world, self.server, self.kind = world, HCPTerraformServer(world.clock), kind
        world.serve(self.server)
        for number in range(120):
            self.server.add("varset", OCTO, f"shared-{number}")
        self.holder = self.server.add(kind, OCTO, "shared")
        self.holder.variables.append(Variable(NAME, BEFORE, sensitive=sensitive))
        self.server.tokens[TOKEN] = {OCTO}
        self.environment = {"TFE_ADDRESS": self.server.url, "TFE_TOKEN": TOKEN}
        self.address = f"hcp-terraform://{OCTO}/{kind}/shared#{NAME}"

    @property
    def here(self) -> Variable | None:
        """The variable itself."""
        wanted = (NAME, "env")
        return next((one for one in self.holder.variables if (one.key, one.category) == wanted), None)

    def opened(self, text: str = "") -> Destination:
        """Open a variable as a run does."""
        return Place(parsed(text or self.address), means_of(self.environment))

    def write(self, text: str | None) -> None:
        """Let somebody else write, or delete it."""
        found = self.here
        if found is None:
            self.holder.variables.append(Variable(NAME, text or ""))
        elif text is None:
            self.holder.variables.remove(found)
        else:
            found.value, found.version = text, secrets.token_hex(16)


def _arrange(ours: HCPTerraform, dice: Random) -> None:
    found = ours.here
    assert found
    found.description = dice.choice([None, "", "Neon's"])
    found.hcl = dice.random() < 1 / 2
    for number in range(dice.randrange(4)):
        category, sensitive, hcl = dice.choice(["env", "terraform"]), dice.random() < 1 / 2, dice.random() < 1 / 2
        ours.holder.variables.insert(0, Variable(f"OTHER_{number}", "other", category, sensitive, hcl))
    ours.holder.variables.insert(0, Variable(NAME, "other", "terraform"))


def _beside(ours: HCPTerraform) -> object:
    return [replace(one, value="", version="") if one is ours.here else one for one in ours.holder.variables]


def _held(ours: HCPTerraform) -> str | None:
    return ours.here.value if ours.here else None


@contextmanager
def hcp_terraform(kind: str, *, sensitive: bool) -> Iterator[Bench]:
    """A variable of a workspace or a variable set."""
    with World() as world:
        ours = HCPTerraform(world, kind, sensitive=sensitive)
        web = Web(
            world,
            "hcp-terraform",
            parsed(ours.address),
            Place,
            SERVICE.lacks,
            ours.environment,
            blind=ours.server.tokens[TOKEN].clear,
            gag=lambda: ours.server.readers.add(TOKEN),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            writes="PATCH",
            says="errors",
        )
        yield Bench(web.opened(), partial(_held, ours), ours.write, web=web, shows="version" if sensitive else "value")
