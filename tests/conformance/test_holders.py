"""Other secrets of a destination's name are found where its owner can show them, within bounds that are said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotate.protocol.facts.model import HolderFacts
from rotate.sandbox.faults import Fault
from rotate.sandbox.github.limits import Limits
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address, Store
from rotate.systems.github.secrets import holders
from rotate.systems.github.secrets.holders import Sought, look, neighbours
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.bench_of_places import EVERYTHING, stopped
from tests.support.openapi import check
from tests.support.opened import keep

REPOSITORY, ORGANIZATION, NAME = "octo-org/payments", "octo-org", "NEON_API_KEY"


class Bench:
    """An organization with two repositories, all of whose secrets may be read."""

    def __init__(self, world: World) -> None:
        world.github.add_organization(ORGANIZATION)
        for name in (REPOSITORY, "octo-org/web"):
            world.github.add_repository(name)
        token = world.github.add_token(
            repositories={name: {**EVERYTHING, "actions": "read"} for name in (REPOSITORY, "octo-org/web")},
            organizations={ORGANIZATION: {f"organization_{name}": level for name, level in EVERYTHING.items()}},
        )
        self.github = keep(GitHub(world.github.url, Secret(token), SystemClock(stopped())))

    def sought(self, owner: str = REPOSITORY, *ignored: str, **where: str) -> Sought:
        """Give a destination."""
        address = Address(owner, Store(where.get("store", "actions")), where.get("environment", ""))
        return Sought(self.github, address, NAME, ignored)


def labels(found: HolderFacts) -> list[str]:
    return [one.address.removesuffix(f"#{NAME}") for one in found.found]


def everywhere(world: World) -> None:
    """Put the secret wherever there can be one."""
    for store in Store:
        world.github.set_secret(REPOSITORY, NAME, "x", store=store)
        world.github.set_secret(ORGANIZATION, NAME, "x", store=store, visibility="all")
    for name in ("production", "staging"):
        world.github.add_environment(REPOSITORY, name)
        world.github.set_secret(REPOSITORY, NAME, "x", environment=name)


def test_each_kind_of_destination_has_its_own_holders(world: World) -> None:
    bench = Bench(world)
    everywhere(world)
    stores = [f"github://{REPOSITORY}?store={store}" for store in ("agents", "codespaces", "dependabot")]
    shared = f"github://orgs/{ORGANIZATION}"
    inside = [f"github://{REPOSITORY}?environment={name}" for name in ("production", "staging")]
    assert labels(look([bench.sought()])) == [shared, *stores], "an environment's hides it, which is another question"
    assert labels(look([bench.sought()], environments_too=True)) == [shared, *stores, *inside]
    dependabot = [shared, f"github://{REPOSITORY}", *stores[:2], *inside]
    assert labels(look([bench.sought(store="dependabot")])) == dependabot
    production = [shared, f"github://{REPOSITORY}", *stores, inside[1]]
    assert labels(look([bench.sought(environment="Production")])) == production
    organization = [f"github://orgs/{ORGANIZATION}?store={store}" for store in ("agents", "codespaces", "dependabot")]
    assert labels(look([bench.sought(ORGANIZATION)])) == organization
    check(world.ledger)


def test_what_is_a_destination_too_is_left_out_and_each_place_is_told_once(world: World) -> None:
    bench = Bench(world)
    everywhere(world)
    both = [bench.sought(), bench.sought(environment="production"), bench.sought(ORGANIZATION)]
    stores = ("agents", "codespaces", "dependabot")
    owners = (f"orgs/{ORGANIZATION}", REPOSITORY)
    assert labels(look(both)) == [f"github://{owner}?store={one}" for owner in owners for one in stores]


def test_of_an_organizations_secrets_only_those_count_that_the_repository_reads(world: World) -> None:
    bench = Bench(world)
    number = world.github.repository("octo-org/web").repository_id
    world.github.set_secret(ORGANIZATION, NAME, "x", visibility="selected", selected=(number,))
    world.github.set_secret(ORGANIZATION, "ANOTHER", "x", visibility="all")
    assert labels(look([bench.sought()])) == []
    assert labels(look([bench.sought("octo-org/web")])) == [f"github://orgs/{ORGANIZATION}"]


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ((), [ORGANIZATION, "dependabot", "staging", "web"]),
        (("STAGING",), [ORGANIZATION, "dependabot", "web"]),
        (("octo-org/payments/dependabot",), [ORGANIZATION, "staging", "web"]),
        (("dependabot", "octo-*"), []),
        (("octo-org",), ["dependabot", "staging", "web"]),
        (("octo-org/payments",), [ORGANIZATION, "dependabot", "staging"]),
        (("octo-org/payments/stag[i]ng", "octo-org/web"), [ORGANIZATION, "dependabot", "web"]),
        (("*",), []),
    ],
)
def test_what_is_meant_to_be_anothers_is_named(ignored: tuple[str, ...], left: list[str], world: World) -> None:
    bench = Bench(world)
    world.github.set_secret(ORGANIZATION, NAME, "x", visibility="all")
    world.github.set_secret(REPOSITORY, NAME, "web")
    world.github.set_secret(REPOSITORY, NAME, "x", store="dependabot")
    for name in ("production", "staging"):
        world.github.add_environment(REPOSITORY, name)
    world.github.set_secret(REPOSITORY, NAME, "x", environment="staging")
    found = look([bench.sought(REPOSITORY, *ignored, environment="production")])
    names = {
        f"github://orgs/{ORGANIZATION}": ORGANIZATION,
        f"github://{REPOSITORY}": "web",
        f"github://{REPOSITORY}?store=dependabot": "dependabot",
        f"github://{REPOSITORY}?environment=staging": "staging",
    }
    assert sorted(names[one] for one in labels(found)) == sorted(left)


def test_what_cannot_be_read_is_one_warning_that_names_it_all(world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", path="*/dependabot/*", code=403, times=None))
    world.faults.add(Fault("status", path="*/organization-secrets", code=403, times=None))
    world.faults.add(Fault("status", path="*/environments", code=500, times=None))
    (warning,) = look([bench.sought(store="codespaces")]).unread
    assert warning.reason == "other-holders-not-judged"
    for place in (
        f"github://{REPOSITORY}?store=dependabot",
        f"organization secrets that {REPOSITORY} reads",
        "environments of",
    ):
        assert place in warning.message


def test_the_newest_environments_are_looked_at_and_the_rest_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "MOST_ENVIRONMENTS", 2)
    bench = Bench(world)
    for days, name in ((3, "oldest"), (1, "newest"), (2, "middle")):
        world.github.add_environment(REPOSITORY, name).created_at -= timedelta(days=days)
        world.github.set_secret(REPOSITORY, NAME, "x", environment=name)
    found = look([bench.sought(store="agents")])
    assert labels(found) == [f"github://{REPOSITORY}?environment={name}" for name in ("middle", "newest")]
    assert "all but 2 of 3 environments" in found.unread[0].message
    assert found.requests == len(world.ledger)


def test_of_very_many_owners_the_first_are_looked_at_and_the_rest_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "MOST_OWNERS", 1)
    bench = Bench(world)
    found = look([bench.sought(), bench.sought("octo-org/web")])
    assert not world.ledger.find("GET", "/repos/octo-org/web/*")
    assert "all but 1 of 2 owners of destinations" in found.unread[0].message


def test_beside_an_absent_secret_are_those_of_its_place_and_that_of_the_workflows_repository(world: World) -> None:
    bench = Bench(world)
    world.github.set_secret("octo-org/web", "NEON_KEY", "x")
    world.github.set_secret(REPOSITORY, NAME, "x")
    absent = [bench.sought("octo-org/web"), bench.sought(environment="gone")]
    found = neighbours(bench.github, REPOSITORY, absent)
    told = found[absent[0].label]
    assert isinstance(told, tuple)
    assert [one.address for one in told] == ["github://octo-org/web#NEON_KEY", f"github://{REPOSITORY}#{NAME}"]
    assert not isinstance(found[absent[1].label], tuple)


def test_outside_of_a_workflow_and_in_its_own_repository_nothing_else_is_asked(world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", path="*/actions/secrets", code=200, body={"secrets": [{"name": "OLD"}]}))
    for home in ("", REPOSITORY):
        found = neighbours(bench.github, home, [bench.sought()])
        assert isinstance(found[bench.sought().label], tuple)
    assert len(world.ledger) == 2


def test_what_the_rotation_needs_of_the_hourly_limit_is_left_to_it(world: World) -> None:
    bench = Bench(world)
    everywhere(world)
    world.github.limits = Limits(hourly=65)
    bench.github.call("GET", f"/repos/{REPOSITORY}")
    found = look([bench.sought()])
    assert (found.requests, len(world.ledger)) == (4, 5)
    assert found.unread == ()
    few = look([bench.sought(store="agents"), bench.sought("octo-org/web")])
    assert few.requests == 0
    assert "GitHub's limit of requests an hour leaves no room for it." in few.unread[0].message
