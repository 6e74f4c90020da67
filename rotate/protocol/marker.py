"""The non-secret label that binds a key's name to a lineage and a run.

    acme-app-neon-api-key_7f3a.17500000000.1.k3f91
    └────── lineage ─────┘ home └── run ──┘ │ nonce and serial
                                         attempt

Neon has no idempotency key and no way from a value to its id, so the name is the only handle on a key whose
create reply was lost (protocol: facts 2 and 3). It is unique while the key lives and at most 64 characters
(Neon OpenAPI, `ApiKeyCreateRequest.key_name`). `home` is a short hash of the repository and credential that own
the lineage: two repositories that choose the same `key_name` never take each other's keys for their own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

NAME_LIMIT = 64
LINEAGE_LIMIT = 35
HOME_LENGTH = 4
NONCE_LENGTH = 4
MAX_SERIAL = 9

LINEAGE_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,33}[A-Za-z0-9])?")
_NAME = (
    r"(?P<lineage>[A-Za-z0-9-]{1,35})_(?P<home>[0-9a-f]{4})\.(?P<run>\d{1,14})\.(?P<attempt>\d{1,2})"
    r"\.(?P<nonce>[a-z0-9]{4})(?P<serial>[1-9])"
)


@dataclass(frozen=True, slots=True)
class Lineage:
    """All keys issued for one purpose. `name` is what people read, `home` who owns it (4 hex digits)."""

    name: str
    home: str

    def holds(self, key_name: str) -> bool:
        """Say whether a key of that name was issued by this lineage."""
        marker = parse(key_name)
        return marker is not None and marker.lineage == self


@dataclass(frozen=True, slots=True)
class Marker:
    """One issue: run (at most 14 digits), attempt (at most 2), nonce of the process, serial within it."""

    lineage: Lineage
    run_id: int
    attempt: int
    nonce: str
    serial: int

    def name(self) -> str:
        """Give the key name, at most 64 characters."""
        stem = f"{self.lineage.name}_{self.lineage.home}"
        return f"{stem}.{self.run_id}.{self.attempt}.{self.nonce}{self.serial}"


def parse(name: str) -> Marker | None:
    """Read a key name back; `None` for one that this program never wrote."""
    found = re.fullmatch(_NAME, name)
    if found is None:
        return None
    lineage = Lineage(found["lineage"], found["home"])
    return Marker(lineage, int(found["run"]), int(found["attempt"]), found["nonce"], int(found["serial"]))


def home_of(owner: str, credential: str) -> str:
    """Hash the owner of a lineage (repository id, or name where there is no id) and its credential's name."""
    return hashlib.sha256(f"{owner}/{credential}".encode()).hexdigest()[:HOME_LENGTH]


def default_lineage(repository: str, secret_name: str) -> str:
    """Make a descriptive name from a repository and a secret, at most 35 characters, never ambiguous.

    A text too long to fit, or one that loses characters, ends in six digits of its hash.
    """
    text = f"{repository}-{secret_name}".lower()
    slug = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(slug) <= LINEAGE_LIMIT:
        return slug
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{slug[: LINEAGE_LIMIT - 7].rstrip('-')}-{digest}"
