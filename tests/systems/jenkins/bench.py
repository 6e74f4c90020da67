"""A folder and the own store of the pretend Jenkins, and what writes to their credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.jenkins.server import PASSWORD, STRING, Credential, JenkinsServer, User
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.jenkins.credential import SecretText
from rotate.systems.jenkins.system import SERVICE
from tests.support.bench import BEFORE, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
ID, USER, TOKEN = "neon-api-key", "rotation", "11sandbox0123456789"
FOLDER, SYSTEM = "jenkins://team/app/neon-api-key", "jenkins://system/neon-api-key?domain=production"
PLACES = {FOLDER: ("team/app", "_"), SYSTEM: ("", "production")}


def secret_text(value: str, name: str = ID, **more: str) -> Credential:
    """Give a credential of the kind that is written."""
    return Credential(STRING, {"scope": "GLOBAL", "id": name, "description": "", **more, "secret": value})


class Jenkins:
    """Two stores with a Secret text each, and a user who may write both."""

    def __init__(self, world: World, at: str = FOLDER) -> None:
        self.world, self.server = world, JenkinsServer(world.clock)
        world.serve(self.server)
        self.user = self.server.users[USER] = User(TOKEN, {"View", "Create", "Update"})
        self.environment = {"JENKINS_URL": f"{self.server.url}/", "JENKINS_USER": USER, "JENKINS_TOKEN": TOKEN}
        self.address = at
        for folder, domain in PLACES.values():
            self.server.stores.setdefault(folder, {"_": {}})[domain] = {ID: secret_text(BEFORE)}
        self.domain = self.server.stores[PLACES[at][0]][PLACES[at][1]]

    def opened(self, text: str = "") -> Destination:
        """Open a credential as a run does."""
        return SecretText(parsed(text or self.address), means_of(self.environment))

    def held(self) -> str | None:
        """Give what stands there."""
        return self.domain[ID].fields["secret"] if ID in self.domain else None

    def write(self, text: str | None) -> None:
        """Let somebody else write, or delete it."""
        if text is None:
            del self.domain[ID]
        else:
            self.domain.setdefault(ID, secret_text("")).fields["secret"] = text


def _arrange(ours: Jenkins, dice: Random) -> None:
    one = ours.domain[ID].fields
    one["scope"] = dice.choice(["GLOBAL", "SYSTEM"])
    one["description"] = dice.choice(["", "Neon's <key> & more", "für Ωmega", "]]>", "  two\n lines "])
    if dice.random() < 1 / 4:
        del one["description"]
    for number in range(dice.randrange(4)):
        name = f"other-{number}"
        other = {"scope": "GLOBAL", "id": name, "username": "octo", "password": "other-value"}
        ours.domain[name] = dice.choice([secret_text("other-value", name), Credential(PASSWORD, other)])


def _beside(ours: Jenkins) -> object:
    return [
        (one.kind, {name: text for name, text in one.fields.items() if (one.fields["id"], name) != (ID, "secret")})
        for one in ours.domain.values()
    ]


@contextmanager
def jenkins(at: str) -> Iterator[Bench]:
    """A Secret text of a folder, or of Jenkins' own store."""
    with World() as world:
        ours = Jenkins(world, at)
        web = Web(
            world,
            "jenkins",
            parsed(ours.address),
            SecretText,
            SERVICE.lacks,
            ours.environment,
            blind=lambda: ours.user.permissions.discard("View"),
            gag=lambda: ours.user.permissions.difference_update(("Create", "Update")),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours,
            writes="POST",
            bodiless=True,
            foretells=False,
        )
        yield Bench(web.opened(), ours.held, ours.write, web=web, shows="nothing")
