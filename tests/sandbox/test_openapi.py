"""The check against the official descriptions catches what it must: a wrong request, a wrong reply, a wrong status."""

from __future__ import annotations

import json

import httpx
import pytest
from multidict import CIMultiDict

from rotate.sandbox.ledger import Entry
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.openapi import FILES, OUTSIDE, SPECS, check, description, listed_installation, require_specs
from tests.support.openapi_by_hand import BY_HAND


def exchange(method: str, target: str, sent: bytes, status: int, received: bytes, server: str = "neon") -> Entry:
    """Make up one exchange."""
    json_headers = CIMultiDict({"Content-Type": "application/json", "Authorization": "Bearer x"})
    base = "/api/v2" if server == "neon" else ""
    entry = Entry(1, server, method, base, base + target, json_headers, 0.0, sent)
    entry.status, entry.response_headers, entry.response_body = status, json_headers, received
    return entry


KEY = b'{"id": 1, "key": "k", "name": "n", "created_at": "2026-01-01T00:00:00Z", "created_by": "%s"}' % (b"0" * 8)


@pytest.mark.parametrize(
    "wrong",
    [
        exchange("POST", "/api_keys", b"{}", 200, KEY),
        exchange("POST", "/api_keys", b'{"key_name": "%s"}' % (b"x" * 65), 200, KEY),
        exchange("POST", "/api_keys", b'{"key_name": "n"}', 200, b'{"id": 1}'),
        exchange("GET", "/api_keys", b"", 200, b'{"keys": []}'),
        exchange("POST", "/api_keys/1/rotate", b"{}", 200, b"{}"),
        exchange("PUT", "/repos/o/r/actions/secrets/A", b'{"key_id": "1"}', 204, b"", "github"),
        exchange("PUT", "/repos/o/r/actions/secrets/A", b'{"encrypted_value": "?", "key_id": "1"}', 204, b"", "github"),
        exchange("GET", "/repos/o/r/actions/secrets/public-key", b"", 200, b'{"key": "x"}', "github"),
        exchange("POST", "/repos/o/r/actions/workflows/a.yml/dispatches", b"{}", 204, b"", "github"),
        exchange(
            "POST", "/repos/o/r/actions/workflows/a.yml/dispatches", b'{"ref": "main", "x": 1}', 204, b"", "github"
        ),
        exchange("POST", "/repos/o/r/actions/workflows/a.yml/dispatches", b'{"ref": "main"}', 200, b"{}", "github"),
        exchange("GET", "/repos/o/r/actions/workflows", b"", 200, b"{}", "github"),
        exchange("PUT", "/secrets/a?api-version=7.4", b'{"tags": {}}', 200, b"{}", "azure-keyvault"),
        exchange("PUT", "/secrets/a_b?api-version=7.4", b'{"value": "x"}', 200, b"{}", "azure-keyvault"),
        exchange("GET", "/secrets/a/", b"", 200, b"{}", "azure-keyvault"),
        exchange("GET", "/secrets/a/?api-version=7.4", b"", 200, b'{"value": 5}', "azure-keyvault"),
    ],
    ids=lambda entry: entry.line,
)
def test_a_wrong_exchange_is_caught(wrong: Entry) -> None:
    with pytest.raises(AssertionError):
        check([wrong])


def test_only_a_few_operations_are_described_by_hand() -> None:
    require_specs()
    assert list(BY_HAND) == [
        "/orgs/{org}",
        "/user",
        "/user/repos",
        "/repos/{owner}/{repo}/contents/{at0}/{at1}",
        "/repos/{owner}/{repo}/contents/{at0}/{at1}/{at2}",
        "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
        "/repos/{owner}/{repo}/actions/workflows/{workflow_id}",
        "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
        "/orgs/{org}/installation",
        "/users/{username}/installation",
    ]
    assert not set(BY_HAND) & set(description("github", by_hand=False)["paths"]), "then the official one counts"


def test_the_one_schema_that_is_not_taken_as_it_stands_has_a_mistake() -> None:
    require_specs()
    official = description("github", by_hand=False)
    copy, named = listed_installation(official)["items"], official["components"]["schemas"]["installation"]
    assert (set(copy["properties"]["account"]), set(named["properties"]["account"])) == (
        {"nullable", "allOf"},
        {"nullable", "anyOf"},
    )
    assert copy["required"] == named["required"]


