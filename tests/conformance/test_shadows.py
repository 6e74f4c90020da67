"""What hides a secret is found, what nobody asked to know is left alone, and what cannot be read is said."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from rotate.protocol.decisions.shadowing import Sight
from rotate.protocol.facts.model import Shadow, ShadowFacts
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address, Store
from rotate.systems.github.secrets.shadow_places import Ours
from rotate.systems.github.secrets.shadows import look
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.openapi import check
from tests.support.opened import keep

REPOSITORY, ORGANIZATION, NAME = "octo-org/payments", "octo-org", "NEON_API_KEY"
MAY = {"secrets": "read", "actions": "read", "environments": "read"}
OURS = f"github://{REPOSITORY}#{NAME}"
SHARED = f"github://orgs/{ORGANIZATION}#{NAME}"


class Bench:
    """A repository with two environments, and its organization."""

    def __init__(self, world: World, may: Mapping[str, str] = MAY, *others: str) -> None:
        self.world = world
        world.github.add_organization(ORGANIZATION)
        for name in (REPOSITORY, *others):
            world.github.add_repository(name)
        for name in ("production", "eu/west"):
            world.github.add_environment(REPOSITORY, name)
        world.github.set_secret(REPOSITORY, NAME, "ours")
        token = world.github.add_token(
            repositories={REPOSITORY: may, **dict.fromkeys(others, MAY)},
            organizations={ORGANIZATION: {"organization_secrets": "read"}},
        )
        stop = threading.Event()
        stop.set()
        self.github = keep(GitHub(world.github.url, Secret(token), SystemClock(stop)))

    def ours(self, owner: str = REPOSITORY, *ignored: str, **where: str) -> Ours:
        """Give a destination."""
        return Ours(
            self.github,
            Address(owner, Store(where.get("store", "actions")), where.get("environment", "")),
            NAME,
            ignored,
        )


def seen(*ours: Ours) -> ShadowFacts:
    """Look at everything, as before a first rotation."""
    return look(ours, Sight)


def test_an_environments_secret_hides_its_repositorys(world: World) -> None:
    bench = Bench(world)
    assert seen(bench.ours()).found == ()
    world.github.set_secret(REPOSITORY, NAME, "other", environment="eu/west")
    found = seen(bench.ours())
    assert found.found == (Shadow(f"github://{REPOSITORY}?environment=eu/west#{NAME}", OURS),)
    assert found.unread == ()
    check(world.ledger)


def test_a_repository_without_environments_costs_one_request(world: World) -> None:
    bench = Bench(world, MAY, "octo-org/plain")
    assert seen(bench.ours("octo-org/plain")).found == ()
    assert len(world.ledger) == 1


def test_a_repositorys_and_an_environments_secret_hide_their_organizations(world: World) -> None:
    bench = Bench(world, MAY, "octo-org/web", "octo-org/apart")
    ids = [world.github.repository(name).repository_id for name in (REPOSITORY, "octo-org/web")]
    world.github.set_secret(ORGANIZATION, NAME, "ours", visibility="selected", selected=tuple(ids))
    for name in ("octo-org/web", "octo-org/apart"):
        world.github.set_secret(name, NAME, "other")
    world.github.set_secret(REPOSITORY, NAME, "other", environment="production")
    found = seen(bench.ours(ORGANIZATION))
    assert {one.place for one in found.found} == {
        f"github://octo-org/web#{NAME}",
        OURS,
        f"github://{REPOSITORY}?environment=production#{NAME}",
    }
    assert {one.hides for one in found.found} == {SHARED}
    check(world.ledger)


def test_what_is_a_destination_itself_is_no_shadow(world: World) -> None:
    bench = Bench(world)
    world.github.set_secret(ORGANIZATION, NAME, "ours", visibility="all")
    world.github.set_secret(REPOSITORY, NAME, "ours", environment="production")
    destinations = [bench.ours(ORGANIZATION), bench.ours(), bench.ours(environment="Production")]
    assert seen(*destinations).found == ()
    assert {one.hides for one in seen(*destinations[:2]).found} == {SHARED, OURS}


@pytest.mark.parametrize(
    ("ignored", "hidden"),
    [
        (("production",), 0),
        (("PROD*",), 0),
        (("octo-org/payments",), 0),
        (("octo-org/payments/production",), 0),
        (("staging", "octo-org/web"), 1),
        (("octo-org/payments/eu*",), 1),
    ],
)
def test_a_shadow_that_is_meant_is_named(ignored: tuple[str, ...], hidden: int, world: World) -> None:
    bench = Bench(world)
    world.github.set_secret(REPOSITORY, NAME, "other", environment="production")
    assert len(seen(bench.ours(REPOSITORY, *ignored)).found) == hidden


def test_nothing_is_asked_where_nothing_can_hide_or_nobody_wants_to_know(world: World) -> None:
    bench = Bench(world)
    asked = [bench.ours(store="dependabot"), bench.ours(environment="production"), bench.ours(REPOSITORY, "x", "*")]
    assert seen(*asked).found == ()
    assert len(world.ledger) == 0


@pytest.mark.parametrize("missing", ["actions", "environments"])
def test_what_the_token_may_not_read_is_said_and_not_taken_for_absent(missing: str, world: World) -> None:
    bench = Bench(world, {name: level for name, level in MAY.items() if name != missing})
    found = seen(bench.ours())
    assert found.found == ()
    assert {(one.reason, OURS in one.message) for one in found.unread} == {("shadows-not-judged", True)}
    assert "**Actions: read**" in found.unread[0].remedy


def test_an_organization_whose_secret_may_not_be_read_is_said(world: World) -> None:
    bench = Bench(world)
    (problem,) = seen(bench.ours("other-org"), bench.ours(ORGANIZATION, "*")).unread or (None,)
    assert problem is None, "a secret that is not there is read by nobody"
    world.github.add_organization("closed")
    world.github.set_secret("octo-org", NAME, "ours", visibility="all")
    world.github.revoke_token(next(iter(world.github._tokens)))
    assert [one.reason for one in seen(bench.ours(ORGANIZATION)).unread] == ["shadows-not-judged"]


def test_a_secret_that_very_many_read_is_looked_through_before_the_first_rotation(world: World) -> None:
    bench = Bench(world, MAY, *(f"octo-org/service-{number}" for number in range(100)))
    world.github.set_secret(ORGANIZATION, NAME, "ours", visibility="all")
    world.github.set_secret("octo-org/service-7", NAME, "other")
    found = seen(bench.ours(ORGANIZATION))
    assert [one.place for one in found.found if "service" in one.place] == [f"github://octo-org/service-7#{NAME}"]
    assert found.unread == ()
    assert found.requests == len(world.ledger)


def test_a_destination_in_another_store_is_no_reason_to_overlook_one_that_hides(world: World) -> None:
    bench = Bench(world)
    world.github.set_secret(ORGANIZATION, NAME, "ours", visibility="all")
    found = seen(bench.ours(ORGANIZATION), bench.ours(store="dependabot"))
    assert found.found == (Shadow(OURS, SHARED),)
