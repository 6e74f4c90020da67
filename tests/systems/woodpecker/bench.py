"""A repository, its organization and the whole server of the pretend Woodpecker, and what writes to their secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import cast

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.woodpecker.server import EVENTS, LEVELS, Level, Owner, User, WoodpeckerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.woodpecker.pipeline_secret import PipelineSecret
from rotate.systems.woodpecker.system import SERVICE
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
TOKEN = "token-of-a-test-0123456789"
PLACES = {"repo/octo/payments": "repos/octo/payments", "org/octo": "orgs/octo", "global": "secrets"}


class Woodpecker:
    """The three, each with a secret of one name, and a token that may write what it is asked for."""

    def __init__(self, world: World, where: str = "repo/octo/payments") -> None:
        self.world, self.server, self.where = world, WoodpeckerServer(world.clock), where
        world.serve(self.server)
        for place in PLACES.values():
            owner = self.server.owners.get(place) or self.server.add(place)
            one = self.server.set(owner, NAME, BEFORE, ["push", "cron"])
            one.images, one.note = ["woodpeckerci/plugin-s3"], "Neon's"
        level: dict[str, Level] = {"repo/octo/payments": "push", "org/octo": "admin"}
        self.user = User({PLACES[where]: level[where]} if where in level else {}, admin=where == "global")
        if where == "org/octo":
            self.user.levels["repos/octo/payments"] = "push"
        self.server.users[TOKEN] = self.user
        self.environment = {"WOODPECKER_SERVER": self.server.url, "WOODPECKER_TOKEN": TOKEN}
        self.address = f"woodpecker://{where}#{NAME}"
        world.advance(7 * 86400)

    @property
    def owner(self) -> Owner:
        """Whose secret it is."""
        return self.server.owners[PLACES[self.where]]

    def opened(self, text: str = "") -> Destination:
        """Open a secret as a run does."""
        return PipelineSecret(parsed(text or self.address), means_of(self.environment))

    def blind(self) -> None:
        """Take the place out of the token's sight; a global secret is out of nobody's who is known."""
        if self.where == "global":
            del self.server.users[TOKEN]
        self.user.levels.clear()

    def gag(self) -> None:
        """Leave it one level less than it needs."""
        self.user.admin = False
        for place, level in self.user.levels.items():
            self.user.levels[place] = cast("Level", LEVELS[LEVELS.index(level) - 1])


def _arrange(ours: Woodpecker, dice: Random) -> None:
    for number in range(dice.randrange(60)):
        ours.server.set(ours.owner, f"other-{number}", "other-value")
    one = ours.owner.secrets[NAME]
    one.events = sorted(dice.sample(sorted(EVENTS), dice.randrange(1, len(EVENTS))))
    one.images = dice.sample(["a/b", "registry.example:5000/c/d:1", "e"], dice.randrange(3))
    one.note = dice.choice(["", "Neon's", "two\nlines"])


def _beside(ours: Woodpecker) -> object:
    """Show all of every place but the one value."""
    mine = ours.owner.secrets.get(NAME)
    return {
        place: [replace(one, value="" if one is mine else one.value) for one in owner.secrets.values()]
        for place, owner in ours.server.owners.items()
    }


def _crowd(ours: Woodpecker, count: int) -> None:
    for number in range(count):
        for place in (f"orgs/another-{number}", f"repos/another-{number}/api"):
            ours.server.owners = {place: Owner(1000 + len(ours.server.owners)), **ours.server.owners}
        ours.user.levels[f"repos/another-{number}/api"] = "push"


@contextmanager
def woodpecker(where: str) -> Iterator[Bench]:
    """A secret of a repository, of an organization, or of the server."""
    with World() as world:
        ours = Woodpecker(world, where)

        def held() -> str | None:
            one = ours.owner.secrets.get(NAME)
            return one.value if one else None

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            if text is None:
                del ours.owner.secrets[NAME]
            else:
                ours.server.set(ours.owner, NAME, text)

        web = Web(
            world,
            "woodpecker",
            parsed(ours.address),
            PipelineSecret,
            SERVICE.lacks,
            ours.environment,
            blind=ours.blind,
            gag=ours.gag,
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            crowd=partial(_crowd, ours),
            writes="PATCH",
            unseen="destination-token-refused" if where == "global" else "destination-absent",
        )
        yield Bench(web.opened(), held, write, web=web, shows="nothing")
