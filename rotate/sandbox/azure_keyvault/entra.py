"""A pretend Microsoft Entra ID: the token endpoint of one tenant, for an application with a secret or a federation.

Behaviour after the Microsoft identity platform, "OAuth 2.0 client credentials flow" and "Workload identity federation";
the codes after its "Error codes" page (AADSTS…).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

import jwt

from rotate.sandbox.azure_keyvault.state import TENANT
from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Reply, Request

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUDIENCE, SCOPE = "api://AzureADTokenExchange", "https://vault.azure.net/.default"
LASTS = 3599


class EntraServer:
    """Logs an application in. `issues` makes a token that the vault knows.

    `federated`: the issuer's public key in PEM and the subject that the application trusts.
    """

    name = "entra"
    bases = ("",)

    def __init__(self, clock: Clock, issues: Callable[[], str]) -> None:
        """Register one application."""
        self.clock = clock
        self.url = ""
        self.client_id = "5f3c2a10-2f3d-4d4e-8a6a-c0ffee123456"
        self.secret = secrets.token_urlsafe(30)
        self.federated = ("", "")
        self._issues = issues

    @property
    def environment(self) -> dict[str, str]:
        """Give what says who logs in, and where; what proves it is not among it."""
        return {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": self.client_id, "AZURE_AUTHORITY_HOST": self.url}

    def answer(self, request: Request) -> Reply:
        """Give a token, or say what is wrong."""
        if (request.method, request.path) != ("POST", f"/{TENANT}/oauth2/v2.0/token"):
            return _refused(400, "invalid_request", "AADSTS90002: Tenant not found. Check to make sure it is correct.")
        form = dict(parse_qsl(request.body.decode()))
        if form.get("client_id") != self.client_id:
            return _refused(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if (form.get("grant_type"), form.get("scope")) != ("client_credentials", SCOPE):
            return _refused(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.")
        return self._proven(form) or Reply.of(
            200, {"token_type": "Bearer", "expires_in": LASTS, "ext_expires_in": LASTS, "access_token": self._issues()}
        )

    def _proven(self, form: Mapping[str, str]) -> Reply | None:
        """Say what is wrong with a proof; nothing where it is good."""
        if form.get("client_assertion_type") != ASSERTION:
            good = secrets.compare_digest(form.get("client_secret", ""), self.secret)
            said = "AADSTS7000215: Invalid client secret provided."
            return None if good else _refused(401, "invalid_client", said)
        key, subject = self.federated
        try:
            claims = jwt.decode(form.get("client_assertion", ""), key, ["RS256"], audience=AUDIENCE)
        except jwt.PyJWTError:
            return _refused(401, "invalid_client", "AADSTS700211: No matching federated identity record.")
        said = f"AADSTS700213: No matching federated identity record found for subject '{claims['sub']}'."
        return None if claims["sub"] == subject else _refused(401, "invalid_client", said)


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply.of(status, {"error": error, "error_description": description})
