"""What the pretend Google Cloud holds: secrets, their versions, and who may do what, to seed and to inspect."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json

NUMBER = "482913337105"
ADDER = frozenset({"secretmanager.versions.add"})
ACCESSOR = frozenset({"secretmanager.versions.access"})
VIEWER = frozenset(
    {
        "secretmanager.secrets.get",
        "secretmanager.secrets.list",
        "secretmanager.versions.get",
        "secretmanager.versions.list",
    }
)
ADMIN = frozenset(
    {
        *ADDER,
        *ACCESSOR,
        *VIEWER,
        "secretmanager.secrets.create",
        "secretmanager.secrets.update",
        "secretmanager.versions.enable",
        "secretmanager.versions.disable",
        "secretmanager.versions.destroy",
    }
)
NONE: Mapping[str, str] = MappingProxyType({})
LASTS = timedelta(hours=1)
PREFIX = "ya29."


@dataclass(slots=True)
class Version:
    """One version; its value never changes. `data` is empty once it was destroyed."""

    number: int
    data: bytes = field(repr=False)
    created: datetime
    state: str = "ENABLED"
    checked: bool = False


@dataclass(slots=True)
class CloudSecret:
    """One secret. `shown`: its fields but for name, time, etag and aliases, as an answer shows them."""

    path: str
    created: datetime
    shown: dict[str, Json] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    changes: int = 1

    @property
    def etag(self) -> str:
        """Give what changes with each change of the secret, and not with a new version."""
        return f'"{self.changes:014x}"'

    def latest(self) -> Version | None:
        """Give the newest version, whatever its state."""
        return self.versions[-1] if self.versions else None


class GoogleState:
    """Google Cloud's memory. Seed and inspect it from any thread. A place is `projects/<id>`, or a secret's path."""

    def __init__(self, clock: Clock) -> None:
        """Start with one project and no secret."""
        self.clock = clock
        self.url = ""
        self._secrets: dict[str, CloudSecret] = {}
        self._tokens: dict[str, datetime] = {}
        self._rights: dict[str, dict[str, frozenset[str]]] = {}
        self._numbers = itertools.count(1)

    def add_token(self, lasts: timedelta = LASTS) -> str:
        """Give somebody an access token, which may do nothing yet."""
        value = PREFIX + secrets.token_urlsafe(40)
        self._tokens[value] = self.clock.now() + lasts
        self._rights[value] = {}
        return value

    def let(self, token: str, place: str, *roles: frozenset[str]) -> None:
        """Give a token these roles at a place, and no others there."""
        self._rights[token][place] = frozenset[str]().union(*roles)

    def knows(self, token: str) -> bool:
        """Say whether this is an access token that still lasts."""
        return token in self._tokens and self.clock.now() < self._tokens[token]

    def may(self, token: str, path: str, permission: str) -> bool:
        """Say whether a token may do something: rights at the project hold for all that is in it."""
        rights = self._rights[token]
        places: Iterable[str] = (path, "/".join(path.split("/")[:2]))
        return any(permission in rights.get(place, ()) for place in places)

    def set_secret(self, path: str, *values: str, aliases: Mapping[str, str] = NONE, **shown: Json) -> CloudSecret:
        """Create a secret with these versions, in the place of the one of its path."""
        usual: dict[str, Json] = {} if "/locations/" in path else {"replication": {"automatic": {}}}
        made = CloudSecret(path, self.clock.now(), {**usual, **shown}, dict(aliases))
        self._secrets[path] = made
        for value in values:
            self.add(made, value.encode())
        return made

    def add(self, secret: CloudSecret, data: bytes, *, checked: bool = False) -> Version:
        """Add a version."""
        made = Version(len(secret.versions) + 1, data, self.clock.now(), checked=checked)
        secret.versions.append(made)
        return made

    def delete(self, path: str) -> None:
        """Delete a secret without a request."""
        del self._secrets[path]

    def secret(self, path: str) -> CloudSecret | None:
        """Give a secret; `None` where there is none."""
        return self._secrets.get(path)

    def secrets_of(self, place: str) -> list[CloudSecret]:
        """Give the secrets of a project, or of one of its locations, by their names."""
        return [one for path, one in sorted(self._secrets.items()) if path.rpartition("/secrets/")[0] == place]

    def value(self, path: str) -> str | None:
        """Give the latest value; `None` where there is none."""
        secret = self._secrets.get(path)
        latest = secret.latest() if secret else None
        return latest.data.decode() if latest and latest.state == "ENABLED" else None
