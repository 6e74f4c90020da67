"""A pretend key vault: the secrets of one vault, as far as they are read, listed, written, changed and deleted.

Behaviour after Azure/azure-rest-api-specs specification/keyvault/data-plane/Secrets (stable), MicrosoftDocs/azure-docs
articles/key-vault/general/authentication.md (first the network, then the token, then the permission),
authentication-requests-and-responses.md (the challenge), rest-error-codes.md and secrets/about-secrets.md; the texts of
errors as recorded in the tests of Azure/azure-sdk-for-js and told in issues of Azure/azure-cli and
hashicorp/terraform-provider-azurerm. How a vault words a body that cannot be, and that it refuses a write over a
certificate's secret, is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from rotate.sandbox.azure_keyvault.state import Identity, VaultState, Version
from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
MOST_A_PAGE = 25
LOGIN, RESOURCE = "https://login.microsoftonline.com", "https://vault.azure.net"
ACTIONS = {"get": "getSecret", "set": "setSecret", "list": "readMetadata", "delete": "delete"}

VaultCall = Call[Identity]


class VaultError(Exception):
    """Key Vault says no. `inner`: the inner code, where there is one."""

    def __init__(self, status: int, code: str, said: str, inner: str = "", challenge: str = "") -> None:
        super().__init__(status, code)
        self.status = status
        self.headers = {"WWW-Authenticate": challenge} if challenge else {}
        self.body: dict[str, Json] = {"code": code, "message": said}
        if inner:
            self.body["innererror"] = {"code": inner}


class VaultServer(VaultState):
    """Key Vault's behaviour."""

    name = "azure-keyvault"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        super().__init__(clock)
        one = "/secrets/{name}"
        routes: dict[str, Handler[Identity]] = {
            f"GET {one}/versions": partial(self._allowed, "list", self._list),
            f"GET {one}/{{version}}": partial(self._allowed, "get", self._read),
            f"PUT {one}": partial(self._allowed, "set", self._write),
            f"PATCH {one}/{{version}}": partial(self._allowed, "set", self._patch),
            f"DELETE {one}": partial(self._allowed, "delete", self._delete),
            "GET /deletedsecrets/{name}": partial(self._allowed, "get", self._read_deleted),
        }
        self._router: Router[Identity] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        if self.gone:
            return Reply.of(404, {"message": "no such vault behind this gateway"})
        try:
            return self._dispatch(request)
        except VaultError as error:
            return Reply.of(error.status, {"error": error.body}, error.headers)
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"error": {"code": "BadParameter", "message": refusal.message}})

    def _dispatch(self, request: Request) -> Reply:
        if self.wall:
            raise VaultError(403, "Forbidden", "Client address is not authorized.", self.wall)
        _, _, token = request.headers.get("Authorization", "").partition("Bearer ")
        caller = self.identity(token)
        if not token:
            raise self._challenge("AKV10000: Request is missing a Bearer or PoP token.")
        if caller is None:
            raise self._challenge("Error validating token: IDX10223.")
        if caller.tenant != self.tenant:
            ours, theirs = (f"https://sts.windows.net/{tenant}/" for tenant in (self.tenant, caller.tenant))
            raise self._challenge(f"AKV10032: Invalid issuer. Expected one of {ours}, found {theirs}.")
        if "api-version" not in request.query:
            raise VaultError(400, "BadParameter", "The api-version query parameter is missing.")
        handler, params = self._router.find(request)
        return handler(Call(request, params, caller))

    def _challenge(self, said: str) -> VaultError:
        challenge = f'Bearer authorization="{LOGIN}/{self.tenant}", resource="{RESOURCE}"'
        return VaultError(401, "Unauthorized", said, challenge=challenge)

    def _allowed(self, permission: str, handler: Handler[Identity], call: VaultCall) -> Reply:
        if permission not in call.caller.permissions:
            action = f"Microsoft.KeyVault/vaults/secrets/{ACTIONS[permission]}/action"
            said = f"Caller is not authorized to perform action on resource.\r\nAction: '{action}'\r\n"
            raise VaultError(403, "Forbidden", said, "ForbiddenByRbac")
        return handler(call)

    def _base(self, call: VaultCall) -> str:
        return f"{self.url}/secrets/{call.params['name']}"

    def _find(self, call: VaultCall) -> Version:
        name, version = call.params["name"], call.params.get("version")
        found = [one for one in self.versions(name) if not version or one.id == version]
        if not found:
            raise VaultError(404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault.")
        return found[-1]

    def _read(self, call: VaultCall) -> Reply:
        found = self._find(call)
        if not found.enabled:
            raise VaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")
        return Reply.of(200, found.bundle(self._base(call)))

    def _read_deleted(self, call: VaultCall) -> Reply:
        found = self.deleted(call.params["name"])
        if found is None:
            raise VaultError(404, "SecretNotFound", "Deleted Secret not found.")
        return Reply.of(200, self._gone(found, call))

    def _gone(self, version: Version, call: VaultCall) -> dict[str, Json]:
        return {**version.item(self._base(call)), "recoveryId": f"{self.url}/deletedsecrets/{call.params['name']}"}

    def _list(self, call: VaultCall) -> Reply:
        """Give a page, in no order that says anything; the next begins where `$skiptoken` says."""
        self._find(call)
        every = sorted(self.versions(call.params["name"]), key=lambda one: one.id)
        start = int(call.request.query.get("$skiptoken", 0))
        end = start + min(MOST_A_PAGE, int(call.request.query.get("maxresults", MOST_A_PAGE)))
        rows: list[Json] = [one.item(self._base(call)) for one in every[start:end]]
        more = f"{self._base(call)}/versions?api-version=7.4&$skiptoken={end}&maxresults={end - start}"
        return Reply.of(200, {"value": rows, **({"nextLink": more} if end < len(every) else {})})

    def _write(self, call: VaultCall) -> Reply:
        name, body = call.params["name"], call.document()
        if not NAME.fullmatch(name):
            raise VaultError(400, "BadParameter", f"The request URI contains an invalid name: {name}")
        if not isinstance(body.get("value"), str):
            raise VaultError(400, "BadParameter", "Property value is missing.")
        if self.deleted(name):
            said = "is currently in a deleted but recoverable state, and its name cannot be reused"
            raise VaultError(409, "Conflict", f"Secret {name} {said}.", "ObjectIsDeletedButRecoverable")
        latest = self.latest(name)
        if latest and latest.managed:
            raise VaultError(403, "Forbidden", "Operation set is not allowed on a managed secret.")
        made = self.add_version(name, str(body["value"]), _changed(Version("", ""), body))
        return Reply.of(200, made.bundle(self._base(call)))

    def _patch(self, call: VaultCall) -> Reply:
        """Change what goes with a version. Its value never changes."""
        old = self._find(call)
        new = replace(_changed(old, call.document()), updated=int(self.clock.now().timestamp()))
        self.change(call.params["name"], new)
        return Reply.of(200, new.item(self._base(call)))

    def _delete(self, call: VaultCall) -> Reply:
        self._find(call)
        return Reply.of(200, self._gone(self.delete(call.params["name"]), call))


_FITS: dict[str, Callable[[object], bool]] = {
    "contentType": lambda one: isinstance(one, str),
    "tags": lambda one: isinstance(one, dict) and all(isinstance(text, str) for text in one.values()),
    "attributes": lambda one: isinstance(one, dict),
}


def _changed(old: Version, body: Mapping[str, Json]) -> Version:
    """Take what a body says, and leave the rest as it is."""
    for name, fits in _FITS.items():
        if name in body and not fits(body[name]):
            raise VaultError(400, "BadParameter", f"Property {name} is invalid.")
    attributes = cast("Mapping[str, Any]", body.get("attributes", {}))
    told: dict[str, Any] = {name: one for name, one in attributes.items() if name in ("enabled", "nbf", "exp")}
    told |= {known: body[name] for name, known in (("contentType", "content_type"), ("tags", "tags")) if name in body}
    return replace(old, **told)
