"""A job shows who it is, and no secret is stored for it."""

from __future__ import annotations

import httpx
import jwt
import pytest

from rotate.errors import ConfigurationError, DestinationError, Refused
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import SUBJECT, IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.identity import can_identify, id_token
from tests.support.bench import means_of


@pytest.fixture
def issuer(world: World) -> IssuerServer:
    server = IssuerServer(world.clock)
    world.serve(server)
    return server


def test_it_gets_a_token_for_the_audience_that_it_names(issuer: IssuerServer) -> None:
    hidden: list[Secret] = []
    found = id_token(means_of(issuer.environment, hidden.append), "https://vault.example")
    keys = jwt.PyJWKClient(httpx.get(f"{issuer.url}/.well-known/openid-configuration").json()["jwks_uri"])
    key = keys.get_signing_key_from_jwt(found.reveal()).key
    claims = jwt.decode(found.reveal(), key, ["RS256"], audience="https://vault.example", issuer=issuer.url)
    assert (claims["sub"], [found.reveal()]) == (SUBJECT, issuer.issued)
    assert jwt.decode(found.reveal(), issuer.public_key, ["RS256"], audience="https://vault.example") == claims
    assert [one.reveal() for one in hidden] == [issuer.request_token, found.reveal()]


def test_without_the_right_it_says_which_line_is_missing(issuer: IssuerServer) -> None:
    assert can_identify(issuer.environment)
    for name in issuer.environment:
        lacking = {**issuer.environment, name: ""}
        assert not can_identify(lacking)
        with pytest.raises(Refused, match="id-token: write") as raised:
            id_token(means_of(lacking), "x")
        assert "permissions:" in raised.value.remedy


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", server="issuer", code=403, times=None),
        Fault("html", server="issuer", times=None),
        Fault("status", server="issuer", code=200, body={"value": ""}, times=None),
        Fault("reset", server="issuer", times=None),
    ],
    ids=["403", "html", "empty", "reset"],
)
def test_none_that_is_given_is_said(fault: Fault, issuer: IssuerServer, world: World) -> None:
    world.faults.add(fault)
    with pytest.raises(DestinationError, match="did not give this job its identity") as raised:
        id_token(means_of(issuer.environment), "x")
    assert raised.value.reason == "id-token-refused"
    assert issuer.request_token not in raised.value.message + raised.value.remedy


def test_the_jobs_own_token_is_sent_over_https_alone(issuer: IssuerServer, world: World) -> None:
    open_to_all = {**issuer.environment, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://issuer.example/token"}
    with pytest.raises(ConfigurationError, match="https"):
        id_token(means_of(open_to_all), "x")
    assert len(world.ledger) == 0


def test_the_pretend_issuer_gives_nothing_to_strangers(issuer: IssuerServer) -> None:
    assert httpx.get(f"{issuer.url}/token").status_code == 401
    assert httpx.get(f"{issuer.url}/other").status_code == 404
