"""A secret of the pretend Google Cloud, and what writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rotate.address import parsed
from rotate.ports import Destination
from rotate.sandbox.gcp.server import GoogleServer
from rotate.sandbox.gcp.state import ACCESSOR, ADDER, ADMIN, VIEWER, CloudSecret
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gcp import ways
from rotate.systems.gcp.secret import CloudSecret as Place
from rotate.systems.gcp.system import SERVICE
from tests.support.bench import BEFORE, NAME, Bench, Web, means_of

NEW = Secret("napi_new_value_0123456789")
PROJECT = "projects/octo-payments"
GLOBAL, REGIONAL = f"{PROJECT}/secrets/{NAME}", f"{PROJECT}/locations/europe-west3/secrets/{NAME}"
HERE = f"gcp-secretmanager://octo-payments/{NAME}"
ADDRESSES = {GLOBAL: HERE, REGIONAL: f"{HERE}?location=europe-west3"}
SHOWN: dict[str, Any] = {
    "labels": {"team": "payments"},
    "annotations": {"owner": "octo"},
    "topics": [{"name": "projects/octo-payments/topics/changed"}],
    "rotation": {"nextRotationTime": "2027-01-01T00:00:00Z", "rotationPeriod": "7776000s"},
    "expireTime": "2030-01-01T00:00:00Z",
    "versionDestroyTtl": "86400s",
}


class Secrets:
    """One secret with two versions, and a token that may do to it what `roles` allow."""

    def __init__(self, world: World, path: str = GLOBAL, *roles: frozenset[str], **shown: Any) -> None:
        self.world, self.state, self.path = world, GoogleServer(world.clock), path
        world.serve(self.state)
        self.token = self.state.add_token(timedelta(days=1))
        self.state.let(self.token, PROJECT, *(roles or (ADMIN,)))
        self.kept = self.state.set_secret(path, "napi_older", BEFORE, **shown)
        self.environment = {
            "NEON_ROTATE_GCP_SECRETMANAGER_URL": self.state.url,
            "GOOGLE_CLOUD_PROJECT": "octo-payments",
            ways.STORED: self.token,
        }

    @property
    def secret(self) -> CloudSecret:
        """Give the secret as it is now."""
        found = self.state.secret(self.path)
        assert found
        return found

    @property
    def values(self) -> list[str]:
        """Give the value of each version."""
        return [one.data.decode() for one in self.secret.versions]

    def opened(self) -> Destination:
        """Open it as a run does."""
        return Place(parsed(ADDRESSES[self.path]), means_of(self.environment))

    def written(self) -> Destination:
        """Write and confirm."""
        opened = self.opened()
        before = opened.observe()
        opened.confirm(before, opened.put(NEW))
        return opened


def seeded(web: Web) -> GoogleServer:
    """Give the pretend Google Cloud of a bench."""
    assert isinstance(web.pretend, GoogleServer)
    return web.pretend


def _arrange(ours: Secrets, dice: Random) -> None:
    for path in (GLOBAL, REGIONAL, f"{GLOBAL}_2"):
        shown = {name: value for name, value in SHOWN.items() if dice.random() < 1 / 2}
        versions = ["napi_older"] * dice.randint(0, 3) + [BEFORE]
        aliases = {name: str(dice.randint(1, len(versions))) for name in ("prod", "canary") if dice.random() < 1 / 2}
        ours.state.set_secret(path, *versions, aliases=aliases, **shown)


def _beside(ours: Secrets) -> object:
    """Show all but the latest value; of an alias, whether it shows that."""

    def shown(path: str) -> object:
        one = ours.state.secret(path)
        if one is None:
            return None
        latest = len(one.versions)
        aliases = {name: int(number) == latest or number for name, number in one.aliases.items()}
        return one.shown, aliases, [version.state for version in one.versions[:1]]

    others = [ours.state.secret(path) for path in (REGIONAL, f"{GLOBAL}_2")]
    return shown(GLOBAL), [repr((one.shown, one.aliases, len(one.versions))) for one in others if one]


def _crowd(ours: Secrets, count: int) -> None:
    """Put others before it."""
    for number in range(count):
        ours.state.set_secret(f"{PROJECT}/secrets/A_{number}", "other")


@contextmanager
def gcp() -> Iterator[Bench]:
    """A secret of every location, with labels and an alias, on no machine of Google's."""
    with World() as world, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "PRODUCT", Path("/nowhere"))
        ours = Secrets(world, aliases={"older": "1"}, **SHOWN)

        def write(text: str | None) -> None:
            if text is None:
                ours.state.delete(GLOBAL)
            elif found := ours.state.secret(GLOBAL):
                ours.state.add(found, text.encode())
            else:
                ours.state.set_secret(GLOBAL, text)

        web = Web(
            world,
            "gcp-secretmanager",
            parsed(HERE),
            Place,
            SERVICE.lacks,
            ours.environment,
            blind=lambda: ours.state.let(ours.token, PROJECT),
            gag=lambda: ours.state.let(ours.token, PROJECT, ACCESSOR, VIEWER),
            arrange=partial(_arrange, ours),
            beside=partial(_beside, ours),
            pretend=ours.state,
            crowd=partial(_crowd, ours),
            writes="POST",
        )
        yield Bench(web.opened(), partial(ours.state.value, GLOBAL), write, web=web)


__all__ = ["ADDER", "ADMIN", "Secrets", "gcp", "seeded"]
