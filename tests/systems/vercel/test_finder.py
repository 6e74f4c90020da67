"""What `find` sees of variables that stand for several environments, and of those that a team shares."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.sandbox.vercel.state import Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.vercel.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.vercel.bench import HERE, SHARED, TEAM, TOKEN, Vercel

BY_VALUE = Wanted(("ANOTHER_NAME",), {Secret(BEFORE).fingerprint: Generation.CURRENT})
PREVIEW = HERE.replace("production", "preview")


@pytest.fixture
def ours(world: World) -> Vercel:
    return Vercel(world)


def told(ours: Vercel, *known: str, wanted: Wanted = BY_VALUE) -> list[str]:
    found = find([parsed(one) for one in known], wanted, means_of(ours.environment))
    return [one.address for one in found if isinstance(one, FoundSecret)]


def test_a_variable_of_several_environments_is_told_once_or_as_the_destinations_that_it_is(ours: Vercel) -> None:
    ours.variable.target = ["preview", "production"]
    assert told(ours) == [HERE]
    assert told(ours, PREVIEW) == [PREVIEW]
    assert sorted(told(ours, PREVIEW, HERE)) == sorted([PREVIEW, HERE])
    by_number = HERE.replace("payments", ours.project.number)
    assert told(ours, by_number) == [by_number]


def test_branches_and_environments_of_a_projects_own_are_named(ours: Vercel) -> None:
    ours.project.custom = {"staging": "env_1"}
    more = [
        Variable("A", BEFORE, ["preview"], also={"gitBranch": "feat/x"}),
        Variable("B", BEFORE, [], also={"customEnvironmentIds": ["env_1"]}),
        Variable("C", BEFORE, [], "plain", also={"customEnvironmentIds": ["env_2"]}),
        Variable("D", BEFORE, []),
    ]
    ours.project.variables += more
    assert told(ours)[1:] == [
        "vercel://payments?branch=feat/x&target=preview#A",
        "vercel://payments?custom=staging#B",
        "vercel://payments?custom=env_2#C",
        "vercel://payments#D",
    ]
    customs = [entry for entry in ours.world.ledger if entry.route.endswith("/custom-environments")]
    assert len(customs) == 1


def test_what_a_team_shares_is_read_by_its_id_and_a_person_shares_nothing(ours: Vercel) -> None:
    ours.server.shared[TEAM].append(Variable(NAME, BEFORE))
    assert told(ours) == [SHARED, HERE]
    del ours.environment["VERCEL_TEAM_ID"]
    ours.project.team = ""
    assert told(ours) == [HERE]


def test_values_are_read_only_where_there_are_some_to_compare_and_where_they_are_shown(ours: Vercel) -> None:
    assert told(ours, wanted=Wanted((NAME,))) == [HERE]
    by_id = [entry for entry in ours.world.ledger if entry.route.startswith("/v1/projects/")]
    assert by_id == []
    ours.server.blinkered.add(TOKEN)
    assert told(ours) == []
