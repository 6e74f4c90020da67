"""The pretend Vercel behaves as Vercel's description, its SDK's types and its Terraform provider say."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.vercel.state import Variable
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.vercel.bench import COMMIT, PROJECT, TEAM, TOKEN, Vercel

ENV, TEAMS = f"/v10/projects/{PROJECT}/env", {"teamId": TEAM}


@pytest.fixture
def ours(world: World) -> Vercel:
    return Vercel(world)


@pytest.fixture
def vercel(ours: Vercel) -> Iterator[httpx.Client]:
    login = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=ours.server.url, headers=login, params=TEAMS) as client:
        yield client


def test_every_route_answers_as_described(ours: Vercel, vercel: httpx.Client) -> None:
    number = ours.variable.number
    (listed,) = vercel.get(ENV).json()["envs"]
    assert (listed["value"] == BEFORE, listed["decrypted"]) == (False, False)
    one = vercel.get(f"/v1/projects/{ours.project.number}/env/{number}").json()
    assert (one["value"], one["decrypted"]) == (BEFORE, True)
    asked = ours.server.now()
    changed = vercel.patch(f"/v9/projects/{PROJECT}/env/{number}", json={"value": "new"}).json()
    assert changed["target"] == ["production"]
    assert asked <= changed["updatedAt"] <= ours.server.now()
    vercel.patch(f"/v9/projects/{PROJECT}/env/{number}", json={})
    assert ours.variable.value == "new", "what is not sent stays"
    new = {"key": "NEW", "value": "x", "type": "sensitive", "target": ["preview"]}
    assert vercel.post(ENV, json=new).status_code == 201
    assert vercel.get(f"/v1/projects/{PROJECT}/env/{ours.project.variables[-1].number}").json()["value"] == ""
    assert check(entry for entry in ours.world.ledger if entry.server == "vercel") == 6


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"key": NAME, "value": "x", "type": "encrypted", "target": ["production", "preview"]}, "already exists"),
        ({"key": "NEW", "value": "x", "type": "sensitive", "target": ["development"]}, "target to development"),
    ],
)
def test_what_cannot_be_is_refused(body: dict[str, object], said: str, ours: Vercel, vercel: httpx.Client) -> None:
    answer = vercel.post(ENV, json=body)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (400, True)
    assert len(ours.project.variables) == 1


def test_of_one_name_another_branch_is_another_variable(ours: Vercel, vercel: httpx.Client) -> None:
    new = {"key": NAME, "value": "x", "type": "plain", "target": ["preview"], "gitBranch": "main"}
    assert vercel.post(ENV, json=new).json()["created"]["value"] == "x"
    assert len(ours.project.variables) == 2


def test_who_asks_decides(ours: Vercel, vercel: httpx.Client) -> None:
    for login in ("Bearer x", f"Basic {TOKEN}"):
        assert vercel.get(ENV, headers={"Authorization": login}).json()["error"]["invalidToken"] is True
    assert vercel.get(ENV, params={"teamId": "team_other"}).status_code == 403
    assert vercel.get("/v10/projects/gone/env").status_code == 404
    assert vercel.get(f"/v1/projects/{PROJECT}/env/none").status_code == 404
    assert vercel.get("/v13/deployments/dpl_none").status_code == 404
    assert vercel.delete(ENV).json()["error"]["code"] == "error"
    ours.server.readers.add(TOKEN)
    assert vercel.post(ENV, json={}).json()["error"]["code"] == "forbidden"
    ours.server.blinkered.add(TOKEN)
    one = vercel.get(f"/v1/projects/{PROJECT}/env/{ours.variable.number}").json()
    assert (one["decrypted"], one["value"] == BEFORE) == (False, False)


def test_shared_ones_are_updated_by_their_ids(ours: Vercel, vercel: httpx.Client) -> None:
    ours.server.shared[TEAM].append(Variable("A", "old"))
    (found,) = vercel.get("/v1/env").json()["data"]
    answer = vercel.patch("/v1/env", json={"updates": {found["id"]: {"value": "new"}}}).json()
    assert ([one["id"] for one in answer["updated"]], answer["failed"]) == ([found["id"]], [])
    assert vercel.get(f"/v1/env/{found['id']}").json()["value"] == "new"
    assert vercel.patch("/v1/env", json={"updates": {found["id"]: 5}}).status_code == 200
    assert vercel.patch("/v1/env", json={}).status_code == 400
    assert vercel.patch("/v1/env", json={"updates": {"none": {}}}).status_code == 404


def test_a_redeploy_inherits_the_values_and_a_fresh_build_takes_those_of_now(
    ours: Vercel, vercel: httpx.Client
) -> None:
    about = {"name": PROJECT, "project": ours.project.number, "target": "production"}
    first = vercel.post("/v13/deployments", json={**about, "gitSource": COMMIT}).json()
    ours.variable.value = "new"
    assert vercel.post("/v13/deployments", json={**about, "deploymentId": first["id"]}).status_code == 200
    assert vercel.post("/v13/deployments", json={**about, "gitSource": COMMIT}).status_code == 200
    assert [one.values.get(NAME) for one in ours.project.deployments] == [None, BEFORE, BEFORE, "new"]
    assert vercel.post("/v13/deployments", json=about).status_code == 400
    query = {"projectId": PROJECT, "target": "production", "limit": "1"}
    (newest,) = vercel.get("/v7/deployments", params=query).json()["deployments"]
    assert newest["uid"] == ours.project.deployments[-1].number
