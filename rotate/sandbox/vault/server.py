"""A pretend Vault: KV stores of both versions, tokens with capabilities, a JWT login, one namespace, and a seal.

Behaviour after the documentation (api-docs/secret/kv/kv-v1, kv-v2, auth/jwt, system/capabilities-self,
system/internal-ui-mounts) and OpenBao 2.7.2, beside which the tests ask it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt
from jwt.types import Options

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json, RefusalError, Reply, Request

MISMATCH = "check-and-set parameter did not match the current version"
ALL = frozenset({"create", "read", "update", "patch", "list"})
# The world's time is its own.
UNTIMED: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
NEEDS = {"GET": {"read"}, "POST": {"create", "update"}, "PATCH": {"patch"}}


@dataclass(slots=True)
class Kept:
    """A secret: its versions, of which the last is the latest (`None`: deleted), and its custom metadata."""

    versions: list[dict[str, Json] | None] = field(default_factory=list)
    custom: dict[str, Json] | None = None


class VaultServer:
    """`mounts`: path with a slash behind → version. `tokens`: what each may, everywhere. `roles`: the public key by
    which a role knows a job's own token, and the audience that it must be made out to."""

    name = "vault"
    bases = ("/v1",)

    def __init__(self, clock: Clock) -> None:
        """Start with both stores, and nothing in them."""
        self.clock = clock
        self.url = ""
        self.mounts: dict[str, int] = {"secret/": 2, "kv1/": 1, "deep/kv/": 2}
        self.kept: dict[str, Kept] = {}
        self.tokens: dict[str, frozenset[str]] = {}
        self.roles: dict[str, tuple[str, str]] = {}
        self.namespace = ""
        self.sealed = False

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals are lists of errors."""
        try:
            return self._act(request)
        except RefusalError as refusal:
            return _errors(refusal.status, *filter(None, [refusal.message]))

    def _act(self, request: Request) -> Reply:
        if self.sealed:
            raise RefusalError(503, "Vault is sealed")
        if request.headers.get("X-Vault-Namespace", "").strip("/") != self.namespace:
            raise RefusalError(404, "namespace not found")
        path = request.path.removeprefix("/")
        if path.startswith("auth/") and path.endswith("/login"):
            return self._login(_document(request))
        may = self.tokens.get(request.headers.get("X-Vault-Token", ""), frozenset())
        if path == "sys/capabilities-self" and may:
            wanted = [str(one) for one in _list(_document(request).get("paths"))]
            told: dict[str, Json] = {one: list[Json](sorted(may)) for one in wanted}
            return Reply.of(200, {**told, "data": told})
        if path == "sys/internal/ui/mounts" and may & {"read"}:
            return Reply.of(200, {"data": {"auth": {}, "secret": {one: _shape(of) for one, of in self.mounts.items()}}})
        if path.startswith("sys/internal/ui/mounts/") and may & {"read"}:
            return self._mounted(path.removeprefix("sys/internal/ui/mounts/"))
        if not may & NEEDS.get(request.method, set()):
            raise RefusalError(403, "permission denied")
        mount = next((one for one in self.mounts if path.startswith(one)), None)
        if mount is None:
            raise RefusalError(404, f'no handler for route "{path}". route entry not found.')
        if request.query.get("list") == "true" and request.method == "GET":
            if "list" not in may:
                raise RefusalError(403, "permission denied")
            return self._listed(mount + path.removeprefix(mount).removeprefix("metadata/"))
        if self.mounts[mount] == 1:
            return self._first(request, path)
        return self._second(request, mount + path.removeprefix(f"{mount}data/"))

    def _login(self, given: Mapping[str, Json]) -> Reply:
        key, audience = self.roles.get(str(given.get("role")), ("", ""))
        try:
            jwt.decode(str(given.get("jwt")), key, ["RS256"], audience=audience, options=UNTIMED)
        except (jwt.PyJWTError, ValueError):
            raise RefusalError(400, "error validating token") from None
        token = f"hvs.{secrets.token_hex(12)}"
        self.tokens[token] = ALL
        return Reply.of(200, {"auth": {"client_token": token, "lease_duration": 300}})

    def _mounted(self, path: str) -> Reply:
        mount = next((one for one in self.mounts if f"{path}/".startswith(one)), None)
        if mount is None:
            raise RefusalError(
                403, "preflight capability check returned 403, please ensure client's policies grant access"
            )
        return Reply.of(200, {"data": {"path": mount, **_shape(self.mounts[mount])}})

    def _listed(self, folder: str) -> Reply:
        """List what lies right below a folder: secrets, and folders with a slash behind."""
        below = [one.removeprefix(folder).partition("/") for one in self.kept if one.startswith(folder)]
        if not below:
            raise RefusalError(404, "")
        return Reply.of(200, {"data": {"keys": list[Json](sorted({name + slash for name, slash, _ in below}))}})

    def _first(self, request: Request, path: str) -> Reply:
        found = self.kept.get(path)
        if request.method == "GET":
            if found is None:
                raise RefusalError(404, "")
            return Reply.of(200, {"data": found.versions[-1]})
        self.kept[path] = Kept([_document(request)])
        return Reply(204)

    def _second(self, request: Request, path: str) -> Reply:
        found = self.kept.get(path, Kept())
        latest = found.versions[-1] if found.versions else None
        if request.method == "GET":
            if not found.versions:
                raise RefusalError(404, "")
            shown: dict[str, Json] = {"data": latest, "metadata": self._metadata(found)}
            return Reply.of(200 if latest is not None else 404, {"data": shown})
        given = _document(request)
        merging = request.method == "PATCH"
        if merging and request.headers.get("Content-Type") != "application/merge-patch+json":
            return _errors(415)
        if merging and latest is None:
            raise RefusalError(404, "")
        options, data = given.get("options"), given.get("data")
        cas = options.get("cas") if isinstance(options, dict) else None
        if cas is not None and cas != len(found.versions):
            raise RefusalError(400, MISMATCH)
        if not isinstance(data, dict):
            raise RefusalError(400, "no data provided")
        found.versions.append({**(latest or {}), **data} if merging else data)
        self.kept[path] = found
        return Reply.of(200, {"data": self._metadata(found)})

    def _metadata(self, found: Kept) -> dict[str, Json]:
        deleted = "" if found.versions[-1] is not None else self.clock.now().isoformat()
        told: dict[str, Json] = {"version": len(found.versions), "deletion_time": deleted, "destroyed": False}
        return {**told, "custom_metadata": found.custom, "created_time": self.clock.now().isoformat()}


def _shape(version: int) -> dict[str, Json]:
    return {"type": "kv", "options": {"version": str(version)}}


def _document(request: Request) -> dict[str, Json]:
    try:
        found = json.loads(request.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusalError(400, "error parsing JSON")
    return found


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _errors(status: int, *said: str) -> Reply:
    return Reply.of(status, {"errors": list(said)})
