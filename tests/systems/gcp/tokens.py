"""All that gives tokens for the pretend Google Cloud, and each way to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import iam

from rotate.sandbox.gcp.state import ADMIN
from rotate.sandbox.gcp.tokens import ACCOUNT, PROVIDER, TokenServer
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from rotate.service.description import Ask
from rotate.systems.gcp import login, ways
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
        generate = f"{self.server.url}/v1/projects/-/serviceAccounts/{{}}:generateAccessToken"
        monkeypatch.setattr(iam, "_IAM_ENDPOINT", generate)
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


def of_a_job(tokens: Tokens) -> None:
    tokens.environment |= {**tokens.issuer.environment, ways.PROVIDER: PROVIDER}


def of_a_job_as_an_account(tokens: Tokens) -> None:
    of_a_job(tokens)
    tokens.environment[ways.ACCOUNT] = ACCOUNT


def of_a_key(tokens: Tokens) -> None:
    tokens.by_file(tokens.key())


def of_the_action(tokens: Tokens) -> None:
    tokens.by_file(tokens.left_by_the_action())


def of_the_action_as_an_account(tokens: Tokens) -> None:
    account = f"{tokens.server.url}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"
    tokens.by_file({**tokens.left_by_the_action(), "service_account_impersonation_url": account})


def of_a_key_as_an_account(tokens: Tokens) -> None:
    account = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"
    source = {"type": "impersonated_service_account", "source_credentials": tokens.key()}
    tokens.by_file({**source, "service_account_impersonation_url": account, "delegates": []})


def of_gcloud(tokens: Tokens) -> None:
    home = tokens.folder / ".config" / "gcloud"
    home.mkdir(parents=True)
    (home / ways.WELL_KNOWN).write_text(json.dumps(tokens.key()))
    tokens.environment["HOME"] = str(tokens.folder)


def of_another_gcloud(tokens: Tokens) -> None:
    tokens.file(tokens.key(), ways.WELL_KNOWN)
    tokens.environment[ways.CONFIG] = str(tokens.folder)


def of_a_machine(tokens: Tokens) -> None:
    tokens.environment[ways.METADATA] = tokens.server.url.partition("//")[2]


WAYS: dict[str, Callable[[Tokens], None]] = {
    one.__name__: one
    for one in (
        of_a_job,
        of_a_job_as_an_account,
        of_a_key,
        of_the_action,
        of_the_action_as_an_account,
        of_a_key_as_an_account,
        of_gcloud,
        of_another_gcloud,
        of_a_machine,
    )
}
