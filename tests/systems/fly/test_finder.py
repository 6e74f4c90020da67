"""What `find` sees without an organization, and of apps of several organizations."""

from __future__ import annotations

from rotate.address import parsed
from rotate.errors import RotateError
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.fly.server import App
from rotate.sandbox.world import World
from rotate.systems.fly.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.fly.bench import TEXT, Secrets


def told(ours: Secrets, *known: str) -> tuple[list[str], list[RotateError]]:
    found = list(find([parsed(one) for one in known], Wanted((NAME,)), means_of(ours.environment)))
    errors = [one for one in found if isinstance(one, RotateError)]
    return [one.address for one in found if isinstance(one, FoundSecret)], errors


def test_without_an_organization_the_apps_of_destinations_alone_are_read_and_that_is_told(world: World) -> None:
    ours = Secrets(world)
    del ours.environment["FLY_ORG"]
    addresses, errors = told(ours, TEXT)
    assert addresses == [TEXT]
    assert [one.reason for one in errors] == ["find-incomplete"]


def test_the_apps_of_the_organization_are_read_each_once(world: World) -> None:
    ours = Secrets(world)
    for name, organization in (("octo-api", "octo"), ("acme-api", "acme")):
        ours.state.apps[name] = App(name, organization)
        ours.state.set(ours.state.apps[name], NAME, BEFORE)
    assert told(ours, TEXT) == ([TEXT, f"fly://octo-api#{NAME}"], [])
    assert len([one for one in world.ledger if one.route.endswith("/secrets")]) == 2
