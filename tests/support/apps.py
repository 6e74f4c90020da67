"""A world in which a GitHub App asks in place of a token: one App, two owners that have installed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from rotate.sandbox.github.apps import App, Installation
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World

APP = "123456"
ELSEWHERE = "octo-labs/search"
GRANTED = {
    "actions_variables": "write",
    "environments": "read",
    **{name: PERMISSIONS[name] for name in ("secrets", "actions")},
}
SECRET = "NEON_API_KEY"
LIST = "/app/installations"


@dataclass(frozen=True)
class Installed:
    """The App's private key, its installations, and the story whose key it rotates."""

    world: World = field(repr=False)
    story: Story
    private_key: str = field(repr=False)
    home: Installation
    elsewhere: Installation

    @property
    def inputs(self) -> dict[str, str | None]:
        """Give what a step has in place of `github_token`, with both owners' repositories."""
        own = {"app_id": APP, "app_private_key": self.private_key, "github_token": None, "ignore_holders": "*"}
        return {**own, "repositories": f"{REPOSITORY}, {ELSEWHERE}"}

    @property
    def held(self) -> set[str | None]:
        """Give every value that the destinations hold."""
        return {self.world.github.secret(name, SECRET) for name in (REPOSITORY, ELSEWHERE)}

    def rotated(self) -> bool:
        """Say whether both hold the same live key, and the old one is dead."""
        (value,) = self.held
        return self.world.neon.is_live(value or "") and not self.world.neon.is_live(self.story.old_key.value)

    def asked(self) -> list[str]:
        """Give the requests for tokens."""
        return [entry.route for entry in self.world.ledger.find("POST", "/app/installations/*/access_tokens")]


@cache
def key_pair() -> tuple[str, str]:
    """Give one key pair for every test: private as GitHub hands it out, and public."""
    with World() as world:
        private = world.github.apps.add(APP)
        return private, world.github.apps.public_key(APP)


def installed(world: World) -> Installed:
    """Make the world."""
    story = personal(world)
    world.github.add_organization("octo-org")
    world.github.add_repository(ELSEWHERE)
    world.github.set_secret(ELSEWHERE, SECRET, story.old_key.value, updated_days_ago=9)
    private, public = key_pair()
    world.github.apps.know(App(APP, public))
    home = world.github.apps.install(APP, "octo-org", GRANTED)
    elsewhere = world.github.apps.install(APP, "octo-labs", {**GRANTED, "issues": "write"}, (ELSEWHERE,))
    return Installed(world, story, private, home, elsewhere)


def nothing_left(app: Installed) -> None:
    """Assert that no token of an installation is alive."""
    assert app.world.github.tokens("app") == [], "every token was revoked"
