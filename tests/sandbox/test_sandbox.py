"""The pretend world keeps the rules of the real ones, plays its script, and counts."""

from __future__ import annotations

import base64
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from nacl.public import PublicKey, SealedBox

from rotate.sandbox.exchange import Call, Reply, Request
from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.stories import ORGANIZATION, PERMISSIONS, PROJECT, REPOSITORY, STORIES, personal
from rotate.sandbox.world import World
from tests.runner import ROOT

SECRETS = f"/repos/{REPOSITORY}/actions/secrets"
VARIABLES = f"/repos/{REPOSITORY}/actions/variables"


class Neon:
    """An organization with an Admin, a Member and an outsider, and a client that speaks with any key."""

    def __init__(self, world: World) -> None:
        self.world, self.state = world, world.neon
        self.ada, self.bob, self.eve = (world.neon.add_user(name) for name in ("ada", "bob", "eve"))
        world.neon.add_organization(ORGANIZATION, admins=[self.ada], members=[self.bob])
        world.neon.add_project(PROJECT, org_id=ORGANIZATION)
        self.key = world.neon.add_key(self.ada, name="mine")
        self.client = httpx.Client(base_url=world.neon.url)

    def ask(self, method: str, path: str, value: str | None = None, **options: Any) -> httpx.Response:
        """Send with a key's value, the Admin's by default."""
        headers = {"Authorization": f"Bearer {value or self.key.value}"}
        return self.client.request(method, path, headers=headers, **options)


@pytest.fixture
def neon(world: World) -> Iterator[Neon]:
    opened = Neon(world)
    yield opened
    opened.client.close()


@pytest.fixture
def github(world: World) -> Iterator[httpx.Client]:
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(repositories={REPOSITORY: PERMISSIONS})
    with httpx.Client(base_url=world.github.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


ORG_KEYS = f"/organizations/{ORGANIZATION}/api_keys"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api_keys", {"key_name": "mine"}, 409),
        ("POST", "/api_keys", {"key_name": ""}, 422),
        ("POST", "/api_keys", {"key_name": "x" * 65}, 422),
        ("POST", "/api_keys", {}, 400),
        ("POST", "/api_keys", [], 400),
        ("DELETE", "/api_keys/1", None, 404),
        ("DELETE", "/api_keys/one", None, 400),
        ("PUT", "/api_keys", None, 405),
        ("GET", "/nothing", None, 404),
        ("GET", "/projects", None, 400),
        ("GET", "/projects/none", None, 404),
        ("POST", ORG_KEYS, {"key_name": "n", "project_id": "NO"}, 422),
        ("POST", ORG_KEYS, {"key_name": "n", "project_id": "none"}, 404),
    ],
)
def test_neon_refuses_what_the_real_one_refuses(method: str, path: str, body: object, status: int, neon: Neon) -> None:
    before = len(neon.state.issued())
    assert neon.ask(method, path, json=body).status_code == status
    assert len(neon.state.issued()) == before


def test_a_body_that_is_no_json_is_refused(neon: Neon) -> None:
    assert neon.ask("POST", "/api_keys", content=b"{").status_code == 400


def test_an_unknown_key_is_401_and_the_root_has_no_api(neon: Neon, world: World) -> None:
    assert neon.ask("GET", "/auth", "napi_unknown").status_code == 401
    assert neon.client.get("/auth", headers={"Authorization": "Basic x"}).status_code == 401
    assert httpx.get(world.neon.url.removesuffix("/api/v2") + "/auth").status_code == 404


def test_who_may_do_what(neon: Neon) -> None:
    made = neon.ask("POST", ORG_KEYS, json={"key_name": "wide"}).json()["key"]
    bound = neon.ask("POST", ORG_KEYS, json={"key_name": "bound", "project_id": PROJECT}).json()["key"]
    bob, eve = neon.state.add_key(neon.bob, name="b").value, neon.state.add_key(neon.eve, name="e").value
    asked = {
        ("POST", ORG_KEYS): {made: 404, bound: 404, bob: 404, eve: 404},
        ("GET", ORG_KEYS): {made: 200, bound: 404, bob: 404, eve: 404},
        ("GET", f"/organizations/{ORGANIZATION}"): {made: 200, bound: 404, bob: 200, eve: 404},
        ("GET", "/api_keys"): {made: 404, bound: 404, bob: 200},
        ("GET", f"/projects/{PROJECT}"): {made: 200, bound: 200, bob: 200, eve: 404},
        ("GET", f"/projects?org_id={ORGANIZATION}"): {made: 200, bound: 404, bob: 200, eve: 404},
        ("GET", "/users/me"): {made: 404, bob: 200},
        ("GET", "/users/me/organizations"): {made: 200, bob: 200, eve: 200},
        ("GET", "/auth"): {made: 200, bound: 200, bob: 200},
    }
    for (method, path), answers in asked.items():
        for value, status in answers.items():
            body = {"key_name": "x"} if method == "POST" else None
            assert neon.ask(method, path, value, json=body).status_code == status, f"{method} {path}"
    assert neon.ask("GET", "/users/me/organizations", eve).json() == {"organizations": []}
    assert neon.ask("GET", "/auth", made).json()["auth_method"] == "api_key_org"


