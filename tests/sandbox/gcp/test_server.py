"""The pretend Google Cloud behaves as Google's documents say."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.gcp.server import GoogleServer, checksum
from rotate.sandbox.gcp.state import ACCESSOR, ADMIN, NUMBER
from rotate.sandbox.gcp.tokens import METADATA, PROVIDER, TokenServer
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from tests.support.discovery import check

PROJECT = "projects/octo-payments"
SECRETS = f"/{PROJECT}/secrets"
ONE = f"{SECRETS}/A"
DATA = base64.b64encode(b"value-one").decode()


@pytest.fixture
def server(world: World) -> GoogleServer:
    server = GoogleServer(world.clock)
    world.serve(server)
    return server


@pytest.fixture
def google(server: GoogleServer) -> Iterator[httpx.Client]:
    token = server.add_token()
    server.let(token, PROJECT, ADMIN)
    with httpx.Client(base_url=f"{server.url}/v1", headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Give status and the error's own."""
    return answer.status_code, answer.json()["error"]["status"]


@pytest.mark.parametrize("place", ["", "/locations/europe-west3"])
def test_every_route_answers_as_described(place: str, world: World, google: httpx.Client) -> None:
    secrets = f"/{PROJECT}{place}/secrets"
    body = {"labels": {"a": "b"}} if place else {"labels": {"a": "b"}, "replication": {"automatic": {}}}
    made = google.post(secrets, params={"secretId": "A"}, json=body).json()
    assert made["name"] == f"projects/{NUMBER}{place}/secrets/A"
    one = f"{secrets}/A"
    payload = {"data": DATA, "dataCrc32c": str(checksum(b"value-one"))}
    for number in (1, 2):
        added = google.post(f"{one}:addVersion", json={"payload": payload}).json()
        assert added["name"] == f"{made['name']}/versions/{number}"
        assert added["clientSpecifiedPayloadChecksum"] is True
    assert google.get(one).json()["etag"] == made["etag"], "a version changes no secret"
    masked = {"updateMask": "versionAliases"}
    patched = google.patch(one, params=masked, json={"etag": made["etag"], "versionAliases": {"prod": "1"}}).json()
    assert (patched["versionAliases"], patched["labels"]) == ({"prod": "1"}, {"a": "b"})
    assert google.patch(one, params={"updateMask": "labels"}, json={}).json().get("labels") is None
    for asked, number in (("latest", 2), ("prod", 1), ("2", 2)):
        found = google.get(f"{one}/versions/{asked}:access").json()
        assert found == {"name": f"{made['name']}/versions/{number}", "payload": payload}
        assert google.get(f"{one}/versions/{asked}").json()["state"] == "ENABLED"
    wanted = {"permissions": ["secretmanager.versions.add", "secretmanager.secrets.delete"]}
    assert google.post(f"{one}:testIamPermissions", json=wanted).json() == {"permissions": wanted["permissions"][:1]}
    assert google.post(f"{secrets}/B:testIamPermissions", json=wanted).json() == {}
    for verb, state in (("disable", "DISABLED"), ("enable", "ENABLED"), ("destroy", "DESTROYED")):
        assert google.post(f"{one}/versions/2:{verb}", json={}).json()["state"] == state
    assert refused(google.post(f"{one}/versions/2:enable", json={})) == (400, "FAILED_PRECONDITION")
    dead = google.get(f"{one}/versions/latest:access")
    assert (refused(dead), "is in DESTROYED state" in dead.text) == ((400, "FAILED_PRECONDITION"), True)
    assert check(world.ledger) == 19


@pytest.mark.parametrize(
    ("verb", "path", "body", "why"),
    [
        ("POST", f"{ONE}:addVersion", {"payload": {"data": DATA}, "labels": {}}, "'labels' was unexpected"),
        ("POST", f"{ONE}:addVersion", {"payload": {"data": DATA, "dataCrc32c": 5}}, "5 is not of type 'string'"),
        ("POST", f"{ONE}:testIamPermissions", {"permissions": "all"}, "is not of type 'array'"),
        ("PATCH", f"{ONE}?mask=labels", {}, "no such parameter: mask"),
        ("GET", f"{ONE}/versions/latest:read", None, "no such method"),
        ("GET", ONE, {"name": "A"}, "a body that is not described"),
    ],
)
def test_what_is_not_as_described_is_seen(
    verb: str, path: str, body: object, why: str, world: World, server: GoogleServer, google: httpx.Client
) -> None:
    """The control of the check against Google's description."""
    server.set_secret(ONE[1:], "x")
    google.request(verb, path, json=body) if body is not None else google.request(verb, path)
    with pytest.raises(AssertionError, match=why):
        check(world.ledger)


