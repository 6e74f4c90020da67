"""Repository Actions secrets of the pretend GitHub: it opens every box it is sent, and refuses what it cannot open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from nacl.exceptions import CryptoError

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply
from rotate.sandbox.github_records import Repository, StoredSecret, Token
from rotate.sandbox.paging import page_of

LONGEST_VALUE = 48 * 1024
_NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*")
_BASE = "/repos/{owner}/{repo}/actions/secrets"


class Settings(Protocol):
    """What the world sets for these routes. `metadata_lag` counts reads that still show the earlier write time."""

    url: str
    metadata_lag: int


class SecretRoutes:
    """GitHub OpenAPI /repos/{owner}/{repo}/actions/secrets."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the settings at each request."""
        self._settings = settings
        self._clock = clock

    @property
    def routes(self) -> Mapping[str, tuple[str, str, Callable[[Call[Token], Repository], Reply]]]:
        """Give route → permission, level, handler; literal segments first."""
        return {
            f"GET {_BASE}": ("secrets", "read", self._list),
            f"GET {_BASE}/public-key": ("secrets", "read", self._public_key),
            f"GET {_BASE}/{{name}}": ("secrets", "read", self._get),
            f"PUT {_BASE}/{{name}}": ("secrets", "write", self._put),
            f"DELETE {_BASE}/{{name}}": ("secrets", "write", self._delete),
        }

    def _list(self, call: Call[Token], repository: Repository) -> Reply:
        shapes: list[Json] = [stored.metadata() for stored in repository.secrets.values()]
        return page_of(call.request, self._settings.url + call.request.base, "secrets", shapes)

    def _public_key(self, _: Call[Token], repository: Repository) -> Reply:
        return Reply.of(200, repository.public_key())

    def _get(self, call: Call[Token], repository: Repository) -> Reply:
        return Reply.of(200, _find(call, repository).metadata())

    def _put(self, call: Call[Token], repository: Repository) -> Reply:
        name, body, now = valid_name(call.params["name"]), call.document(), self._clock.now()
        value = _opened(repository, body.get("encrypted_value"), body.get("key_id"))
        before = repository.secrets.get(name)
        created = before.created_at if before else now
        lag = self._settings.metadata_lag if before else 0
        shown = before.updated_at if before else now
        repository.secrets[name] = StoredSecret(name, value, created, now, shown, lag)
        return Reply(204) if before else Reply.of(201, {})

    def _delete(self, call: Call[Token], repository: Repository) -> Reply:
        del repository.secrets[_find(call, repository).name]
        return Reply(204)


def valid_name(name: str) -> str:
    """Give the name in upper case. Raises `RefusalError` 422 for one that GitHub refuses (facts: GitHub §2.3)."""
    if not _NAME.fullmatch(name.upper()):
        raise RefusalError(422, "Names can only contain letters, digits and _, must not start with a digit or GITHUB_")
    return name.upper()


def _find(call: Call[Token], repository: Repository) -> StoredSecret:
    try:
        return repository.secrets[call.params["name"].upper()]
    except KeyError:
        raise RefusalError(404, "Not Found") from None


def _opened(repository: Repository, sealed: Json, key_id: Json) -> str:
    if not isinstance(sealed, str) or not isinstance(key_id, str):
        raise RefusalError(422, "encrypted_value and key_id are required")
    if key_id != repository.key_id:
        raise RefusalError(422, "Bad request - key_id is not the current public key")
    try:
        value = repository.open(sealed)
    except (ValueError, CryptoError):
        raise RefusalError(422, "Bad request - the value was not sealed for this public key") from None
    if len(value.encode()) > LONGEST_VALUE:
        raise RefusalError(422, "Secret is too large")
    return value