def test_use_moves_and_a_dead_key_stays_listed_for_a_while(neon: Neon, world: World) -> None:
    other = neon.state.add_key(neon.ada, name="other")
    neon.ask("GET", "/auth", other.value)
    assert other.listed()["last_used_at"]
    neon.state.list_lag = 8
    neon.state.revoke(other.key_id)
    assert other.key_id in [row["id"] for row in neon.ask("GET", "/api_keys").json()]
    world.advance(9)
    assert other.key_id not in [row["id"] for row in neon.ask("GET", "/api_keys").json()]
    assert neon.state.key(other.key_id).revoked
    assert [one.owner_id for one in neon.state.projects()] == [ORGANIZATION]


def sealed(world: World, value: str) -> dict[str, str]:
    repository = world.github.repository(REPOSITORY)
    box = SealedBox(PublicKey(bytes(repository.box_key.public_key)))
    return {"encrypted_value": base64.b64encode(box.encrypt(value.encode())).decode(), "key_id": repository.key_id}


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
    world.github.repository(REPOSITORY).change_key()
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


def followed(github: httpx.Client, path: str, name: str) -> list[int]:
    """Follow a list to its end by the links alone; give the length of each page."""
    lengths: list[int] = []
    url: str | None = path
    while url is not None and len(lengths) < 10:
        answer = github.get(url)
        assert answer.status_code == 200, url
        lengths.append(len(answer.json()[name]))
        url = answer.links.get("next", {}).get("url")
    return lengths


@pytest.mark.parametrize(
    ("query", "lengths"),
    [("", [10, 10, 10, 5]), ("?per_page=30", [30, 5]), ("?per_page=100", [30, 5]), ("?page=4", [5])],
)
def test_variables_come_in_pages_whose_links_can_be_followed(
    query: str, lengths: list[int], world: World, github: httpx.Client
) -> None:
    for number in range(35):
        world.github.set_variable(REPOSITORY, f"V{number}", "1")
    assert github.get(VARIABLES + query).json()["total_count"] == 35
    assert followed(github, VARIABLES + query, "variables") == lengths
    assert followed(github, f"/api/v3{VARIABLES}{query}", "variables") == lengths


def test_secrets_have_longer_pages_than_variables(world: World, github: httpx.Client) -> None:
    for number in range(35):
        world.github.set_secret(REPOSITORY, f"S{number}", "value")
    assert followed(github, SECRETS, "secrets") == [30, 5]
    assert followed(github, f"{SECRETS}?per_page=100", "secrets") == [35]


def test_the_next_page_of_a_filtered_list_is_filtered_too(world: World, github: httpx.Client) -> None:
    for number in range(10):
        world.github.add_run(REPOSITORY, status="completed" if number % 2 else "queued")
    runs = f"/repos/{REPOSITORY}/actions/runs?status=completed&per_page=3"
    assert followed(github, runs, "workflow_runs") == [3, 2]


@pytest.mark.parametrize("query", ["per_page=none", "per_page=0", "page=-1"])
def test_a_page_that_cannot_be_is_refused(query: str, github: httpx.Client) -> None:
    assert github.get(f"{VARIABLES}?{query}").status_code == 422


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


@pytest.mark.parametrize(
    ("kind", "options", "status", "acted"),
    [
        ("status", {"code": 503}, 503, False),
        ("status", {"code": 503, "after": True}, 503, True),
        ("status", {"code": 200, "body": b"raw"}, 200, False),
        ("rate_limited", {"retry_after": 7}, 429, False),
        ("rate_limited", {"code": 403, "headers": {"X": "y"}}, 403, False),
        ("html", {}, 200, False),
        ("truncated", {}, 200, True),
        ("cut", {}, None, True),
        ("lost_reply", {}, None, True),
        ("reset", {}, None, False),
        ("death_before", {}, None, False),
        ("death_after", {}, None, True),
        ("delay", {"seconds": 0.01}, 200, True),
        ("delay", {"seconds": 0.01, "after": True}, 200, True),
    ],
)
def test_a_fault_does_what_its_table_says(
    kind: Kind, options: dict[str, Any], status: int | None, acted: bool, neon: Neon, world: World
) -> None:
    fault = Fault(kind, method="POST", **options)
    assert world.faults.add(fault) is fault
    try:
        got: int | None = neon.ask("POST", "/api_keys", json={"key_name": "new"}).status_code
    except httpx.TransportError:
        got = None
    assert (got, "new" in [key.name for key in neon.state.live_keys()]) == (status, acted)
    assert world.faults.unused() == []


def test_a_hook_is_called_and_a_victim_dies(neon: Neon, world: World) -> None:
    seen: list[World] = []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        world.victim = victim.pid
        world.faults.add(Fault("hook", call=seen.append), Fault.at(1, "death_before"))
        with pytest.raises(httpx.TransportError):
            neon.ask("GET", "/auth")
        assert victim.wait(10) == -signal.SIGKILL
    assert seen == [world]


