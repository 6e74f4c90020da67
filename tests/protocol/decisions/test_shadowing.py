"""What is looked at for shadows: everything at first, later what can be new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rotate.errors import Refused, RotateError
from rotate.protocol.decisions.shadowing import SLACK, Sight, cost, sight
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.model import Scope, ShadowFacts
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey
from rotate.protocol.facts.policy import FEW, Command, Policy
from tests.support.search.canonical import LINEAGE
from tests.support.search.setting import RUN

AT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ("a", "b")
POLICY = Policy(Command.ROTATE, Scope.PERSONAL, LINEAGE, NAMES, RUN, self_rotation=True)
NOTE = Note(LINEAGE.name, confirmed=ConfirmedKey(1, "k", "f", AT), destinations=NAMES)


@pytest.mark.parametrize(
    ("note", "policy", "expected"),
    [
        (None, POLICY, Sight()),
        (Note(LINEAGE.name, pending=PendingKey(1, "k", "f", AT)), POLICY, Sight()),
        (NOTE, POLICY, Sight(since=AT - SLACK)),
        (NOTE, replace(POLICY, destinations=("a", "b", "c")), Sight()),
        (NOTE, replace(POLICY, destinations=("a",)), Sight()),
        (NOTE, replace(POLICY, command=Command.PLAN), Sight(bounded=False)),
    ],
    ids=["first", "never confirmed", "later", "one more", "one less", "plan"],
)
def test_the_first_rotation_and_each_with_other_destinations_look_at_all(
    note: Note | None, policy: Policy, expected: Sight
) -> None:
    assert sight(note, policy, {}) == expected


def test_of_many_destinations_those_count_that_somebody_wrote_since() -> None:
    names = tuple(f"n{number}" for number in range(FEW + 1))
    places: dict[str, DestinationFacts | RotateError] = {
        "n0": DestinationFacts(AT),
        "n1": DestinationFacts(AT + SLACK + timedelta(seconds=1)),
        "n2": DestinationFacts(None),
        "n3": Refused("github-permission-missing", "no"),
    }
    found = sight(replace(NOTE, destinations=names), replace(POLICY, destinations=names), places)
    assert found == Sight(frozenset({"n1"}), AT - SLACK)


def test_the_cost_is_said_where_it_is_worth_a_word() -> None:
    assert cost(None) == ()
    assert cost(ShadowFacts(requests=FEW)) == ()
    (told,) = cost(ShadowFacts(requests=1274, most=205))
    assert "took 1274 requests; the first rotation makes 205 at most" in told
