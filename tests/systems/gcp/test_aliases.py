"""Aliases of Secret Manager follow to the version that is added, or a person is told."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.gcp.state import ACCESSOR, ADDER, VIEWER
from rotate.sandbox.world import World
from tests.systems.gcp.bench import GLOBAL, NEW, Secrets

LOOKER = VIEWER - {"secretmanager.versions.get"}


@pytest.mark.parametrize(
    "roles", [(ADDER, ACCESSOR, VIEWER), (ADDER, LOOKER, frozenset({"secretmanager.secrets.update"}))]
)
def test_an_alias_that_could_not_follow_is_told_before_a_key_is_issued(
    roles: tuple[frozenset[str], ...], world: World
) -> None:
    ours = Secrets(world, GLOBAL, *roles, aliases={"prod": "2"})
    with pytest.raises(Refused, match=r"aliases that have to follow .*\(prod\)") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-not-allowed"
    ours.secret.aliases.clear()
    ours.written()


def test_an_alias_follows_past_a_change_that_somebody_makes_meanwhile(world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2", "older": "1"})

    def meddle(_: object) -> None:
        ours.secret.aliases["canary"] = "1"
        ours.secret.changes += 1

    world.faults.add(Fault("hook", method="PATCH", call=meddle))
    ours.written()
    assert ours.secret.aliases == {"prod": "3", "older": "1", "canary": "1"}
    assert world.ledger.count("PATCH", server="gcp-secretmanager") == 2


def test_a_move_whose_reply_was_lost_is_seen_and_not_made_twice(world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2"})
    world.faults.add(Fault("lost_reply", method="PATCH"))
    ours.written()
    assert (ours.secret.aliases, ours.secret.changes) == ({"prod": "3"}, 2)


def test_an_alias_that_somebody_moves_away_meanwhile_is_left_to_them_and_holds_the_revoke_back(world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2"})

    def meddle(_: object) -> None:
        ours.secret.aliases["prod"] = "1"
        ours.secret.changes += 1

    world.faults.add(Fault("hook", method="PATCH", call=meddle))
    with pytest.raises(DestinationError, match="the alias prod") as raised:
        ours.written()
    assert raised.value.reason == "destination-flags-changed"
    assert ours.secret.aliases == {"prod": "1"}


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault("status", method="PATCH", code=403, times=None), "may still show version 2: prod"),
        (Fault("lost_reply", path="*:none", times=None), ""),
        (Fault("status", method="PATCH", code=400, body={"error": {"message": "No."}}, times=None), "No."),
    ],
)
def test_an_alias_that_is_left_is_told_with_the_line_that_moves_it(fault: Fault, why: str, world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2"})
    if not why:
        fault, why = Fault("hook", method="PATCH", call=lambda _: _changed(ours), times=None), "goes on changing"
    opened = ours.opened()
    before = opened.observe()
    world.faults.add(fault)
    with pytest.raises(DestinationError, match=why) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-alias-left", Outcome.UNKNOWN)
    assert "gcloud secrets update NEON_API_KEY --project=octo-payments --update-version-aliases=prod=3" in str(
        raised.value.remedy
    )
    assert ours.values[-1] == NEW.reveal()
    with pytest.raises(DestinationError, match="the alias prod"):
        opened.confirm(before, None)
    ours.secret.aliases["prod"] = "3"
    assert opened.confirm(before, None) == Held(NEW.fingerprint)


def _changed(ours: Secrets) -> None:
    ours.secret.changes += 1


def test_a_version_whose_reply_was_lost_is_found_where_an_alias_has_to_follow(world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2"})
    world.faults.add(Fault("lost_reply", path="*:addVersion", times=None))
    ours.written()
    assert ours.secret.aliases == {"prod": str(len(ours.values))}
    assert set(ours.values[2:]) == {NEW.reveal()}


def test_a_version_that_was_not_added_leaves_the_alias_alone(world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2"})
    opened = ours.opened()
    opened.observe()
    world.faults.add(Fault("status", path="*:addVersion", code=503, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-failing", Outcome.UNKNOWN)
    assert ours.secret.aliases == {"prod": "2"}


def test_an_alias_that_is_moved_is_not_moved_once_the_lock_is_another_runs(world: World) -> None:
    ours = Secrets(world, aliases={"prod": "2"})
    opened = ours.opened()
    opened.observe()
    lost = DestinationError("lock-lost", "Another run has the lock.", "Wait.")
    answers = iter([None, lost])
    with pytest.raises(DestinationError, match="Another run has the lock") as raised:
        opened.put(NEW, lambda: next(answers))
    assert raised.value.outcome is Outcome.UNKNOWN
    assert ours.secret.aliases == {"prod": "2"}
