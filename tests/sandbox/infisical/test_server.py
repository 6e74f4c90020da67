"""The pretend Infisical behaves as Infisical's source says: no description of its API is at hand."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.infisical.state import Secret
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.systems.infisical.bench import OURS, PLACE, PROJECT, Secrets

WHERE = {"projectId": PROJECT, "environment": "prod", "secretPath": "/apps/payments"}


@pytest.fixture
def bench(world: World) -> Secrets:
    return Secrets(world)


@pytest.fixture
def client(bench: Secrets) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {bench.token}"}
    with httpx.Client(base_url=f"{bench.state.url}/api", headers=headers) as opened:
        yield opened


def test_a_secret_is_read_and_written_as_the_source_says(bench: Secrets, client: httpx.Client) -> None:
    found = client.get(f"/v4/secrets/{NAME}", params=WHERE).json()["secret"]
    assert (found["secretValue"], found["secretComment"], found["version"]) == (BEFORE, "Neon", 1)
    changed = client.patch(f"/v4/secrets/{NAME}", json={**WHERE, "secretValue": " x "}).json()["secret"]
    assert (changed["secretValue"], changed["secretComment"], changed["version"]) == ("x", "", 2)
    assert bench.ours[NAME].comment == "Neon"
    more = {"secretComment": "", "skipMultilineEncoding": True}
    assert client.patch(f"/v4/secrets/{NAME}", json={**WHERE, **more}).status_code == 200
    assert (bench.ours[NAME].value, bench.ours[NAME].comment, bench.ours[NAME].skip_multiline_encoding) == (
        "x",
        "",
        True,
    )
    assert client.patch("/v4/secrets/GONE", json={**WHERE, "secretValue": "x"}).status_code == 404
    assert client.post(f"/v4/secrets/{NAME}", json={**WHERE, "secretValue": "x"}).status_code == 400
    assert client.post("/v4/secrets/MORE", json={**WHERE, "secretValue": "x"}).json()["secret"]["version"] == 1


def test_a_list_shows_its_own_and_hides_values_where_that_is_asked(client: httpx.Client) -> None:
    shown = client.get("/v4/secrets", params=WHERE).json()["secrets"]
    assert [one["secretValue"] for one in shown] == [BEFORE]
    hidden = client.get("/v4/secrets", params={**WHERE, "viewSecretValue": "false"}).json()["secrets"]
    assert [(one["secretKey"], one["secretValueHidden"]) for one in hidden] == [(NAME, True)]
    assert BEFORE not in str(hidden)


def test_an_imported_one_is_shown_to_who_asks_for_imports(bench: Secrets, client: httpx.Client) -> None:
    bench.state.folders[PROJECT, "dev", "/"] = {"SHARED": Secret("x")}
    bench.state.imports[PLACE] = [(PROJECT, "dev", "/")]
    assert client.get("/v4/secrets/SHARED", params=WHERE).status_code == 404
    found = client.get("/v4/secrets/SHARED", params={**WHERE, "include_imports": "true"}).json()["secret"]
    assert (found["environment"], found["secretPath"]) == ("dev", "/")


def test_a_policy_makes_a_write_a_change_request(bench: Secrets, client: httpx.Client) -> None:
    bench.state.approvals = True
    answer = client.patch(f"/v4/secrets/{NAME}", json={**WHERE, "secretValue": "x"})
    assert (answer.status_code, list(answer.json()), bench.ours) == (200, ["approval"], {NAME: OURS})


def test_who_asks_and_how_often_decides(bench: Secrets, client: httpx.Client) -> None:
    for access, read, listed, written in (("", 403, 403, 403), ("describe", 403, 200, 403), ("read", 200, 200, 403)):
        bench.state.let(bench.token, PROJECT, access)
        assert client.get(f"/v4/secrets/{NAME}", params=WHERE).status_code == read
        assert client.get("/v4/secrets", params={**WHERE, "viewSecretValue": "false"}).status_code == listed
        assert client.patch(f"/v4/secrets/{NAME}", json={**WHERE, "secretValue": "x"}).status_code == written
    assert client.get("/v4/secrets", params={**WHERE, "secretPath": "/gone"}).status_code == 404
    assert client.get("/v4/secrets", params=WHERE, headers={"Authorization": "Bearer x"}).status_code == 401
    bad = client.post("/v1/auth/universal-auth/login", json={"clientId": "x", "clientSecret": "x"})
    assert (bad.status_code, bad.json()["message"]) == (401, "Invalid credentials")
    bench.state.rate.most = 1
    answers = [client.get(f"/v4/secrets/{NAME}", params=WHERE) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 429]
    assert answers[1].headers["Retry-After"]
