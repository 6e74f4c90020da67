"""A cluster of the pretend Buildkite, and what writes to its secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.buildkite.server import BuildkiteServer, Cluster, Token
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.buildkite.secrets import ClusterSecret
from rotate.systems.buildkite.system import SERVICE
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
OCTO = "octo"
TOKEN = "bkua_sandbox0123456789"
SCOPES = frozenset({"read_organizations", "read_clusters", "read_secrets_details", "write_secrets"})


class Buildkite:
    """A cluster with a secret, between others, and a token that may write it."""

    def __init__(self, world: World) -> None:
        self.world, self.server = world, BuildkiteServer(world.clock)
        world.serve(self.server)
        for number in range(101):
            self.server.add(OCTO, f"other-{number}")
        self.cluster: Cluster = self.server.add(OCTO, "deploy")
        self.token = self.server.tokens[TOKEN] = Token({OCTO}, set(SCOPES))
        self.environment = {"NEON_ROTATE_BUILDKITE_URL": self.server.url, "BUILDKITE_API_TOKEN": TOKEN}
        self.server.set(self.cluster, NAME, BEFORE)
        world.advance(7 * 86400)

    @property
    def address(self) -> str:
        """The secret's address, its cluster by its id."""
        return f"buildkite://{OCTO}/{self.cluster.number}#{NAME}"

    def opened(self, text: str = "") -> Destination:
        """Open a secret as a run does."""
        return ClusterSecret(parsed(text or self.address), means_of(self.environment))

    def held(self) -> str | None:
        """Give what stands there."""
        found = self.cluster.secrets.get(NAME)
        return found.value if found else None

    def write(self, text: str | None) -> None:
        """Let somebody else write some seconds later, or delete it."""
        self.world.advance(LATER.total_seconds())
        if text is None:
            del self.cluster.secrets[NAME]
        else:
            self.server.set(self.cluster, NAME, text)


def _arrange(ours: Buildkite, dice: Random) -> None:
    for number in range(dice.randrange(120)):
        ours.server.set(ours.cluster, f"OTHER_{number}", f"other-value-{number}")
    for one in ours.cluster.secrets.values():
        one.description = dice.choice([None, "", "Neon's"])
        one.policy = dice.choice([None, "- pipeline_slug: payments\n  build_branch: main"])
    if dice.random() < 1 / 2:  # its own place in the list may be on another page
        ours.cluster.secrets[NAME] = ours.cluster.secrets.pop(NAME)


def _beside(ours: Buildkite) -> object:
    rows = list(ours.cluster.secrets.values())
    return [replace(one, value="", updated_at=one.created_at) if one.key == NAME else replace(one) for one in rows]


@contextmanager
def buildkite() -> Iterator[Bench]:
    """A secret of a cluster."""
    with World() as world:
        ours = Buildkite(world)
        web = Web(
            world,
            "buildkite",
            parsed(ours.address),
            ClusterSecret,
            SERVICE.lacks,
            ours.environment,
            blind=ours.token.organizations.clear,
            gag=lambda: ours.token.scopes.discard("write_secrets"),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
        )
        yield Bench(web.opened(), ours.held, ours.write, web=web, shows="time")
