"""What the pretend vault holds: secrets with their versions, those deleted, and who may ask, to seed and to inspect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json

TENANT = "0f5b2c1e-7d7c-4c38-9a53-5a2f6f0d9a11"
OTHER_TENANT = "9c1d7a52-1b3e-4e0b-8f4e-2d6c1f7b3e22"
EVERYTHING = ("get", "list", "set")


@dataclass(slots=True)
class Identity:
    """Who holds a token: of which tenant, and with which secret permissions."""

    tenant: str
    permissions: list[str]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a secret, with all that a SecretBundle shows. Times are whole seconds."""

    id: str
    value: str = field(repr=False)
    created: int = 0
    updated: int = 0
    content_type: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    enabled: bool = True
    nbf: int | None = None
    exp: int | None = None
    managed: bool = False

    def item(self, base: str) -> dict[str, Json]:
        """Give what a list shows: no value. What is not set is left out."""
        times: dict[str, Json] = {"nbf": self.nbf, "exp": self.exp}
        attributes: dict[str, Json] = {name: one for name, one in times.items() if one is not None}
        attributes |= {"enabled": self.enabled, "created": self.created, "updated": self.updated}
        shown: dict[str, Json] = {
            "id": f"{base}/{self.id}",
            "attributes": {**attributes, "recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90},
            "tags": dict(self.tags),
        }
        if self.content_type is not None:
            shown["contentType"] = self.content_type
        return {**shown, "managed": True} if self.managed else shown

    def bundle(self, base: str) -> dict[str, Json]:
        """Give what a read shows."""
        shown = {**self.item(base), "value": self.value}
        return {**shown, "kid": f"{base.replace('/secrets/', '/keys/')}/{self.id}"} if self.managed else shown


class VaultState:
    """A vault's memory. Seed and inspect it from any thread. Names are compared without regard to case.

    `wall`: the inner code with which its network refuses everybody. `gone`: something before it knows no such vault.
    """

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        self.clock = clock
        self.url = ""
        self.tenant = TENANT
        self.wall = ""
        self.gone = False
        self._secrets: dict[str, list[Version]] = {}
        self._deleted: dict[str, list[Version]] = {}
        self._identities: dict[str, Identity] = {}

    def add_identity(self, *permissions: str, tenant: str = TENANT) -> str:
        """Give a token to somebody with these permissions."""
        token = f"eyJ0eXAi.{secrets.token_urlsafe(40)}"
        self._identities[token] = Identity(tenant, list(permissions or EVERYTHING))
        return token

    def narrow(self, token: str, *permissions: str) -> None:
        """Leave an identity these permissions alone."""
        self._identities[token].permissions[:] = permissions

    def identity(self, token: str) -> Identity | None:
        """Give who has a token."""
        return self._identities.get(token)

    def add_version(self, name: str, value: str, like: Version | None = None) -> Version:
        """Write a new version, now, with what another has."""
        now = int(self.clock.now().timestamp())
        made = replace(like or Version("", ""), id=secrets.token_hex(16), value=value, created=now, updated=now)
        self._secrets.setdefault(name.lower(), []).append(made)
        return made

    def change(self, name: str, new: Version) -> None:
        """Put another record in the place of a version."""
        self._secrets[name.lower()] = [new if one.id == new.id else one for one in self.versions(name)]

    def versions(self, name: str) -> list[Version]:
        """Give every version, the latest last."""
        return list(self._secrets.get(name.lower(), []))

    def latest(self, name: str) -> Version | None:
        """Give the latest version; `None` where there is none."""
        return next(reversed(self.versions(name)), None)

    def names(self) -> list[str]:
        """Name every secret."""
        return sorted(self._secrets)

    def delete(self, name: str) -> Version:
        """Delete a secret so that it can be recovered; its name stays taken. Give what was its latest version."""
        self._deleted[name.lower()] = found = self._secrets.pop(name.lower())
        return found[-1]

    def purge(self, name: str) -> None:
        """Delete a secret for good."""
        self._secrets.pop(name.lower(), None)
        self._deleted.pop(name.lower(), None)

    def deleted(self, name: str) -> Version | None:
        """Give the latest version of a deleted secret."""
        return next(reversed(self._deleted.get(name.lower(), [])), None)