def test_every_route_of_the_pretend_neon_answers_as_described(world: World) -> None:
    ada = world.neon.add_user("ada")
    world.neon.add_organization("org-a", admins=[ada])
    key = world.neon.add_key(ada, name="k", last_used_days_ago=1)
    with httpx.Client(base_url=world.neon.url, headers={"Authorization": f"Bearer {key.value}"}) as client:
        made = client.post("/organizations/org-a/api_keys", json={"key_name": "n", "project_id": "p"})
        assert made.status_code == 404, "no such project yet"
        world.neon.add_project("p", org_id="org-a")
        made = client.post("/organizations/org-a/api_keys", json={"key_name": "n", "project_id": "p"})
        mine = client.post("/api_keys", json={"key_name": "m"})
        paths = ["auth", "users/me", "users/me/organizations", "api_keys", "organizations/org-a", "projects/p"]
        paths += ["organizations/org-a/api_keys", "organizations/org-a/members?limit=1", "projects?org_id=org-a"]
        for path in paths:
            assert client.get(path).status_code == 200, path
        assert client.delete(f"/organizations/org-a/api_keys/{made.json()['id']}").json()["revoked"] is True
        assert client.delete(f"/api_keys/{mine.json()['id']}").json()["revoked"] is True
    assert check(world.ledger) == 14


def test_every_route_of_the_pretend_github_answers_as_described(world: World) -> None:
    world.github.add_repository(REPOSITORY)
    run = world.github.add_run(REPOSITORY)
    world.github.set_secret(REPOSITORY, "A", "value")
    token = world.github.add_token(repositories={REPOSITORY: PERMISSIONS})
    base = f"{world.github.url}/repos/{REPOSITORY}"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        paths = ["", "/actions/runs", f"/actions/runs/{run.run_id}", "/actions/secrets", "/actions/secrets/A"]
        paths += ["/actions/secrets/public-key", "/actions/variables"]
        for path in paths:
            assert client.get(base + path).status_code == 200, path
        assert client.post(f"{base}/actions/variables", json={"name": "V", "value": "1"}).status_code == 201
        assert client.post(f"{base}/actions/variables", json={"name": "V", "value": "1"}).status_code == 409
        assert client.get(f"{base}/actions/variables/V").status_code == 200
        assert client.patch(f"{base}/actions/variables/V", json={"value": "2"}).status_code == 204
        assert client.delete(f"{base}/actions/variables/V").status_code == 204
    assert check(world.ledger) == 11, "all but the 409, which the description leaves out"


def test_an_organizations_variables_answer_as_described(world: World) -> None:
    world.github.add_organization("octo-org")
    token = world.github.add_token(organizations={"octo-org": {"organization_actions_variables": "write"}})
    base, made = f"{world.github.url}/orgs/octo-org/actions/variables", {"name": "V", "value": "1"}
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        for visibility in ("selected", "all"):
            assert client.post(base, json={**made, "visibility": visibility}).status_code == 201
            assert client.post(base, json={**made, "visibility": visibility}).status_code == 409
            assert client.get(base).status_code == client.get(f"{base}/V").status_code == 200
            assert client.patch(f"{base}/V", json={"value": "2"}).status_code == 204
            assert client.delete(f"{base}/V").status_code == 204
    assert check(world.ledger) == 10, "all but the 409, which the description leaves out"


def test_an_organizations_variables_are_for_who_may_see_it_and_say_who_reads_them(world: World) -> None:
    world.github.add_organization("octo-org")
    stranger = world.github.add_token()
    token = world.github.add_token(organizations={"octo-org": {"organization_actions_variables": "write"}})
    path = f"{world.github.url}/orgs/octo-org/actions/variables"
    with httpx.Client() as client:
        assert client.get(path, headers={"Authorization": f"Bearer {stranger}"}).status_code == 404
        made = {"name": "V", "value": "1", "visibility": "everybody"}
        assert client.post(path, headers={"Authorization": f"Bearer {token}"}, json=made).status_code == 422


def test_what_is_outside_the_descriptions_is_known_and_indeed_not_in_them() -> None:
    require_specs()
    assert list(OUTSIDE) == [
        r"github /repos/[^/]+/[^/]+/issues(/\d+(/comments)?)?",
        r"azure-devops /[^/]+/_apis",
        r"azure-keyvault /deletedsecrets/[^/]+",
        r"bitbucket /repositories/[^/]+/[^/]+/environments",
        r"vault /sys/internal/ui/mounts/.+",
        r"vault /(kv1/[^/]+|secret/(meta)?data/[^/]+|deep/kv)/.*",
        r"hcp-terraform /organizations",
        r"circleci /projects",
        r"kubernetes /api/v1/(secrets|namespaces)",
        r"kubernetes /apis/apps/v1/.+",
        r"gitlab /(personal_access_tokens/self|projects|groups)",
        r"woodpecker /(repos|orgs)/lookup/.+/.+",
        r"woodpecker /(user/repos|repos|orgs)",
        r"vercel /v\d+/(env(/[^/]+)?|deployments(/[^/]+)?|projects(/[^/]+(/custom-environments(/[^/]+)?)?)?)",
    ]
    described = json.loads((SPECS / FILES["github"]).read_text())["paths"]
    assert [path for path in described if "/issues" in path] == []
    with pytest.raises(AssertionError, match="no reply was checked"):
        check([exchange("GET", "/repos/o/r/issues", b"", 200, b"[]", "github")])
    with pytest.raises(AssertionError, match="PathNotFound"):
        check([exchange("GET", "/repos/o/r/issues/1/labels", b"", 200, b"[]", "github")])
