"""A pretend issuer of OIDC tokens: what a GitHub job with `id-token: write` asks, and where its keys are published.

Behaviour after GitHub's documentation, "OpenID Connect reference" (content/actions/reference/security/oidc.md).
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json, Reply, Request

KEY_ID, LASTS = "sandbox", timedelta(minutes=5)
SUBJECT = "repo:octo-org/payments:ref:refs/heads/main"


class IssuerServer:
    """Issues a token for whatever audience is asked, to whoever shows the job's own token."""

    name = "issuer"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Make a key of its own."""
        self.clock = clock
        self.url = ""
        self.request_token = secrets.token_hex(20)
        self.issued: list[str] = []
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def environment(self) -> dict[str, str]:
        """Give what the runner sets for a job with `id-token: write`."""
        url = f"{self.url}/token?api-version=2.0"
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token}

    @property
    def public_key(self) -> str:
        """Give the key, in PEM, by which a service knows the tokens as good."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def answer(self, request: Request) -> Reply:
        """Give a token, the keys, or where the keys are."""
        match request.method, request.path:
            case "GET", "/.well-known/openid-configuration":
                return Reply.of(200, {"issuer": self.url, "jwks_uri": f"{self.url}/.well-known/jwks"})
            case "GET", "/.well-known/jwks":
                key = cast("dict[str, Json]", json.loads(RSAAlgorithm.to_jwk(self._key.public_key())))
                return Reply.of(200, {"keys": [{**key, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]})
            case "GET", "/token" if request.headers.get("Authorization") == f"Bearer {self.request_token}":
                return Reply.of(
                    200, {"value": self._token(request.query.get("audience", "https://github.com/octo-org"))}
                )
            case _, "/token":
                return Reply.of(401, {"message": "Unauthorized"})
            case _:
                return Reply.of(404, {"message": "Not Found"})

    def _token(self, audience: str) -> str:
        now = self.clock.now()
        claims = {
            "iss": self.url,
            "aud": audience,
            "sub": SUBJECT,
            "repository": "octo-org/payments",
            "iat": now,
            "nbf": now,
            "exp": now + LASTS,
        }
        made = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})
        self.issued.append(made)
        return made
