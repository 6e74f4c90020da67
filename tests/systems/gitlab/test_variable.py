"""What is GitLab's own: places, scopes, flags, and 404s that mean two things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rotate.errors import DestinationError, InvariantViolated, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.gitlab.state import Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.wire.outcome import Answer
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.gitlab.bench import GROUP, NEW, PROJECT, ROLES, Variables


@pytest.mark.parametrize("place", ROLES)
def test_each_kind_of_place_is_read_written_and_created_as_the_description_says(place: str, world: World) -> None:
    bench = Variables(world, place, description="Neon", protected=True)
    bench.written()
    assert bench.state.variables(place) == [
        Variable(NAME, NEW.reveal(), description="Neon", protected=True),
    ]
    bench.state.delete_variable(place, NAME)
    bench.written()
    assert bench.state.variables(place) == [Variable(NAME, NEW.reveal(), masked=True, protected=True, raw=True)]
    assert check(entry for entry in world.ledger if entry.server == "gitlab") >= 8


def test_each_scope_is_a_place_of_its_own(world: World) -> None:
    bench = Variables(world)
    for scope in ("production", "review/*"):
        bench.state.set_variable(PROJECT, Variable(NAME, BEFORE, scope))
    bench.written(f"gitlab://{PROJECT}?scope=review/*#{NAME}")
    assert [one.value for one in bench.state.variables(PROJECT)] == [BEFORE, BEFORE, NEW.reveal()]
    assert bench.opened(f"gitlab://{PROJECT}?scope=staging#{NAME}").observe().mark is None


def test_a_number_and_a_path_before_the_api_reach_the_same(world: World) -> None:
    bench = Variables(world)
    bench.environment["GITLAB_URL"] = f"{bench.state.url}/gitlab/"
    bench.written(f"gitlab://project/{bench.number}#{NAME}")
    assert {entry.base for entry in world.ledger} == {"/gitlab/api/v4"}
    bench.environment["GITLAB_URL"] = f"{bench.state.url}/api/v4"
    assert bench.opened().observe().mark == Held(NEW.fingerprint)


def test_the_server_of_a_gitlab_job_is_asked_where_nothing_else_is_said(world: World) -> None:
    bench = Variables(world)
    bench.environment["CI_SERVER_URL"] = bench.environment.pop("GITLAB_URL")
    assert bench.opened().observe().mark == Held(Secret(BEFORE).fingerprint)


def test_a_group_without_scopes_is_given_no_new_variable_for_one(world: World) -> None:
    bench = Variables(world, GROUP)
    opened = bench.opened(f"gitlab://{GROUP}?scope=production#{NAME}")
    with pytest.raises(Refused, match="every environment would get the key"):
        opened.observe()
    assert opened.written() is None
    assert len(bench.state.variables(GROUP)) == 1


def test_a_role_that_is_too_low_is_told_from_a_project_that_is_not_there(world: World) -> None:
    bench = Variables(world)
    bench.state.let(bench.token, PROJECT, "reporter")
    with pytest.raises(Refused, match="403 Forbidden") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-not-allowed"
    with pytest.raises(Refused, match="404 Project Not Found") as raised:
        bench.opened(f"gitlab://project/octo/gone#{NAME}").observe()
    assert raised.value.reason == "destination-absent"
    assert "role Maintainer" in raised.value.remedy


def test_scopes_that_are_not_told_hold_nothing_up(world: World) -> None:
    bench = Variables(world)
    for code in (404, 500):
        world.faults.add(Fault("status", path="*/self", code=code, times=None))
        assert bench.opened().observe().mark
    world.faults.reset()
    world.faults.add(Fault("status", path="*/self", code=200, body={"scopes": ["granular"]}))
    assert bench.opened().observe().mark


@pytest.mark.parametrize(
    "row",
    [
        {"key": NAME},
        {"key": NAME, "value": 5},
        {"key": "OTHER", "value": "x"},
        {"key": NAME, "value": "x", "environment_scope": "production"},
    ],
)
def test_an_answer_about_something_else_is_not_believed(row: dict[str, object], world: World) -> None:
    opened = Variables(world).opened()
    world.faults.add(Fault("status", path="*/variables/*", code=200, body=row))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize("there", [None, BEFORE, "napi_somebody_elses"])
def test_what_does_not_stand_after_the_write_is_not_confirmed(there: str | None, world: World) -> None:
    bench = Variables(world)
    opened = bench.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    bench.state.delete_variable(PROJECT, NAME)
    if there:
        bench.state.set_variable(PROJECT, Variable(NAME, there))
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    reason = "destination-overwritten" if there not in (None, BEFORE) else "write-not-confirmed"
    assert (raised.value.reason, raised.value.outcome) == (reason, Outcome.UNKNOWN)


def test_a_flag_that_somebody_changed_meanwhile_holds_the_revoke_back(world: World) -> None:
    bench = Variables(world, masked=True)
    opened = bench.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    bench.state.set_variable(PROJECT, Variable(NAME, NEW.reveal(), protected=True))
    with pytest.raises(DestinationError, match="masked, protected") as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-flags-changed", Outcome.UNKNOWN)


def test_a_write_that_sends_a_flag_along_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The design that sends the usual flags with each value; the control of what compares them."""
    real = Client.ask

    def careless(self: Client, one: Ask) -> Answer:
        body = {**one.body, "protected": False} if isinstance(one.body, dict) else one.body
        return real(self, replace(one, body=body))

    monkeypatch.setattr(Client, "ask", careless)
    with pytest.raises(DestinationError, match="protected") as raised:
        Variables(world, protected=True).written()
    assert raised.value.reason == "destination-flags-changed"


def test_a_reply_to_the_creation_that_was_lost_is_not_repeated_and_the_value_shows_it(world: World) -> None:
    bench = Variables(world)
    bench.state.delete_variable(PROJECT, NAME)
    opened = bench.opened()
    before = opened.observe()
    world.faults.add(Fault("lost_reply", server="gitlab", method="POST"))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
    assert opened.confirm(before, None) == Held(NEW.fingerprint)
    assert world.ledger.count("POST", server="gitlab") == 1


@pytest.mark.parametrize("secret", [Secret(""), NEW])
def test_nothing_is_written_before_it_was_observed_and_nothing_empty(secret: Secret, world: World) -> None:
    opened = Variables(world).opened()
    if not secret:
        opened.observe()
    with pytest.raises(InvariantViolated):
        opened.put(secret)
    assert world.ledger.count("PUT") == 0
