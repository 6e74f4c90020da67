"""Every way to log in to Google Cloud, its renewal, and what the environment lacks."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rotate.protocol.facts.destination import Held
from rotate.sandbox.gcp.tokens import PROVIDER
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gcp import login, ways
from rotate.systems.gcp.carrier import Carrier
from rotate.systems.gcp.system import SERVICE
from tests.support.bench import BEFORE, means_of
from tests.systems.gcp.tokens import ASK, WAYS, Tokens, of_a_job, of_a_key, of_a_machine


@pytest.fixture
def tokens(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    return Tokens(world, tmp_path, monkeypatch)


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
    of_a_job(tokens)
    assert tokens.ours.opened().observe().mark == Held(Secret(BEFORE).fingerprint)
    assert len(tokens.server.given) == 1


def test_a_token_that_is_about_to_end_is_renewed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(world, tmp_path, monkeypatch, lasts=60)
    for way in (of_a_key, of_a_machine):
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
    of_a_key(tokens)
    assert login.GoogleClient(SERVICE, means_of(tokens.environment)).ask(ASK).status == 200
    assert login.QUOTA_HEADER not in list(tokens.world.ledger)[-1].request_headers


def test_a_stored_token_comes_before_every_other_way(tokens: Tokens) -> None:
    of_a_job(tokens)
    tokens.environment[ways.STORED] = tokens.ours.token
    assert login.GoogleClient(SERVICE, means_of(tokens.environment)).ask(ASK).status == 200
    assert tokens.server.given == []


def test_a_provider_without_the_right_to_an_identity_leaves_the_file(tokens: Tokens) -> None:
    of_a_key(tokens)
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


def test_a_secret_that_is_not_set_leaves_the_other_ways(tokens: Tokens) -> None:
    of_a_key(tokens)
    tokens.environment |= {ways.STORED: "", ways.PROVIDER: "", ways.ACCOUNT: ""}
    assert SERVICE.lacks(tokens.environment) == ()
    assert login.GoogleClient(SERVICE, means_of(tokens.environment)).ask(ASK).status == 200


def test_googles_library_is_loaded_by_nobody_who_does_not_log_in_by_it() -> None:
    code = (
        "import sys; from rotate.registry import system; from rotate.address import parsed; from rotate.systems.gcp "
        "import secret; assert system('gcp-secretmanager'); assert 'google' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_token_that_cannot_stand_in_a_header_is_said(tokens: Tokens) -> None:
    (problem,) = SERVICE.lacks({ways.STORED: "ya29.a b"})
    assert problem.reason == "input-invalid"


@pytest.mark.parametrize(("text", "host"), [("Google Compute Engine\n", ways.METADATA_HOST), ("KVM\n", "")])
def test_a_machine_of_googles_is_known_by_its_name(text: str, host: str, tokens: Tokens) -> None:
    ways.PRODUCT.write_text(text)
    assert ways.metadata_host({}) == host
    assert bool(ways.lacking({})) == (not host)
    assert ways.metadata_host({"CLOUD_RUN_JOB": "rotate"}) == ways.METADATA_HOST


def test_a_token_lasts_as_long_as_google_says(tokens: Tokens) -> None:
    of_a_machine(tokens)
    means = means_of(tokens.environment)
    found = login._machine(means, tokens.environment[ways.METADATA])
    found.refresh(Carrier(means))
    assert found.valid
    left = vars(found)["expiry"].replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(hours=1)
