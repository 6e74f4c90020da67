"""What the pretend Cloudflare says no to, and how it says so."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.systems.cloudflare.bench import ACCOUNT, TOKEN, Cloudflare

SCRIPT, PROJECT, STORES = "workers/scripts/payments", "pages/projects/shop", "secrets_store/stores"
GOOD = {"name": NAME, "text": "a", "type": "secret_text"}


@pytest.fixture
def ours(world: World) -> Cloudflare:
    return Cloudflare(world)


@pytest.fixture
def client(ours: Cloudflare) -> Iterator[httpx.Client]:
    url, headers = f"{ours.server.url}/client/v4/accounts/{ACCOUNT}", {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, headers=headers) as client:
        yield client


def said(answer: httpx.Response) -> tuple[int, int]:
    """Give the status and the code."""
    whole = answer.json()
    assert (whole["success"], whole["result"], whole["messages"]) == (False, None, [])
    return answer.status_code, whole["errors"][0]["code"]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code"),
    [
        ("GET", "nowhere", None, 404, 7003),
        ("GET", "workers/scripts/none/settings", None, 404, 10007),
        ("PUT", f"{SCRIPT}/secrets", {"name": NAME, "text": "a"}, 400, 10021),
        ("PUT", f"{SCRIPT}/secrets", {"text": "a", "type": "secret_text"}, 400, 10021),
        ("GET", "pages/projects/none", None, 404, 8000007),
        ("PATCH", PROJECT, {"deployment_configs": {"staging": {}}}, 400, 8000022),
        ("GET", f"{PROJECT}/deployments/none", None, 404, 8000009),
        ("GET", f"{STORES}/none/secrets", None, 404, 1003),
    ],
)
def test_what_is_not_there_or_not_whole_is_refused(
    verb: str, path: str, body: object, status: int, code: int, client: httpx.Client
) -> None:
    assert said(client.request(verb, path, json=body)) == (status, code)


def test_a_secret_is_shown_to_nobody_and_other_bindings_are_none(ours: Cloudflare, client: httpx.Client) -> None:
    assert client.put(f"{SCRIPT}/secrets", json=GOOD).json()["result"] == {"name": NAME, "type": "secret_text"}
    shown = client.get(f"{SCRIPT}/secrets").json()["result"]
    assert shown == client.get(f"{SCRIPT}/settings").json()["result"]["bindings"]
    ours.worker.bindings[0].kind = "plain_text"
    assert client.get(f"{SCRIPT}/secrets").json()["result"] == []
    assert said(client.put(f"{SCRIPT}/secrets", json=GOOD)) == (400, 10053)


def test_a_patch_changes_what_it_names_and_removes_what_is_null(ours: Cloudflare, client: httpx.Client) -> None:
    ours.config.file = "0123"
    assert client.patch(PROJECT, json={"build_config": {}}).status_code == 200
    assert ours.config.file
    assert list(ours.config.variables) == [NAME]
    gone = {"deployment_configs": {"production": {"env_vars": {NAME: None}}, "preview": {}}}
    assert client.patch(PROJECT, json=gone).json()["result"]["deployment_configs"]["production"]["env_vars"] is None
    assert not ours.config.file
    assert not ours.config.variables


def test_a_project_without_a_repository_is_deployed_by_files_alone(ours: Cloudflare, client: httpx.Client) -> None:
    assert client.post(f"{PROJECT}/deployments").json()["result"]["is_skipped"] is False
    ours.project.git = False
    assert said(client.post(f"{PROJECT}/deployments")) == (400, 8000096)
    assert len(client.get(f"{PROJECT}/deployments").json()["result"]) == 1


def test_a_secret_of_a_store_has_one_name_and_three_fields(ours: Cloudflare, client: httpx.Client) -> None:
    path = f"{STORES}/{ours.store.number}/secrets"
    new = {"name": NAME, "value": "a", "scopes": ["workers"]}
    assert said(client.post(path, json=[new])) == (409, 1004)
    number = ours.store.secrets[-1].number
    assert said(client.patch(f"{path}/{number}", json={"name": "OTHER"})) == (400, 1002)
    assert said(client.patch(f"{path}/none", json={})) == (404, 1001)
    assert "value" not in client.patch(f"{path}/{number}", json={"comment": "b"}).json()["result"]
    assert ours.store.secrets[-1].comment == "b"


def test_who_asks_counts(ours: Cloudflare, client: httpx.Client) -> None:
    for header in ("Basic x", "Bearer other"):
        assert said(client.get(f"{SCRIPT}/settings", headers={"Authorization": header})) == (401, 1000)
    ours.server.readers.add(TOKEN)
    assert said(client.put(f"{SCRIPT}/secrets", json=GOOD)) == (403, 10000)
    assert client.get(f"{SCRIPT}/settings").status_code == 200
    ours.server.rate.most = 1
    client.get(f"{SCRIPT}/settings")
    answer = client.get(f"{SCRIPT}/settings")
    assert (said(answer), int(answer.headers["Retry-After"]) > 290) == ((429, 971), True)
