"""The pretend GitHub's dispatched workflows: what starts one, what it says, and how its run ends."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.openapi import check

FILE = "check-neon-key.yml"
ASKED = {"ref": "main", "return_run_details": True}


@pytest.fixture
def allowed(world: World) -> Any:
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(repositories={REPOSITORY: {"actions": "write"}})
    with httpx.Client(base_url=world.github.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def dispatch(client: httpx.Client, body: object = ASKED, file: str = FILE) -> httpx.Response:
    return client.post(f"/repos/{REPOSITORY}/actions/workflows/{file}/dispatches", json=body)


def seen(client: httpx.Client, run_id: int) -> tuple[str, str | None]:
    row = client.get(f"/repos/{REPOSITORY}/actions/runs/{run_id}").json()
    return row["status"], row["conclusion"]


def test_a_dispatch_says_which_run_it_started_and_the_run_ends_as_scripted(allowed: httpx.Client, world: World) -> None:
    world.github.add_workflow(REPOSITORY, FILE, conclusion="failure", seconds=90)
    answer = dispatch(allowed)
    assert answer.status_code == 200
    run_id = answer.json()["workflow_run_id"]
    assert answer.json()["html_url"].endswith(f"/{REPOSITORY}/actions/runs/{run_id}")
    assert seen(allowed, run_id) == ("queued", None)
    world.advance(91)
    assert seen(allowed, run_id) == ("completed", "failure")
    assert check(world.ledger) == 3


def test_a_run_without_a_conclusion_never_ends(allowed: httpx.Client, world: World) -> None:
    world.github.add_workflow(REPOSITORY, FILE, conclusion=None)
    run_id = dispatch(allowed).json()["workflow_run_id"]
    world.advance(10**6)
    assert seen(allowed, run_id) == ("queued", None)


def test_without_being_asked_it_does_not_say_which_run(allowed: httpx.Client, world: World) -> None:
    world.github.add_workflow(REPOSITORY, FILE)
    assert dispatch(allowed, {"ref": "main"}).status_code == 204
    assert [run.path for run in world.github.repository(REPOSITORY).runs.values()] == [f".github/workflows/{FILE}"]
    assert check(world.ledger) == 1


@pytest.mark.parametrize(
    ("changes", "body", "file", "status", "said"),
    [
        ({}, ASKED, "other.yml", 404, "Not Found"),
        ({}, {"ref": "trunk"}, FILE, 422, "No ref found for: trunk"),
        ({"dispatchable": False}, ASKED, FILE, 422, "does not have 'workflow_dispatch' trigger"),
        ({"disabled": True}, ASKED, FILE, 422, "on a disabled workflow"),
    ],
)
def test_what_cannot_be_started_is_refused_and_starts_nothing(
    changes: dict[str, Any], body: object, file: str, status: int, said: str, allowed: httpx.Client, world: World
) -> None:
    world.github.add_workflow(REPOSITORY, FILE, **changes)
    answer = dispatch(allowed, body, file)
    assert answer.status_code == status
    assert said in answer.json()["message"]
    assert world.github.repository(REPOSITORY).runs == {}


def test_an_older_server_knows_no_such_field(allowed: httpx.Client, world: World) -> None:
    world.github.add_workflow(REPOSITORY, FILE)
    world.github.tells_runs = False
    assert dispatch(allowed).status_code == 400
    assert dispatch(allowed, {"ref": "main"}).status_code == 204


def test_to_dispatch_is_to_write(world: World, github: httpx.Client) -> None:
    world.github.add_workflow(REPOSITORY, FILE)
    assert dispatch(github).status_code == 403


def test_a_workflow_that_is_not_there_is_told_so(allowed: httpx.Client, world: World) -> None:
    world.github.add_workflow(REPOSITORY, FILE)
    at = f"/repos/{REPOSITORY}/actions/workflows"
    told = {
        path: allowed.get(f"{at}/{path}").status_code for path in (FILE, f"{FILE}/runs", "none.yml", "none.yml/runs")
    }
    assert told == {FILE: 200, f"{FILE}/runs": 200, "none.yml": 404, "none.yml/runs": 404}
