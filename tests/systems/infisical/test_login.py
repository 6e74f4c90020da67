"""A machine identity logs in by Universal Auth, or as the job that runs."""

from __future__ import annotations

import json

import pytest

from rotate.address import parsed
from rotate.errors import Outcome, RotateError
from rotate.ports import Destination
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.infisical.secret import FolderSecret
from rotate.systems.infisical.system import CLIENT, IDENTITY, SECRET, lacks
from tests.support.bench import means_of
from tests.systems.infisical.bench import NEW, TEXT, Secrets

ID, SHOWN = "24be0d94-b43a-41c4-812c-1e8654d9ce1e", "secret-of-the-client"


class Job:
    """A job that logs in, by what it hides."""

    def __init__(self, world: World, way: str) -> None:
        self.bench, self.issuer = Secrets(world), IssuerServer(world.clock)
        world.serve(self.issuer)
        state = self.bench.state
        state.clients[ID], state.identities[ID] = (SHOWN, self.bench.token), self.bench.token
        by_identity = {IDENTITY: ID, "GITHUB_REPOSITORY": "octo-org/payments", **self.issuer.environment}
        by = {CLIENT: ID, SECRET: SHOWN} if way == "universal-auth" else by_identity
        self.environment = {"INFISICAL_URL": state.url, **by}
        self.hidden: list[Secret] = []

    def opened(self) -> Destination:
        """Open the secret as a run does."""
        return FolderSecret(parsed(TEXT), means_of(self.environment, self.hidden.append))


@pytest.mark.parametrize("way", ["universal-auth", "oidc-auth"])
def test_it_logs_in_once_and_writes(way: str, world: World) -> None:
    job = Job(world, way)
    assert lacks(job.environment) == ()
    opened = job.opened()
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    asked = [entry for entry in world.ledger if entry.route == f"/v1/auth/{way}/login"]
    assert len(asked) == 1
    assert "Authorization" not in asked[0].request_headers
    body = json.loads(asked[0].request_body or b"")
    shown = body["clientSecret"] if way == "universal-auth" else body["jwt"]
    assert {job.bench.token, shown} <= {one.reveal() for one in job.hidden}


def test_a_stored_token_comes_first(world: World) -> None:
    job = Job(world, "universal-auth")
    job.environment["INFISICAL_TOKEN"] = job.bench.token
    assert lacks(job.environment) == ()
    job.opened().observe()
    assert world.ledger.count("POST") == 0


@pytest.mark.parametrize("missing", [CLIENT, SECRET])
def test_half_a_login_is_said_before_anything_is_asked(missing: str) -> None:
    given = {CLIENT: ID, SECRET: SHOWN, "INFISICAL_URL": "http://infisical.example"}
    problems = lacks({**given, missing: " "})
    assert [one.reason for one in problems] == ["url-insecure", "destination-token-missing"]
    assert f"`{missing}` is not set" in problems[1].message
    assert f"{missing}: ${{{{ secrets.{missing} }}}}" in problems[1].remedy


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", path="*/login", code=401, times=None), "destination-token-refused"),
        (Fault("status", path="*/login", code=403, times=None), "destination-not-allowed"),
        (Fault("status", path="*/login", code=200, body={}, times=None), "destination-unexpected-answer"),
        (Fault("status", path="*/login", code=200, body=[], times=None), "destination-unexpected-answer"),
        (Fault("reset", path="*/login", times=None), "destination-unreachable"),
    ],
    ids=["401", "403", "empty", "list", "reset"],
)
@pytest.mark.parametrize("way", ["universal-auth", "oidc-auth"])
def test_a_log_in_that_fails_has_no_effect(way: str, fault: Fault, reason: str, world: World) -> None:
    job = Job(world, way)
    world.faults.add(fault)
    with pytest.raises(RotateError) as raised:
        job.opened().observe()
    assert (raised.value.reason, raised.value.outcome) == (reason, Outcome.NO_EFFECT)
    assert not any(one in raised.value.message for one in (*job.issuer.issued, SHOWN))


def test_a_job_without_the_right_to_an_identity_is_told_how(world: World) -> None:
    job = Job(world, "oidc-auth")
    del job.environment["ACTIONS_ID_TOKEN_REQUEST_URL"]
    with pytest.raises(RotateError) as raised:
        job.opened().observe()
    assert raised.value.reason == "id-token-missing"
    assert "id-token: write" in raised.value.remedy
