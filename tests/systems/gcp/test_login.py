"""Every way to log in to Google Cloud, the renewal, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from rotate.errors import ConfigurationError, DestinationError, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.gcp.state import ADMIN
from rotate.sandbox.gcp.tokens import ACCOUNT, PROVIDER, TokenServer
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.description import Ask
from rotate.systems.gcp import login, ways
from rotate.systems.gcp.carrier import Carrier
from rotate.systems.gcp.system import SERVICE
from tests.support.bench import BEFORE, means_of
from tests.systems.gcp.bench import GLOBAL, PROJECT, Secrets

ASK = Ask("GET", f"/{GLOBAL}", "look at the secret")
DENIED = {"error": {"code": 403, "message": "Permission 'iam.serviceAccounts.getAccessToken' denied"}}


class Tokens:
    """A secret, and all that gives tokens for it; none is stored."""

    def __init__(self, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, lasts: int = 3600) -> None:
        monkeypatch.setattr(ways, "PRODUCT", folder / "product_name")
        self.world, self.folder, self.ours = world, folder, Secrets(world)
        self.issuer = IssuerServer(world.clock)
        world.serve(self.issuer)
        self.server = TokenServer(self.ours.state, self._welcome, self.issuer.public_key, lasts)
        world.serve(self.server)
        monkeypatch.setattr(login, "STS", self.server.url)
        monkeypatch.setattr(login, "IAM", self.server.url)
        self.environment = self.ours.environment
        del self.environment[ways.STORED]

    def _welcome(self, token: str) -> None:
        self.ours.state.let(token, PROJECT, ADMIN)

    def file(self, info: object, name: str = "gha-creds-1.json") -> Path:
        """Leave a file of credentials."""
        path = self.folder / name
        path.write_text(info if isinstance(info, str) else json.dumps(info))
        return path

    def by_file(self, info: object) -> None:
        """Let the environment name such a file."""
        self.environment[ways.FILE] = str(self.file(info))

    def key(self) -> dict[str, str]:
        """Make the key of a service account."""
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = made.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.server.account_key = public.decode()
        private = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "client_email": ACCOUNT,
            "private_key_id": "1",
            "private_key": private.decode(),
            "token_uri": f"{self.server.url}/token",
        }

    def left_by_the_action(self) -> dict[str, object]:
        """Give what google-github-actions/auth writes."""
        request = self.issuer.environment
        return {
            "type": "external_account",
            "audience": f"//iam.googleapis.com/{PROVIDER}",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.server.url}/v1/token",
            "credential_source": {
                "url": f"{request['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=https://iam.googleapis.com/{PROVIDER}",
                "headers": {"Authorization": f"Bearer {request['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
                "format": {"type": "json", "subject_token_field_name": "value"},
            },
        }

    def person(self) -> dict[str, str]:
        """Give what `gcloud auth application-default login` writes; its token endpoint is the pretend one."""
        token = self.server.refresh_token
        return {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": token}


@pytest.fixture
def tokens(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    return Tokens(world, tmp_path, monkeypatch)


def _of_a_job(tokens: Tokens) -> None:
    tokens.environment |= {**tokens.issuer.environment, ways.PROVIDER: PROVIDER}


def _of_a_job_as_an_account(tokens: Tokens) -> None:
    _of_a_job(tokens)
    tokens.environment[ways.ACCOUNT] = ACCOUNT


def _of_a_key(tokens: Tokens) -> None:
    tokens.by_file(tokens.key())


def _of_the_action(tokens: Tokens) -> None:
    tokens.by_file(tokens.left_by_the_action())


def _of_the_action_as_an_account(tokens: Tokens) -> None:
    account = f"{tokens.server.url}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"
    tokens.by_file({**tokens.left_by_the_action(), "service_account_impersonation_url": account})


def _of_gcloud(tokens: Tokens) -> None:
    home = tokens.folder / ".config" / "gcloud"
    home.mkdir(parents=True)
    (home / ways.WELL_KNOWN).write_text(json.dumps(tokens.key()))
    tokens.environment["HOME"] = str(tokens.folder)


def _of_another_gcloud(tokens: Tokens) -> None:
    tokens.file(tokens.key(), ways.WELL_KNOWN)
    tokens.environment[ways.CONFIG] = str(tokens.folder)


def _of_a_machine(tokens: Tokens) -> None:
    tokens.environment[ways.METADATA] = tokens.server.url.partition("//")[2]


WAYS: dict[str, Callable[[Tokens], None]] = {
    one.__name__.strip("_"): one
    for one in (
        _of_a_job,
        _of_a_job_as_an_account,
        _of_a_key,
        _of_the_action,
        _of_the_action_as_an_account,
        _of_gcloud,
        _of_another_gcloud,
        _of_a_machine,
    )
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_a_token_which_is_asked_for_once_and_hidden(way: str, tokens: Tokens) -> None:
    WAYS[way](tokens)
    assert SERVICE.lacks(tokens.environment) == ()
    hidden: list[Secret] = []
    means = means_of(tokens.environment, hidden.append)
    for _ in range(2):
        client = login.GoogleClient(SERVICE, means)
        assert client.ask(ASK).status == 200
    account = way.endswith("account")
    assert len(tokens.server.given) == (2 if account else 1)
    heard = {one.reveal() for one in hidden}
    assert {*tokens.server.given, *tokens.issuer.issued} <= heard
    (secret,) = {entry.request_headers["Authorization"] for entry in tokens.world.ledger if entry.route == ASK.path}
    assert secret == f"Bearer {tokens.server.given[-1]}"


def test_the_whole_of_a_look_needs_one_login(tokens: Tokens) -> None:
    _of_a_job(tokens)
    assert tokens.ours.opened().observe().mark == Held(Secret(BEFORE).fingerprint)
    assert len(tokens.server.given) == 1


def test_a_token_that_is_about_to_end_is_renewed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(world, tmp_path, monkeypatch, lasts=60)
    for way in (_of_a_key, _of_a_machine):
        tokens.environment.pop(ways.FILE, "")
        way(tokens)
        tokens.server.given.clear()
        client = login.GoogleClient(SERVICE, means_of(tokens.environment))
        for _ in range(2):
            assert client.ask(ASK).status == 200
        assert len(tokens.server.given) == 2


def test_a_person_is_logged_in_and_the_quota_is_that_of_the_project_that_the_file_names(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.oauth2 import credentials

    monkeypatch.setattr(credentials, "_GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{tokens.server.url}/token")
    tokens.by_file({**tokens.person(), "quota_project_id": "octo-quota"})
    for more, project in (({}, "octo-quota"), ({login.QUOTA: "octo-other"}, "octo-other")):
        client = login.GoogleClient(SERVICE, means_of({**tokens.environment, **more}))
        assert client.ask(ASK).status == 200
        assert list(tokens.world.ledger)[-1].request_headers[login.QUOTA_HEADER] == project


def test_without_a_quota_project_no_header_names_one(tokens: Tokens) -> None:
    _of_a_key(tokens)
    assert login.GoogleClient(SERVICE, means_of(tokens.environment)).ask(ASK).status == 200
    assert login.QUOTA_HEADER not in list(tokens.world.ledger)[-1].request_headers


def test_a_stored_token_comes_before_every_other_way(tokens: Tokens) -> None:
    _of_a_job(tokens)
    tokens.environment[ways.STORED] = tokens.ours.token
    assert login.GoogleClient(SERVICE, means_of(tokens.environment)).ask(ASK).status == 200
    assert tokens.server.given == []


def test_a_provider_without_the_right_to_an_identity_leaves_the_file(tokens: Tokens) -> None:
    _of_a_key(tokens)
    tokens.environment[ways.PROVIDER] = PROVIDER
    assert login.GoogleClient(SERVICE, means_of(tokens.environment)).ask(ASK).status == 200
    assert tokens.issuer.issued == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "none of `GCP_WORKLOAD_IDENTITY_PROVIDER`"),
        ({ways.PROVIDER: PROVIDER}, "no right to an identity of its own"),
        ({ways.FILE: "/nowhere/key.json"}, "is not there"),
        ({"HOME": "/nowhere", ways.STORED: "  "}, "gcloud left no file"),
    ],
)
def test_what_is_lacking_is_said_before_anything_is_asked(more: dict[str, str], why: str, tokens: Tokens) -> None:
    (problem,) = SERVICE.lacks({**tokens.environment, **more})
    assert (problem.reason, why in problem.message) == ("destination-token-missing", True)
    assert "id-token: write" in problem.remedy
    assert len(tokens.world.ledger) == 0


def test_a_token_that_cannot_stand_in_a_header_is_said(tokens: Tokens) -> None:
    (problem,) = SERVICE.lacks({ways.STORED: "ya29.a b"})
    assert problem.reason == "input-invalid"


@pytest.mark.parametrize(("text", "host"), [("Google Compute Engine\n", ways.METADATA_HOST), ("KVM\n", "")])
def test_a_machine_of_googles_is_known_by_its_name(text: str, host: str, tokens: Tokens) -> None:
    ways.PRODUCT.write_text(text)
    assert ways.metadata_host({}) == host
    assert bool(ways.lacking({})) == (not host)
    assert ways.metadata_host({"CLOUD_RUN_JOB": "rotate"}) == ways.METADATA_HOST


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


def test_a_key_that_google_does_not_know_is_refused_in_its_words(tokens: Tokens) -> None:
    tokens.by_file(tokens.key())
    tokens.key()
    with pytest.raises(DestinationError, match="Invalid JWT Signature") as raised:
        tokens.ours.opened().observe()
    assert raised.value.reason == "destination-refused"
    assert "Could not log in to Google Cloud" in raised.value.message


def test_an_identity_for_another_provider_is_refused(tokens: Tokens) -> None:
    _of_a_job(tokens)
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
    _of_a_job_as_an_account(tokens)
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


def test_a_token_lasts_as_long_as_google_says(tokens: Tokens) -> None:
    _of_a_machine(tokens)
    means = means_of(tokens.environment)
    found = login._machine(means, tokens.environment[ways.METADATA])
    found.refresh(Carrier(means))
    assert found.valid
    left = vars(found)["expiry"].replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(hours=1)
