"""However many environments and repositories there are, the look for shadows costs so much and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rotate.protocol.decisions.shadowing import Sight
from rotate.protocol.facts.model import ShadowFacts
from rotate.protocol.facts.policy import FEW
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.systems.github.secrets.shadow_places import ALL_THE_SAME
from rotate.systems.github.secrets.shadows import EACH, ENOUGH, look
from tests.conformance.test_shadows import MAY, NAME, ORGANIZATION, REPOSITORY, Bench

NOW = datetime.now(UTC)
MANY = 320
OTHERS = tuple(f"octo-org/service-{number}" for number in range(FEW))


def previews(world: World, count: int = MANY) -> None:
    """Leave an environment for each pull request, the last one a minute ago."""
    for number in range(count):
        one = world.github.add_environment(REPOSITORY, f"preview/pr-{number}")
        one.created_at = NOW - timedelta(minutes=count - number)
    for one in world.github.repository(REPOSITORY).environments.values():
        if not one.name.startswith("preview/"):
            one.created_at = NOW - timedelta(days=300)


def hide(world: World, number: int) -> str:
    """Give one of them a secret of the name; say how it is told."""
    world.github.set_secret(REPOSITORY, NAME, "other", environment=f"preview/pr-{number}")
    return f"github://{REPOSITORY}?environment=preview/pr-{number}#{NAME}"


def places(found: ShadowFacts) -> list[str]:
    return [one.place for one in found.found]


def test_those_that_changed_last_are_looked_at_and_the_rest_is_said(world: World) -> None:
    bench = Bench(world)
    previews(world)
    newest, oldest = hide(world, MANY - 1), hide(world, 0)
    found = look([bench.ours()], Sight)
    assert places(found) == [newest]
    assert oldest not in places(found)
    assert len(world.ledger) == found.requests == found.most == ENOUGH + EACH
    (problem,) = found.unread
    left = MANY + 2 - (ENOUGH + EACH - 4)
    assert f"was not looked for in {left} environments or repositories" in problem.message
    assert "`command: plan`" in problem.remedy
    assert "ignore_shadows: preview/*" in problem.remedy
    assert "ignore_shadows: '*'" not in problem.remedy


def test_a_plan_looks_at_all_of_them(world: World) -> None:
    bench = Bench(world)
    previews(world)
    told = [hide(world, MANY - 1), hide(world, 0)]
    found = look([bench.ours()], lambda: Sight(bounded=False))
    assert places(found) == told
    assert found.unread == ()
    assert len(world.ledger) == found.requests == 4 + MANY + 2


def test_a_later_rotation_looks_at_what_changed_since_and_at_few_more(world: World) -> None:
    bench = Bench(world)
    previews(world)
    newest = hide(world, MANY - 1)
    found = look([bench.ours()], lambda: Sight(since=NOW - timedelta(minutes=5, seconds=30)))
    assert places(found) == [newest]
    assert len(world.ledger) == found.requests == 4 + 5 + ALL_THE_SAME
    assert found.unread == (), "the others were looked at before"


def test_few_environments_are_all_looked_at_every_time(world: World) -> None:
    bench = Bench(world)
    world.github.set_secret(REPOSITORY, NAME, "other", environment="production")
    found = look([bench.ours()], lambda: Sight(since=NOW + timedelta(days=1)))
    assert len(found.found) == 1, "that a secret is added need not show in its environment's entry"


def test_what_the_rotation_itself_needs_is_never_spent(world: World) -> None:
    bench = Bench(world)
    previews(world)
    need = bench.github.hourly - 50
    found = look([bench.ours()], Sight, lambda _: need)
    assert len(world.ledger) <= 50
    (problem,) = found.unread
    assert "kept for the rotation" in problem.message
    assert "once the hour is over" in problem.remedy


def test_where_nothing_is_to_spare_nothing_is_asked(world: World) -> None:
    bench = Bench(world)
    found = look([bench.ours()], Sight, lambda github: github.hourly)
    assert len(world.ledger) == found.requests == 0
    assert "was not looked for in 1 environments or repositories" in found.unread[0].message


def test_a_rotation_that_lasts_for_hours_leaves_something_to_spare(world: World) -> None:
    bench = Bench(world)
    found = look([bench.ours()], Sight, lambda github: github.hourly + 100)
    assert found.unread == ()


def test_many_destinations_are_all_looked_at_before_the_first_rotation(world: World) -> None:
    bench = Bench(world, MAY, *OTHERS)
    world.github.add_environment(OTHERS[7], "staging")
    world.github.set_secret(OTHERS[7], NAME, "other", environment="staging")
    ours = [bench.ours(name) for name in (REPOSITORY, *OTHERS)]
    assert places(look(ours, Sight)) == [f"github://{OTHERS[7]}?environment=staging#{NAME}"]


def test_of_many_destinations_those_are_looked_at_later_that_somebody_wrote(world: World) -> None:
    bench = Bench(world, MAY, *OTHERS)
    ours = [bench.ours(name) for name in (REPOSITORY, *OTHERS)]
    found = look(ours, lambda: Sight(frozenset({ours[3].label}), NOW))
    assert [entry.path for entry in world.ledger] == [f"/repos/{OTHERS[2]}/environments?page=1&per_page=100"]
    assert found.found == ()


def test_an_organizations_secret_that_many_read_is_not_looked_through_every_time(world: World) -> None:
    bench = Bench(world, MAY, *OTHERS)
    world.github.set_secret(ORGANIZATION, NAME, "ours", visibility="all")
    assert look([bench.ours(ORGANIZATION)], lambda: Sight(since=NOW)).found == ()
    assert [entry for entry in world.ledger if "/environments" in entry.path] == []


def test_an_environment_whose_time_is_not_told_counts_as_new(world: World) -> None:
    bench = Bench(world)
    rows = [{"name": "production"}, {"name": "eu/west", "updated_at": "2026-01-01T00:00:00"}]
    body = {"total_count": 2, "environments": rows}
    world.faults.add(Fault("status", path="*/environments", code=200, body=body))
    world.github.set_secret(REPOSITORY, NAME, "other", environment="production")
    found = look([bench.ours()], lambda: Sight(since=NOW))
    assert places(found) == [f"github://{REPOSITORY}?environment=production#{NAME}"]


@pytest.mark.parametrize(
    "fault", [Fault("status", code=503, times=None), Fault("reset", times=None), Fault("html", times=None)]
)
def test_an_outage_is_no_reason_to_look_away(fault: Fault, world: World) -> None:
    bench = Bench(world)
    world.faults.add(fault)
    (problem,) = look([bench.ours()], Sight).unread
    assert problem.reason == "shadows-not-judged"
    assert "ignore_shadows" not in problem.remedy
    assert "`command: plan` looks at all of them" in problem.remedy


def test_one_cause_is_told_once_however_many_destinations_it_has(world: World) -> None:
    bench = Bench(world, MAY, *OTHERS)
    world.faults.add(Fault("status", path="*/environments", code=503, times=None))
    (problem,) = look([bench.ours(name) for name in (REPOSITORY, *OTHERS)], Sight).unread
    assert "and 1 more" in problem.message
