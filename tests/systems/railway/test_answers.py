"""What Railway answers when it does not do what it is asked: errors come with HTTP 200, and each is judged."""

from __future__ import annotations

import json

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.sandbox.faults import Fault
from rotate.sandbox.railway.state import Token
from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.systems.railway.bench import NEW, Railway


@pytest.fixture
def ours(world: World) -> Railway:
    return Railway(world)


def answers(ours: Railway, body: object, *, writes: bool = False) -> None:
    """Let every look, or every write, be answered so."""
    verb = "POST" if writes else "GET"
    ours.world.faults.add(Fault("status", server="railway", method=verb, code=200, body=body, times=None))


ERRORS = [
    ("Project Token not found", "INTERNAL_SERVER_ERROR", 200, "destination-token-refused", Outcome.NO_EFFECT),
    ("Not Authorized", "INTERNAL_SERVER_ERROR", 200, "destination-not-allowed", Outcome.NO_EFFECT),
    ("Two Factor Authentication Required", "", 200, "destination-not-allowed", Outcome.NO_EFFECT),
    ("Service not found", "INTERNAL_SERVER_ERROR", 200, "destination-absent", Outcome.NO_EFFECT),
    ("You are being ratelimited", "", 200, "destination-busy", Outcome.NO_EFFECT),
    ("Error in name - Invalid input", "BAD_USER_INPUT", 200, "destination-refused", Outcome.NO_EFFECT),
    ("Cannot query field", "GRAPHQL_VALIDATION_FAILED", 400, "destination-refused", Outcome.NO_EFFECT),
    ("Problem processing request", "INTERNAL_SERVER_ERROR", 200, "destination-failing", Outcome.UNKNOWN),
    ("Not Authorized", "", 409, "destination-changed", Outcome.NO_EFFECT),
    ("Not Authorized", "", 502, "destination-failing", Outcome.UNKNOWN),
]


def test_an_error_that_comes_with_http_200_is_judged_by_its_words(ours: Railway) -> None:
    opened = ours.opened()
    opened.observe()
    for message, code, status, reason, outcome in ERRORS:
        errors = [{"message": message, "extensions": {"code": code}}, "odd"]
        body = {"errors": errors, "data": {"variableUpsert": True}}
        ours.world.faults.reset()
        ours.world.faults.add(Fault("status", server="railway", method="POST", code=status, body=body, times=None))
        with pytest.raises(DestinationError) as raised:
            opened.put(NEW)
        assert (raised.value.reason, raised.value.outcome) == (reason, outcome)
        assert (f"HTTP 200, “{message}”" in raised.value.message) == (status == 200)


@pytest.mark.parametrize("errors", [["odd"], [{"code": 1}]])
def test_an_error_without_words_is_one(ours: Railway, errors: list[object]) -> None:
    answers(ours, {"errors": errors, "data": None})
    with pytest.raises(DestinationError) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-failing"


def test_a_write_that_it_does_not_say_it_took_is_in_doubt(ours: Railway) -> None:
    opened = ours.opened()
    opened.observe()
    for data in ({"variableUpsert": False}, {}):
        answers(ours, {"data": data}, writes=True)
        with pytest.raises(DestinationError) as raised:
            opened.put(NEW)
        assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)
        ours.world.faults.reset()


PAGE = {"hasNextPage": False, "endCursor": None}


def listed(*nodes: object) -> dict[str, object]:
    return {"edges": [{"node": one} for one in nodes], "pageInfo": PAGE}


@pytest.mark.parametrize(
    ("document", "data", "said"),
    [
        ("ProjectOfToken", {"projectToken": {"project": {"name": "payments"}}}, "without the project of the token"),
        ("Services", {"environment": {"serviceInstances": {"edges": None}}}, "not with a list"),
        ("Services", {"environment": {"serviceInstances": listed({})}}, "with a service without an id"),
        ("Variables", {"variables": [NAME]}, "not with variables"),
        ("Variables", {"variables": {NAME: 5}}, "not with variables"),
        ("Variables", {"variables": {NAME: None}}, "nor with the time of a sealed one"),
    ],
)
def test_an_answer_that_the_schema_does_not_promise_is_no_absence(
    ours: Railway, document: str, data: object, said: str
) -> None:
    ours.told(document, data)
    with pytest.raises(DestinationError) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"
    assert said in raised.value.message


@pytest.mark.parametrize("updated", ["yesterday", "2026-11-29T10:00:00"])
def test_a_sealed_variable_without_a_time_that_can_be_read_is_no_absence(ours: Railway, updated: str) -> None:
    ours.seal(ours.api)
    row = {"name": NAME, "serviceId": ours.api, "isSealed": True, "references": [], "updatedAt": updated}
    ours.told("Listed", {"environment": {"variables": listed(row)}})
    with pytest.raises(DestinationError, match="nor with the time of a sealed one"):
        ours.opened().observe()


def test_a_token_without_workspaces_is_no_absence(ours: Railway) -> None:
    ours.told("WorkspacesOfToken", {"apiToken": {}})
    with pytest.raises(DestinationError, match="without the workspaces"):
        ours.opened(environment=ours.by_account).observe()


def test_a_list_that_does_not_end_is_no_absence(ours: Railway) -> None:
    endless = {**listed(), "pageInfo": {"hasNextPage": True, "endCursor": "again"}}
    ours.told("Services", {"environment": {"serviceInstances": endless}})
    with pytest.raises(DestinationError, match="does not end within 100 pages"):
        ours.opened().observe()


def test_the_workspaces_after_the_one_that_has_the_id_are_not_asked(ours: Railway) -> None:
    token = ours.state.add_token(Token(workspaces=["workspace-1", "workspace-2"]))
    text = f"railway://{ours.project}/production/api#{NAME}"
    ours.opened(text, {**ours.address, "RAILWAY_API_TOKEN": token}).observe()
    bodies = [json.loads(one.request_body) for one in ours.world.ledger]
    assert [one["variables"]["workspaceId"] for one in bodies if "workspaceId" in one["variables"]] == ["workspace-1"]
