"""Where a pretend Google Cloud gives access tokens: to a key, a person, another's identity, and its own machines.

Rules: RFC 8693 and documentation "Workload Identity Federation" (the token exchange); RFC 7523 and documentation "Using
OAuth 2.0 for server to server applications" (a service account's assertion); IAM Credentials v1,
`serviceAccounts.generateAccessToken`; google-auth's `compute_engine/_metadata.py` (header and path). Errors of the
first two are `{"error", "error_description"}` (RFC 6749).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl

import jwt

from rotate.sandbox.exchange import Json, Reply, Request
from rotate.sandbox.gcp.state import LASTS, GoogleState

PROVIDER = "projects/482913337105/locations/global/workloadIdentityPools/github/providers/octo"
ACCOUNT = "rotate@octo-payments.iam.gserviceaccount.com"
TOKENS = "https://oauth2.googleapis.com/token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
METADATA = "/computeMetadata/v1/instance/service-accounts/default/token"
GENERATE = f"/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"


class TokenServer:
    """Gives tokens that `state` knows; `given` lists them, and `welcome` says what each may do."""

    name = "google-tokens"
    bases = ("",)

    def __init__(self, state: GoogleState, welcome: Callable[[str], None], issuer: str = "", lasts: int = 3600) -> None:
        """Trust the tokens signed by the key of `issuer` (PEM). `lasts`: the seconds that a token is said to last."""
        self.state, self.clock, self.issuer = state, state.clock, issuer
        self.url = ""
        self.account_key = ""
        self.refresh_token = "1//refresh-of-a-person"
        self.given: list[str] = []
        self._welcome, self._lasts = welcome, lasts

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        match request.method, request.path:
            case "POST", "/v1/token":
                return self._exchange(request)
            case "POST", "/token":
                return self._token(request)
            case "POST", path if path == GENERATE:
                return self._generate(request)
            case "GET", path if path == METADATA and request.headers.get("Metadata-Flavor") == "Google":
                return self._give({"token_type": "Bearer"})
            case _:
                return Reply.of(404, {"error": {"code": 404, "message": "Not found.", "status": "NOT_FOUND"}})

    def _exchange(self, request: Request) -> Reply:
        form = _form(request)
        try:
            audience = f"https://iam.googleapis.com/{PROVIDER}"
            jwt.decode(form.get("subject_token", ""), self.issuer, ["RS256"], audience=audience)
        except jwt.PyJWTError:
            return _refused("invalid_grant", "The given credential is rejected by the attribute condition.")
        if (form.get("grant_type"), form.get("audience")) != (EXCHANGE, f"//iam.googleapis.com/{PROVIDER}"):
            return _refused("invalid_request", "Invalid value for audience.")
        kind = "urn:ietf:params:oauth:token-type:access_token"
        return self._give({"issued_token_type": kind, "token_type": "Bearer"})

    def _token(self, request: Request) -> Reply:
        form = _form(request)
        if form.get("grant_type") == "refresh_token" and form.get("refresh_token") == self.refresh_token:
            return self._give({"token_type": "Bearer"})
        try:
            if form.get("grant_type") == ASSERTION:
                jwt.decode(form.get("assertion", ""), self.account_key, ["RS256"], audience=TOKENS)
                return self._give({"token_type": "Bearer"})
        except jwt.PyJWTError:
            return _refused("invalid_grant", "Invalid JWT Signature.")
        return _refused("invalid_grant", "Token has been expired or revoked.")

    def _generate(self, request: Request) -> Reply:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        body = json.loads(request.body)
        if scheme != "Bearer" or not self.state.knows(token) or not body.get("scope"):
            error = {"code": 403, "message": "Permission 'iam.serviceAccounts.getAccessToken' denied"}
            return Reply.of(403, {"error": {**error, "status": "PERMISSION_DENIED"}})
        ends = f"{self.clock.now() + timedelta(seconds=self._lasts):%Y-%m-%dT%H:%M:%SZ}"
        return Reply.of(200, {"accessToken": self._made(), "expireTime": ends})

    def _give(self, more: dict[str, Json]) -> Reply:
        return Reply.of(200, {"access_token": self._made(), "expires_in": self._lasts, **more})

    def _made(self) -> str:
        made = self.state.add_token(LASTS)
        self._welcome(made)
        self.given.append(made)
        return made


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode()))


def _refused(error: str, description: str) -> Reply:
    return Reply.of(400, {"error": error, "error_description": description})