def test_an_answer_that_is_not_as_described_is_seen(world: World, server: GoogleServer, google: httpx.Client) -> None:
    server.set_secret(ONE[1:], "x", state="ENABLED")
    google.get(ONE)
    with pytest.raises(AssertionError, match="'state' was unexpected"):
        check(world.ledger)


def test_what_is_not_right_is_refused(server: GoogleServer, google: httpx.Client) -> None:
    automatic: dict[str, object] = {"replication": {"automatic": {}}}
    assert refused(google.post(SECRETS, params={"secretId": "A"}, json={})) == (400, "INVALID_ARGUMENT")
    assert refused(google.post(SECRETS, params={"secretId": "A.B"}, json=automatic)) == (400, "INVALID_ARGUMENT")
    server.set_secret(ONE[1:], "x")
    assert refused(google.post(SECRETS, params={"secretId": "A"}, json=automatic)) == (409, "ALREADY_EXISTS")
    for payload in ({"data": "?"}, {"data": DATA, "dataCrc32c": "1"}, {"data": ""}, None):
        answer = google.post(f"{ONE}:addVersion", json={"payload": payload})
        assert refused(answer) == (400, "INVALID_ARGUMENT")
    masked = {"updateMask": "versionAliases"}
    stale = google.patch(ONE, params=masked, json={"etag": '"0"', "versionAliases": {}})
    assert refused(stale) == (400, "FAILED_PRECONDITION")
    for aliases in ({"1a": "1"}, {"prod": "9"}):
        assert refused(google.patch(ONE, params=masked, json={"versionAliases": aliases}))[0] == 400
    assert google.patch(ONE, params=masked, json={}).status_code == 200
    assert refused(google.patch(ONE, params={"updateMask": "name"}, json={})) == (400, "INVALID_ARGUMENT")
    assert google.post(f"{ONE}:testIamPermissions", json={}).json() == {}
    assert google.post(f"{ONE}:addVersion", json={"payload": {"data": DATA}}).status_code == 200
    assert server.secret(ONE[1:]).versions[-1].checked is False  # type: ignore[union-attr]


def test_who_asks_decides_what_is_there(world: World, server: GoogleServer, google: httpx.Client) -> None:
    assert refused(google.get(f"{ONE}/versions/latest:access")) == (404, "NOT_FOUND")
    server.set_secret(ONE[1:])
    assert refused(google.get(f"{ONE}/versions/latest")) == (404, "NOT_FOUND")
    assert (server.value(ONE[1:]), server.value(f"{ONE[1:]}2")) == (None, None)
    token = server.add_token()
    server.let(token, ONE[1:], ACCESSOR)
    one = {"Authorization": f"Bearer {token}"}
    assert refused(google.get(f"{ONE}/versions/latest:access", headers=one)) == (404, "NOT_FOUND")
    for path in (ONE, f"{SECRETS}/B/versions/latest:access"):
        answer = google.get(path, headers=one)
        assert (refused(answer), "or it may not exist" in answer.text) == ((403, "PERMISSION_DENIED"), True)
    assert refused(google.post(SECRETS, params={"secretId": "B"}, json={}, headers=one))[0] == 403
    for header in ("Bearer x", "Basic x"):
        assert refused(google.get(ONE, headers={"Authorization": header})) == (401, "UNAUTHENTICATED")
    world.advance(3601)
    assert refused(google.get(ONE)) == (401, "UNAUTHENTICATED")
    assert google.get("/projects/x").status_code == google.put(f"{SECRETS}").status_code == 404


def test_tokens_are_given_to_nobody_else(world: World, server: GoogleServer) -> None:
    issuer = IssuerServer(world.clock)
    world.serve(issuer)
    tokens = TokenServer(server, lambda _: None, issuer.public_key)
    world.serve(tokens)
    url, asked = f"{issuer.url}/token", {"audience": f"https://iam.googleapis.com/{PROVIDER}"}
    identity = httpx.get(url, params=asked, headers={"Authorization": f"Bearer {issuer.request_token}"}).json()["value"]
    with httpx.Client(base_url=tokens.url) as client:
        assert client.get(METADATA).status_code == 404
        assert client.post("/v1/token", data={"subject_token": "x"}).json()["error"] == "invalid_grant"
        assert client.post("/v1/token", data={"subject_token": identity}).json()["error"] == "invalid_request"
        assert client.post("/token", data={"grant_type": "refresh_token", "refresh_token": "x"}).status_code == 400
        account = "/v1/projects/-/serviceAccounts/rotate@octo-payments.iam.gserviceaccount.com:generateAccessToken"
        assert client.post(account, json={"scope": ["x"]}, headers={"Authorization": "Bearer x"}).status_code == 403
    assert tokens.given == []
