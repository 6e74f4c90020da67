"""The pretend Railway behaves as Railway's documents, its schema and what others saw say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rotate.sandbox.railway.selection import asked, only
from rotate.sandbox.railway.state import SHARED
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.systems.railway.bench import Railway

VARIABLES = """
query Variables($projectId: String!, $environmentId: String!, $serviceId: String) {
  variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId)
}
"""
UPSERT = "mutation Upsert($input: VariableUpsertInput!) { variableUpsert(input: $input) }"


@pytest.fixture
def ours(world: World) -> Railway:
    return Railway(world)


@pytest.fixture
def ask(ours: Railway) -> Callable[..., Any]:
    """Ask as the project, or with other headers."""

    def sent(document: object, variables: object = None, **headers: str) -> Any:
        given = headers or {"Project-Access-Token": ours.by_project["RAILWAY_TOKEN"]}
        body = {"query": document, "variables": variables}
        return httpx.post(f"{ours.state.url}/graphql/v2", json=body, headers=given).json()

    return sent


def place(ours: Railway, service: str = "") -> dict[str, str]:
    found = {"projectId": ours.project, "environmentId": ours.environment}
    return {**found, "serviceId": service} if service else found


def told(answer: Any) -> tuple[str, str]:
    """Give words and code of the only error; there is no data beside it."""
    (error,) = answer["errors"]
    assert answer["data"] is None
    return error["message"], error["extensions"]["code"]


def test_references_are_shown_with_what_they_mean_and_sealed_values_to_nobody(
    ours: Railway, ask: Callable[..., Any]
) -> None:
    for name, value in (("A", "${{shared.B}}/${{ NEON_API_KEY }}"), ("S", "sealed"), ("N", "${{nobody.X}}")):
        ours.state.write(ours.environment, ours.api, name, value)
    ours.ours(ours.api)["S"].sealed = True
    ours.state.write(ours.environment, SHARED, "B", "shared")
    shown = ask(VARIABLES, place(ours, ours.api))["data"]["variables"]
    assert shown == {NAME: BEFORE, "A": f"shared/{BEFORE}", "S": None, "N": ""}
    assert ask(VARIABLES, place(ours))["data"]["variables"] == {"B": "shared"}


def test_an_upsert_deploys_what_it_affects_unless_it_is_told_not_to(ours: Railway, ask: Callable[..., Any]) -> None:
    one = {"name": "A", "value": "x"}
    for sent, services in (
        ({**place(ours, ours.api), **one, "skipDeploys": True}, []),
        ({**place(ours, ours.api), **one}, [ours.api]),
        ({**place(ours), **one}, [ours.api, ours.worker]),
    ):
        ours.where.deployments.clear()
        assert ask(UPSERT, {"input": sent})["data"] == {"variableUpsert": True}
        assert [made.service for made in ours.where.deployments] == services


REFUSALS = [
    ("{ apiToken { workspaces { id } } }", {}, "Not Authorized", "INTERNAL_SERVER_ERROR"),
    ("{ projects { edges { node { id } } } }", {}, "Not Authorized", "INTERNAL_SERVER_ERROR"),
    ("{ environments { edges { node { id } } } }", {"projectId": "x"}, "Not Authorized", "INTERNAL_SERVER_ERROR"),
    ("{ variables }", {"environmentId": "x"}, "Not Authorized", "INTERNAL_SERVER_ERROR"),
    ("{ nothing }", {}, 'Cannot query field "nothing"', "GRAPHQL_VALIDATION_FAILED"),
    (UPSERT, {"input": {"value": 5}}, 'Variable "$input" got invalid value', "BAD_USER_INPUT"),
    (None, {}, "Must provide query string.", "BAD_REQUEST"),
]


def test_every_refusal_is_an_error_without_data(ask: Callable[..., Any]) -> None:
    for document, variables, message, code in REFUSALS:
        assert told(ask(document, variables)) == (message, code)


def test_what_is_not_there_in_an_environment_that_the_token_sees_is_not_found(
    ours: Railway, ask: Callable[..., Any]
) -> None:
    assert told(ask("{ variables }", {**place(ours), "serviceId": "x"}))[0] == "Service not found"
    assert told(ask("{ deployment { id } }", {**place(ours), "id": "x"}))[0] == "Deployment not found"


def test_a_project_token_as_bearer_is_none(ours: Railway, ask: Callable[..., Any]) -> None:
    bearer = {"Authorization": f"Bearer {ours.by_project['RAILWAY_TOKEN']}"}
    assert told(ask("{ projectToken { id } }", **bearer))[0] == "Project Token not found"
    assert told(ask("{ apiToken { id } }", Authorization="Bearer nobody"))[0] == "Not Authorized"


def test_its_limit_is_told_with_a_time(ours: Railway) -> None:
    ours.state.rate.most = 1
    url = f"{ours.state.url}/graphql/v2"
    answers = [httpx.post(url, content=b"no JSON") for _ in range(2)]
    assert [one.status_code for one in answers] == [400, 429]
    assert int(answers[1].headers["Retry-After"]) > 0
    assert [one.method for one in ours.world.ledger] == ["POST", "POST"]


def test_a_selection_is_read_and_only_that_is_given() -> None:
    found = asked("query A($x: [String!]!) { a(in: {x: $x}) { b c { d } } e }")
    assert found.reads
    assert found.selected == {"a": {"b": {}, "c": {"d": {}}}, "e": {}}
    assert not asked(UPSERT).reads
    assert only([{"b": 1, "c": {"d": 2, "x": 3}, "y": 4}, None], found.selected["a"]) == [{"b": 1, "c": {"d": 2}}, None]
