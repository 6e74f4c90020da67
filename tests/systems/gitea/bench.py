"""A repository and an organization of the pretend Gitea, and what writes to their secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.gitea.server import GiteaServer, Token
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gitea.actions_secret import ActionsSecret
from rotate.systems.gitea.system import SERVICE
from tests.support.bench import BEFORE, LATER, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
PLACES = {"octo/payments": "repos/octo/payments", "org/octo": "orgs/octo"}
TOKEN = "gitea-token-of-a-test"
SCOPES = {"write:repository", "write:organization"}


class Gitea:
    """A repository and its organization, whose secret has a description, and a token of their owner."""

    def __init__(self, world: World, *, forgejo: bool = False) -> None:
        self.world, self.server = world, GiteaServer(world.clock, forgejo=forgejo)
        world.serve(self.server)
        self.token = Token(set(SCOPES), dict.fromkeys(PLACES.values(), "owner"))
        self.server.tokens[TOKEN] = self.token
        for place in PLACES.values():
            self.server.places[place] = {}
            self.server.set(place, NAME, BEFORE, "" if forgejo else "Neon's")
        self.environment = {"GITEA_URL": self.server.url, "GITEA_TOKEN": TOKEN}
        world.advance(7 * 86400)

    def opened(self, where: str = "octo/payments", name: str = NAME) -> Destination:
        """Open a secret as a run does."""
        return ActionsSecret(parsed(f"gitea://{where}#{name}"), means_of(self.environment))


def _gag(token: Token) -> None:
    token.scopes.difference_update(SCOPES)
    token.scopes.update(one.replace("write", "read") for one in SCOPES)


def _arrange(ours: Gitea, place: str, dice: Random) -> None:
    ours.server.most = dice.choice([7, 50])
    for number in range(dice.randrange(25)):
        ours.server.set(place, f"A_{number}", f"other-value-{number}", dice.choice(["", "Somebody's"]))
    ours.server.set(place, NAME, BEFORE, dice.choice(["", "Neon's", "\u2003two\nlines", "x" * 4096]))


def _beside(ours: Gitea, place: str) -> object:
    return {
        name: ("" if name == NAME else one.data, one.description, one.created_at)
        for name, one in ours.server.places[place].items()
    }


def _crowd(ours: Gitea, count: int) -> None:
    """Let the token's owner have other repositories before these places, and see an organization that is not theirs."""
    places = dict(ours.token.places)
    ours.token.places.clear()
    for number in range(count):
        ours.server.places[f"repos/octo/another-{number}"] = {}
        ours.token.places[f"repos/octo/another-{number}"] = "owner" if number % 2 else "member"
    ours.server.places["orgs/others"] = {}
    ours.token.places.update({"orgs/others": "member", **places})


@contextmanager
def gitea(where: str, *, forgejo: bool = False) -> Iterator[Bench]:
    """A secret of a repository, or of an organization."""
    with World() as world:
        ours, place = Gitea(world, forgejo=forgejo), PLACES[where]
        secrets = ours.server.places[place]

        def held() -> str | None:
            one = secrets.get(NAME)
            return one.data if one else None

        def write(text: str | None) -> None:
            world.advance(LATER.total_seconds())
            if text is None:
                del secrets[NAME]
            else:
                ours.server.set(place, NAME, text, secrets[NAME].description if NAME in secrets else "")

        web = Web(
            world,
            "gitea",
            parsed(f"gitea://{where}#{NAME}"),
            ActionsSecret,
            SERVICE.lacks,
            ours.environment,
            blind=ours.token.places.clear,
            gag=partial(_gag, ours.token),
            arrange=partial(_arrange, ours, place),
            beside=partial(_beside, ours, place),
            pretend=ours,
            at=f"*/{NAME}",
            bodiless=True,
            crowd=partial(_crowd, ours),
        )
        yield Bench(web.opened(), held, write, web=web, shows="nothing")
