"""The pretend GitHub keeps the rules of the real one: sealed boxes, permissions, names, runs."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import httpx
from nacl.public import PublicKey, SealedBox

from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World

SECRETS = f"/repos/{REPOSITORY}/actions/secrets"
VARIABLES = f"/repos/{REPOSITORY}/actions/variables"


def sealed(world: World, value: str) -> dict[str, str]:
    repository = world.github.repository(REPOSITORY)
    box = SealedBox(PublicKey(bytes(repository.vaults["actions"].box_key.public_key)))
    return {
        "encrypted_value": base64.b64encode(box.encrypt(value.encode())).decode(),
        "key_id": repository.vaults["actions"].key_id,
    }


def test_github_opens_what_was_sealed_for_it_and_refuses_the_rest(world: World, github: httpx.Client) -> None:
    good = sealed(world, "value")
    assert github.put(f"{SECRETS}/a", json=good).status_code == 201
    assert github.put(f"{SECRETS}/A", json=good).status_code == 204
    assert world.github.secret(REPOSITORY, "A") == "value"
    too_large = sealed(world, "x" * 50_000)
    for wrong in ({}, {**good, "key_id": "1"}, {**good, "encrypted_value": "eA=="}, too_large):
        assert github.put(f"{SECRETS}/A", json=wrong).status_code == 422
    for name in ("GITHUB_A", "1A", "A-B"):
        assert github.put(f"{SECRETS}/{name}", json=good).status_code == 422
    world.github.vault(REPOSITORY).change_key()
    assert github.put(f"{SECRETS}/A", json=good).status_code == 422
    assert world.github.secret(REPOSITORY, "A") == "value"
    assert github.delete(f"{SECRETS}/A").status_code == 204
    assert github.get(f"{SECRETS}/A").status_code == 404
    assert world.github.secret(REPOSITORY, "A") is None


def test_variables_are_created_once(world: World, github: httpx.Client) -> None:
    assert github.post(VARIABLES, json={"name": "v", "value": "1"}).status_code == 201
    assert github.post(VARIABLES, json={"name": "V", "value": "2"}).status_code == 409
    assert github.post(VARIABLES, json={"name": "V"}).status_code == 422
    assert github.patch(f"{VARIABLES}/V", json={"value": "3"}).status_code == 204
    assert github.patch(f"{VARIABLES}/V", json={"name": "V"}).status_code == 204
    assert github.get(f"{VARIABLES}/V").json()["value"] == "3"
    assert world.github.variables(REPOSITORY) == {"V": "3"}
    assert github.delete(f"{VARIABLES}/V").status_code == 204
    assert github.delete(f"{VARIABLES}/V").status_code == 404


def test_a_variable_is_renamed_unless_the_name_is_taken(world: World, github: httpx.Client) -> None:
    for name in ("A", "B"):
        world.github.set_variable(REPOSITORY, name, name.lower())
    assert github.patch(f"{VARIABLES}/A", json={"name": "b"}).status_code == 409
    for wrong in ({"name": "GITHUB_A"}, {"name": 1}, {"value": 1}):
        assert github.patch(f"{VARIABLES}/A", json=wrong).status_code == 422
    assert world.github.variables(REPOSITORY) == {"A": "a", "B": "b"}
    assert github.patch(f"{VARIABLES}/A", json={"name": "c"}).status_code == 204
    assert world.github.variables(REPOSITORY) == {"B": "b", "C": "a"}
    assert github.get(f"{VARIABLES}/A").status_code == 404
    assert github.get(f"{VARIABLES}/C").json()["name"] == "C"


def test_a_token_does_what_it_may(world: World, github: httpx.Client) -> None:
    other = world.github.add_token(repositories={REPOSITORY: {"secrets": "read"}})
    job = world.github.add_token(kind="actions")
    world.github.add_repository("octo-org/old", archived=True)
    old = world.github.add_token(repositories={"octo-org/old": PERMISSIONS})
    blind = world.github.add_token(repositories={})
    assert old.startswith("github_pat_SANDBOX")
    asked = [
        (other, "GET", f"{SECRETS}/public-key", 200),
        (other, "PUT", f"{SECRETS}/A", 403),
        (other, "GET", VARIABLES, 403),
        (job, "GET", f"{SECRETS}/public-key", 403),
        (job, "GET", f"/repos/{REPOSITORY}/actions/runs", 200),
        (old, "PUT", "/repos/octo-org/old/actions/secrets/A", 403),
        (blind, "GET", f"/repos/{REPOSITORY}", 404),
        (blind, "GET", "/repos/octo-org/none", 404),
        ("unknown", "GET", f"/repos/{REPOSITORY}", 401),
    ]
    for token, method, path, status in asked:
        answer = github.request(method, path, headers={"Authorization": f"token {token}"}, json={})
        assert answer.status_code == status, f"{method} {path}"
    world.github.revoke_token(other)
    assert github.get(SECRETS, headers={"Authorization": f"Bearer {other}"}).status_code == 401


def test_github_wants_a_user_agent_and_knows_its_versions(world: World, github: httpx.Client) -> None:
    assert github.get(VARIABLES, headers={"User-Agent": ""}).status_code == 403
    assert github.get(VARIABLES, headers={"X-GitHub-Api-Version": "2000-01-01"}).status_code == 400
    assert github.get(VARIABLES, headers={"Authorization": ""}).status_code == 401
    answer = github.get(f"/api/v3{VARIABLES}", headers={"X-GitHub-Api-Version": "2022-11-28"})
    assert answer.headers["X-GitHub-Api-Version-Selected"] == "2022-11-28"
    assert int(answer.headers["X-RateLimit-Remaining"]) < 5000


def test_runs_are_told_by_their_state(world: World, github: httpx.Client) -> None:
    run = world.github.add_run(REPOSITORY, started_days_ago=1, created_days_ago=2)
    world.github.add_run(REPOSITORY, status="completed")
    path = f"/repos/{REPOSITORY}/actions/runs"
    assert [one["id"] for one in github.get(f"{path}?status=in_progress").json()["workflow_runs"]] == [run.run_id]
    assert run.started_at - run.created_at == timedelta(days=1)
    assert github.get(f"{path}/1").status_code == 404
    assert github.get(f"{path}/x").status_code == 404


def test_metadata_lags_behind_a_write_for_as_many_reads_as_told(world: World, github: httpx.Client) -> None:
    world.github.set_secret(REPOSITORY, "A", "old", updated_days_ago=10)
    world.github.metadata_lag = 2
    assert github.put(f"{SECRETS}/A", json=sealed(world, "new")).status_code == 204
    shown = [datetime.fromisoformat(github.get(f"{SECRETS}/A").json()["updated_at"]) for _ in range(4)]
    assert [world.clock.now() - one > timedelta(days=9) for one in shown] == [True, True, False, False]
    assert world.github.secret(REPOSITORY, "A") == "new", "only what is told lags, not what a workflow reads"


def test_a_variable_is_inspected_without_a_request(world: World) -> None:
    world.github.add_repository(REPOSITORY)
    world.github.set_variable(REPOSITORY, "note", "text")
    assert world.github.variable(REPOSITORY, "Note") == "text"
    assert world.github.variable(REPOSITORY, "OTHER") is None
    assert len(world.ledger) == 0


def test_a_repository_and_a_run_are_told_as_they_are(world: World, github: httpx.Client) -> None:
    run = world.github.add_run(REPOSITORY, status="completed")
    told = github.get(f"/repos/{REPOSITORY}").json()
    assert (told["full_name"], told["archived"], told["private"]) == (REPOSITORY, False, True)
    ended = github.get(f"/repos/{REPOSITORY}/actions/runs/{run.run_id}").json()
    assert (ended["id"], ended["status"], ended["conclusion"]) == (run.run_id, "completed", "success")


def test_the_public_key_that_is_given_out_is_the_one_to_seal_for(world: World, github: httpx.Client) -> None:
    given = github.get(f"{SECRETS}/public-key").json()
    box = SealedBox(PublicKey(base64.b64decode(given["key"])))
    body = {"encrypted_value": base64.b64encode(box.encrypt(b"value")).decode(), "key_id": given["key_id"]}
    assert github.put(f"{SECRETS}/A", json=body).status_code == 201
    assert world.github.secret(REPOSITORY, "A") == "value"
