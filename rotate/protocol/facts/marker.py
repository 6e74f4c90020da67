"""The non-secret label that binds a key's name to a lineage and a run.

    acme-app-neon-api-key_1h0c6kxm2v9qd.17500000000.1.k3f91
    └───── label ───────┘ └── home ───┘ └── run ──┘ │ nonce and serial
                                               attempt

Neon has no idempotency key and no way from a value to its id, so the name is the only handle on a key whose
create reply was lost (protocol: facts 2 and 3). It is unique while the key lives and at most 64 characters
(Neon OpenAPI, `ApiKeyCreateRequest.key_name`). `home` alone says whose a key is: 67 bits of a hash of the GitHub host,
the number of the repository that owns the lineage, which a rename keeps, and the credential. The label is for people,
and is cut to what fits.

An earlier form had a home of four hex digits, which two repositories of one organization may share. Such a name shows
nothing: a key that bears it is ours only where the note, or a person, names its id.
"""

from __future__ import annotations

import hashlib
import re
import string
from dataclasses import dataclass

NAME_LIMIT = 64
LINEAGE_LIMIT = 35
HOME_LENGTH = 13
FORMER_LENGTH = 4
NONCE_LENGTH = 4
DIGITS = string.digits + string.ascii_lowercase

LINEAGE_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,33}[A-Za-z0-9])?")
_NAME = (
    r"(?P<label>[A-Za-z0-9-]{1,35})_(?P<home>[0-9a-f]{4}|[0-9a-z]{13})\.(?P<run>\d{1,14})\.(?P<attempt>\d{1,2})"
    r"\.(?P<nonce>[a-z0-9]{4})(?P<serial>[1-9])"
)


@dataclass(frozen=True, slots=True)
class Lineage:
    """All keys issued for one purpose. `name` is what people read, `home` who owns it; empty where that is not known.

    `former`: the home that the earlier form of the marker would have. `named`: a person chose the name.
    """

    name: str
    home: str
    former: str = ""
    named: bool = True

    def holds(self, key_name: str) -> bool:
        """Say whether a key of that name was certainly issued by this lineage."""
        # Few of ten thousand names have the home in them, and to read a name takes far longer than to look for that.
        marker = parse(key_name) if f"_{self.home}." in key_name else None
        return marker is not None and marker.lineage.home == self.home

    def others(self, key_name: str) -> bool:
        """Say whether the marker in a key's name is another lineage's; of the earlier form, if it cannot be ours."""
        marker = parse(key_name)
        return bool(self.home) and marker is not None and marker.lineage.home not in (self.home, self.former)


@dataclass(frozen=True, slots=True)
class Marker:
    """One issue: run (at most 14 digits), attempt (at most 2), nonce of the process, serial within it."""

    lineage: Lineage
    run_id: int
    attempt: int
    nonce: str
    serial: int

    def name(self) -> str:
        """Give the key name, at most 64 characters: as much of the lineage's name as fits, and all the rest."""
        rest = f"_{self.lineage.home}.{self.run_id}.{self.attempt}.{self.nonce}{self.serial}"
        return self.lineage.name[: NAME_LIMIT - len(rest)].rstrip("-") + rest


def parse(name: str) -> Marker | None:
    """Read a key name back; `None` for one that this program never wrote."""
    found = re.fullmatch(_NAME, name)
    if found is None:
        return None
    lineage = Lineage(found["label"], found["home"])
    return Marker(lineage, int(found["run"]), int(found["attempt"]), found["nonce"], int(found["serial"]))


def home_of(host: str, number: int, credential: str) -> str:
    """Hash the owner of a lineage, a repository's number at one GitHub host, and its credential's name."""
    text = f"{host.lower()}/{number}/{credential}"
    rest, home = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big"), ""
    while len(home) < HOME_LENGTH:
        rest, digit = divmod(rest, len(DIGITS))
        home += DIGITS[digit]
    return home


def former_home_of(repository: str, credential: str) -> str:
    """Give the home that the earlier form of the marker has: a hash of the repository's name and the credential's."""
    return hashlib.sha256(f"{repository.lower()}/{credential}".encode()).hexdigest()[:FORMER_LENGTH]


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
