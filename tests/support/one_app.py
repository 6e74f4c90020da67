"""One App, and what it takes to play with its connections in this process: the world's time, settings, a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rotate.context import Context
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.settings.model import Settings
from rotate.settings.validate import validate
from rotate.systems.github.settings.model import App, AtGitHub, at_github
from rotate.systems.github.wire.client import GitHub
from tests.support.apps import APP, key_pair

TOKENS = "/app/installations/*/access_tokens"
LATER = 56 * 60


class WorldClock:
    """Implements `ports.Clock` with the world's time: waiting moves the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._started = world.clock.now()

    def now(self) -> datetime:
        """Ask the world."""
        return self._world.clock.now()

    def monotonic(self) -> float:
        """Ask the world."""
        return (self.now() - self._started).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Move the world."""
        self._world.advance(seconds)

    def hear(self, date: str, sent: float) -> None:
        """It is the world's time."""

    def ahead(self) -> timedelta | None:
        """By nothing."""
        return timedelta()

    def stopping(self) -> bool:
        """Never."""
        return False


LOGIN = App(APP, Secret(key_pair()[0].strip()))


def asked(**changes: Any) -> AtGitHub:
    """Give what a credential that the App rotates asks of GitHub."""
    return at_github(all_asked(**changes))


def all_asked(**changes: Any) -> Settings:
    """Give its settings."""
    raw = {"api_key": "napi_a", "app_id": APP, "app_private_key": LOGIN.private_key.reveal()}
    found, problems = validate(raw, Context(repository=REPOSITORY))
    assert not problems
    if "places" in changes:
        changes["places"] = tuple(place.told for place in changes["places"])
    return replace(found, **changes)


def get(github: GitHub, name: str = REPOSITORY) -> int:
    return github.call("GET", f"/repos/{name}/actions/secrets/public-key").status
