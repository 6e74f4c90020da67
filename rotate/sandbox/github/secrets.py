"""Secrets of the pretend GitHub, in every place: it opens every box it is sent, and refuses what it cannot open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from nacl.exceptions import CryptoError

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply
from rotate.sandbox.github.records import Repository, Token
from rotate.sandbox.github.vaults import STORES, StoredSecret, Vault
from rotate.sandbox.paging import page_of

LONGEST_VALUE = 48 * 1024
# The permission that each store asks for (facts: GitHub §2.5); that of the agents' store is not among the facts.
PERMISSIONS = {
    "actions": "secrets",
    "dependabot": "dependabot_secrets",
    "codespaces": "codespaces_secrets",
    "agents": "agent_secrets",
}
_NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*")
_REPOSITORY = "/repos/{owner}/{repo}"

VaultHandler = Callable[[Call[Token], Vault], Reply]
RepositoryRule = tuple[str, str, Callable[[Call[Token], Repository], Reply]]


class Settings(Protocol):
    """What the world sets for these routes. `metadata_lag` counts reads that still show the earlier write time."""

    url: str
    metadata_lag: int


class VaultHandlers:
    """What can be asked of any vault, whoever owns it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the settings at each request."""
        self._settings = settings
        self._clock = clock

    @property
    def handlers(self) -> Mapping[str, tuple[str, VaultHandler]]:
        """Give verb and end of the path → level, handler; literal segments first."""
        return {
            "GET /secrets": ("read", self._list),
            "GET /secrets/public-key": ("read", self._public_key),
            "GET /secrets/{name}": ("read", self._get),
            "PUT /secrets/{name}": ("write", self._put),
            "DELETE /secrets/{name}": ("write", self._delete),
        }

    def _list(self, call: Call[Token], vault: Vault) -> Reply:
        shapes: list[Json] = [stored.metadata() for stored in vault.secrets.values()]
        return page_of(call.request, self._settings.url + call.request.base, "secrets", shapes)

    def _public_key(self, _: Call[Token], vault: Vault) -> Reply:
        return Reply.of(200, vault.public_key())

    def _get(self, call: Call[Token], vault: Vault) -> Reply:
        return Reply.of(200, found(call, vault).metadata())

    def _put(self, call: Call[Token], vault: Vault) -> Reply:
        created = self.store(call, vault) is None
        return Reply.of(201, {}) if created else Reply(204)

    def store(self, call: Call[Token], vault: Vault) -> StoredSecret | None:
        """Open the box and keep the value; give what was there before."""
        name, body, now = valid_name(call.params["name"]), call.document(), self._clock.now()
        value = _opened(vault, body.get("encrypted_value"), body.get("key_id"))
        before = vault.secrets.get(name)
        created = before.created_at if before else now
        lag = self._settings.metadata_lag if before else 0
        shown = before.updated_at if before else now
        vault.secrets[name] = StoredSecret(name, value, created, now, shown, lag)
        return before

    def _delete(self, call: Call[Token], vault: Vault) -> Reply:
        del vault.secrets[found(call, vault).name]
        return Reply(204)


class SecretRoutes:
    """GitHub OpenAPI /repos/{owner}/{repo}/{store}/secrets and …/environments/{environment_name}/secrets."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the settings at each request."""
        self._handlers = VaultHandlers(settings, clock).handlers

    @property
    def routes(self) -> Mapping[str, RepositoryRule]:
        """Give route → permission, level, handler."""
        rules: dict[str, RepositoryRule] = {}
        for end, (level, handle) in self._handlers.items():
            verb, _, path = end.partition(" ")
            for store in STORES:
                rules[f"{verb} {_REPOSITORY}/{store}{path}"] = (PERMISSIONS[store], level, _in_store(store, handle))
            rules[f"{verb} {_REPOSITORY}/environments/{{environment}}{path}"] = (
                "environments",
                level,
                _in_environment(handle),
            )
        return rules


def _in_store(store: str, handle: VaultHandler) -> Callable[[Call[Token], Repository], Reply]:
    return lambda call, repository: handle(call, repository.vaults[store])


def _in_environment(handle: VaultHandler) -> Callable[[Call[Token], Repository], Reply]:
    def handled(call: Call[Token], repository: Repository) -> Reply:
        environment = repository.environments.get(call.params["environment"].lower())
        if environment is None:
            raise RefusalError(404, "Not Found")
        return handle(call, environment.vault)

    return handled


def valid_name(name: str) -> str:
    """Give the name in upper case. Raises `RefusalError` 422 for one that GitHub refuses (facts: GitHub §2.3)."""
    if not _NAME.fullmatch(name.upper()):
        raise RefusalError(422, "Names can only contain letters, digits and _, must not start with a digit or GITHUB_")
    return name.upper()


def found(call: Call[Token], vault: Vault) -> StoredSecret:
    """Give the secret that a request names. Raises `RefusalError` 404 when there is none."""
    try:
        return vault.secrets[call.params["name"].upper()]
    except KeyError:
        raise RefusalError(404, "Not Found") from None


def _opened(vault: Vault, sealed: Json, key_id: Json) -> str:
    if not isinstance(sealed, str) or not isinstance(key_id, str):
        raise RefusalError(422, "encrypted_value and key_id are required")
    if key_id != vault.key_id:
        raise RefusalError(422, "Bad request - key_id is not the current public key")
    try:
        value = vault.open(sealed)
    except (ValueError, CryptoError):
        raise RefusalError(422, "Bad request - the value was not sealed for this public key") from None
    if len(value.encode()) > LONGEST_VALUE:
        raise RefusalError(422, "Secret is too large")
    return value
