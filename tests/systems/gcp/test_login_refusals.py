"""What goes wrong at the login to Google Cloud, and in whose words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.errors import ConfigurationError, DestinationError, Refused
from rotate.sandbox.faults import Fault
from rotate.sandbox.gcp.tokens import PROVIDER
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gcp import login, ways
from rotate.systems.gcp.carrier import Carrier
from rotate.systems.gcp.system import SERVICE
from tests.support.bench import means_of
from tests.systems.gcp.tokens import ASK, DENIED, WAYS, Tokens, of_a_job, of_a_job_as_an_account


@pytest.fixture
def tokens(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    return Tokens(world, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "info",
    [
        "{",
        [],
        {},
        {"type": "service_account"},
        {"type": "authorized_user"},
        {"type": "x", "client_email": "e"},
        {"type": "external_account"},
        {"type": "external_account", "credential_source": {}},
    ],
)
def test_a_file_that_is_none_is_named_by_its_fault_and_not_quoted(info: object, tokens: Tokens) -> None:
    tokens.by_file(info)
    with pytest.raises(Refused, match="not what Google's library takes") as raised:
        tokens.ours.opened().observe()
    assert raised.value.reason == "destination-token-refused"


def test_an_identity_that_a_program_would_give_is_not_run_unless_google_is_told_so(tokens: Tokens) -> None:
    made = tokens.folder / "made"
    source = {"executable": {"command": f"/usr/bin/touch {made}"}}
    tokens.by_file({**tokens.left_by_the_action(), "credential_source": source})
    with pytest.raises(Refused):
        tokens.ours.opened().observe()
    assert not made.exists()


def test_an_identity_of_amazons_is_shown_to_google(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"REGION": "eu-central-1", "ACCESS_KEY_ID": "AKIA", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", text)
    verify = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"
    source = {"environment_id": "aws1", "regional_cred_verification_url": verify}
    tokens.by_file({**tokens.left_by_the_action(), "subject_token_type": login.AWS, "credential_source": source})
    with pytest.raises(DestinationError, match="rejected by the attribute condition"):
        tokens.ours.opened().observe()
    entry, *_ = (one for one in tokens.world.ledger if one.server == "google-tokens")
    assert b"GetCallerIdentity" in entry.request_body


def test_an_identity_may_be_given_as_text_and_is_hidden(tokens: Tokens) -> None:
    identity, hidden = "eyJ." + "x" * 60, list[Secret]()
    text = {"Content-Type": "text/plain; charset=utf-8"}
    tokens.world.faults.add(
        Fault("status", server="issuer", code=200, body=identity.encode(), headers=text, times=None)
    )
    source = {"url": f"{tokens.issuer.url}/token"}
    tokens.by_file({**tokens.left_by_the_action(), "credential_source": source})
    client = login.GoogleClient(SERVICE, means_of(tokens.environment, hidden.append))
    with pytest.raises(DestinationError, match="rejected by the attribute condition"):
        client.ask(ASK)
    assert identity in {one.reveal() for one in hidden}
    (entry,) = (one for one in tokens.world.ledger if one.server == "google-tokens")
    assert identity.encode() in entry.request_body


def test_a_key_that_google_does_not_know_is_refused_in_its_words(tokens: Tokens) -> None:
    tokens.by_file(tokens.key())
    tokens.key()
    with pytest.raises(DestinationError, match="Invalid JWT Signature") as raised:
        tokens.ours.opened().observe()
    assert raised.value.reason == "destination-refused"
    assert "Could not log in to Google Cloud" in raised.value.message


def test_an_identity_for_another_provider_is_refused(tokens: Tokens) -> None:
    of_a_job(tokens)
    tokens.environment[ways.PROVIDER] = PROVIDER.replace("octo", "other")
    with pytest.raises(DestinationError, match="rejected by the attribute condition"):
        tokens.ours.opened().observe()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", server="google-tokens", code=403, times=None), "destination-not-allowed"),
        (Fault("status", server="google-tokens", code=503, times=None), "destination-failing"),
        (Fault("html", server="google-tokens", times=None), "destination-no-json"),
        (Fault("reset", server="google-tokens", times=None), "destination-unreachable"),
        (Fault("status", server="google-tokens", code=200, body={"no": "token"}), "destination-token-refused"),
    ],
)
@pytest.mark.parametrize("way", ["of_a_key", "of_the_action", "of_a_machine"])
def test_a_login_that_fails_has_the_words_of_every_other_request(
    way: str, fault: Fault, reason: str, tokens: Tokens
) -> None:
    WAYS[way](tokens)
    fault.times = None
    tokens.world.faults.add(fault)
    with pytest.raises((Refused, DestinationError)) as raised:
        tokens.ours.opened().observe()
    assert raised.value.reason == reason


def test_an_account_that_the_job_may_not_be_is_said(tokens: Tokens) -> None:
    of_a_job_as_an_account(tokens)
    tokens.world.faults.add(Fault("status", path="*:generateAccessToken", code=403, body=DENIED, times=None))
    with pytest.raises(Refused, match="getAccessToken") as raised:
        tokens.ours.opened().observe()
    assert raised.value.reason == "destination-not-allowed"


def test_no_token_crosses_a_network_in_clear(tokens: Tokens) -> None:
    tokens.by_file({**tokens.key(), "token_uri": "http://tokens.example/token"})
    with pytest.raises(ConfigurationError, match="https"):
        tokens.ours.opened().observe()
    assert {entry.server for entry in tokens.world.ledger} == set()


def test_the_metadata_server_alone_is_asked_over_http(tokens: Tokens) -> None:
    carrier = Carrier(means_of(tokens.environment))
    for host in ("metadata.google.internal", "169.254.169.254"):
        assert carrier._parted(f"http://{host}/x?a=b") == (f"http://{host}", "/x?a=b")
    with pytest.raises(ConfigurationError):
        carrier._parted("http://metadata.example/x")