@pytest.mark.parametrize(("kind", "options"), [("nothing", {}), ("hook", {}), ("status", {"call": print})])
def test_a_script_that_cannot_be_played_is_refused(kind: Kind, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fault|hook"):
        Fault(kind, **options)


def test_a_fault_picks_its_requests(neon: Neon, world: World) -> None:
    world.faults.add(Fault("status", path="/auth", server="neon", nth=2, times=1, code=503))
    never = world.faults.add(Fault("status", server="github"))
    assert [neon.ask("GET", "/auth").status_code for _ in range(3)] == [200, 503, 200]
    assert neon.ask("GET", "/api_keys").status_code == 200
    assert world.faults.unused() == [never]


def test_the_ledger_counts_and_tells(neon: Neon, world: World) -> None:
    neon.ask("GET", "/auth")
    neon.ask("DELETE", "/api_keys/42")
    assert world.ledger.transcript() == ["neon GET /auth -> 200", "neon DELETE /api_keys/{key} -> 404"]
    assert world.ledger.transcript("github") == []
    assert (world.ledger.count("GET"), len(world.ledger)) == (1, 2)
    assert repr(world.ledger.entries[0]) == "<Entry 1: neon GET /auth -> 200>"
    assert neon.key.value not in repr(world.ledger.entries)
    assert world.ledger.longest_chain() == 2
    assert world.ledger.longest_chain(lambda entry: entry.method == "PUT") == 0
    assert world.ledger.wait_for(2)
    assert not world.ledger.wait_for(3, timeout=0.01)
    world.ledger.clear()
    assert len(world.ledger) == 0
    neon.ask("GET", "/auth")
    assert world.ledger.entries[0].number == 3
    under_way = world.ledger.arrive("neon", "GET", "", "/", {})
    assert under_way.line == "neon GET / -> dropped"
    assert world.ledger.longest_chain(lambda entry: entry is under_way) == 2
    assert world.ledger.longest_chain() == 1, "what has not ended is no link"


def test_what_goes_on_side_by_side_is_one_round_trip(neon: Neon, world: World) -> None:
    world.latency = 0.5
    threads = [threading.Thread(target=neon.ask, args=("GET", "/auth")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.ledger.longest_chain() == 1


def test_a_reset_forgets_all_but_the_addresses(neon: Neon, world: World) -> None:
    url = world.neon.url
    neon.ask("GET", "/auth")
    world.reset()
    assert (world.neon.url, len(world.ledger), world.neon.issued()) == (url, 0, [])
    assert not world.neon.is_live(neon.key.value)


def test_a_mishap_inside_the_sandbox_is_not_taken_for_a_strange_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object, request: Request) -> Reply:
        raise ZeroDivisionError

    monkeypatch.setattr("rotate.sandbox.neon_server.NeonServer.answer", broken)
    with pytest.raises(ZeroDivisionError), World() as world:
        assert httpx.get(world.neon.url + "/auth").status_code == 500
    world = World()
    world.__enter__()
    httpx.get(world.neon.url + "/auth")
    world.__exit__(KeyError, KeyError(), None)
    assert len(world.mishaps) == 1, "what is being raised already is not covered up"


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        World(neon_port=taken.getsockname()[1]).__enter__()


def test_a_document_that_is_no_object_is_refused() -> None:
    request = Request("POST", "", "/", {}, {}, b"[]", "")
    with pytest.raises(Exception, match="JSON object"):
        Call(request, {}, None).document()


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_believable(story: str, world: World) -> None:
    told = STORIES[story](world)
    assert world.github.secret(told.repository, told.secret_name) == told.old_key.value
    assert told.old_key.value not in repr(told)
    first, second = told.environment(), told.environment_now()
    assert first["GITHUB_RUN_ID"] != second["GITHUB_RUN_ID"]
    runs = world.github.repository(told.repository).runs
    assert [run.status for run in runs.values()] == ["completed", "in_progress"]
    assert world.neon.key(told.old_key.key_id).scope in ("personal", "organization", "project")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_world_stands_by_itself_and_says_how_to_rotate_in_it(number: signal.Signals) -> None:
    words = [sys.executable, "-u", "-m", "rotate.sandbox", "--story", "organization"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = "".join(next(process.stdout) for _ in range(6))
        process.send_signal(number)
        assert process.wait(30) == 0
    for words_of_it in ("GITHUB_API_URL=http://127.0.0.1:", "NEON_CURRENT_KEY=napi_sandbox", "--scope organization"):
        assert words_of_it in told
    assert told.splitlines()[-1].startswith("neon-rotate rotate --repository octo-org/payments")


def test_time_is_told_as_both_apis_do(world: World) -> None:
    personal(world)
    world.advance(-3600)
    before = world.clock.now()
    world.clock.reset()
    assert world.clock.now() - before > timedelta(minutes=59)
