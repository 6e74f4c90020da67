"""Secrets of a name wherever they are, lines that mention it, and the lines of a policy file that mean such places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as given
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from rotate.secret import Secret

MOST_ITEMS = 1000


class Generation(StrEnum):
    """Which key of the lineage a secret holds, where its value could be read and compared."""

    CURRENT = "current"
    PREVIOUS = "previous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: secrets of these names, and any that holds a key of the lineage under another name. `known`:
    the fingerprints of those keys."""

    names: tuple[str, ...]
    known: Mapping[str, Generation] = given(default_factory=dict)

    def called(self, name: str) -> str:
        """Give the name that is meant by that of a secret, since not every place takes every name: `neon-api-key` and
        `neon_api_key` mean `NEON_API_KEY`. Nothing where none is."""
        return next((one for one in self.names if _plain(one) == _plain(name)), "")

    def takes(self, name: str, fingerprint: str = "") -> bool:
        """Say whether a secret is one of them. `fingerprint`: of its value, where that could be read."""
        return bool(self.called(name)) or fingerprint in self.known


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """One secret. `owner` is a repository (`owner/name`) or an organization, where it is GitHub's; `configured`: it is
    a destination.

    `address`: where it is, as its destination would be named. `written_at`: `None` where that is not told. `archived`:
    its repository takes no new value. `foreign`: it may be a stranger's, who has installed the App. `fingerprint`: of
    its value, where that could be read; it is compared, and never told.
    """

    address: str
    name: str
    owner: str
    store: str
    environment: str
    written_at: datetime | None
    configured: bool = False
    archived: bool = False
    foreign: bool = False
    fingerprint: str = ""

    @classmethod
    def at(
        cls, address: str, name: str, *, written_at: datetime | None = None, value: Secret | None = None
    ) -> FoundSecret:
        """Tell of one whose address says all. `value`: where it could be read."""
        return cls(address, name, "", "", "", written_at, fingerprint=value.fingerprint if value else "")

    @property
    def account(self) -> str:
        """Give whose it is in the end."""
        return self.owner.partition("/")[0]

    @property
    def state(self) -> str:
        """Say what is to be known of it."""
        known = "a destination" if self.configured else "not a destination"
        return f"{known}, archived" if self.archived else known


@dataclass(frozen=True, slots=True)
class Mention:
    """One line of a workflow file that holds the name."""

    name: str
    repository: str
    path: str
    line: int


def entries(found: Iterable[FoundSecret]) -> Iterator[str]:
    """Give the lines of a policy file that make them destinations; those that differ in their repository alone become
    one."""
    wanted: dict[str, list[str]] = {}
    # GitHub's have fields of their own in a policy file; of others the address says all.
    yield from (f"      - to: {one.address}" for one in found if not one.owner)
    owned = sorted((one for one in found if one.owner), key=lambda one: (one.owner, one.environment, one.store))
    for owner, secrets in groupby(owned, key=lambda one: one.owner):
        here = list(secrets)
        stores = [one.store for one in here if not one.environment]
        environments = [_quoted(one.environment) for one in here if one.environment]
        for field, values in (("stores", stores), ("environments", environments)):
            if values:
                kind = "repository" if "/" in owner else "organization"
                wanted.setdefault(f"{kind} {field}: [{', '.join(values)}]", []).append(owner)
    for form, owners in wanted.items():
        kind, _, line = form.partition(" ")
        for start in range(0, len(owners), MOST_ITEMS if kind == "repository" else 1):
            some = owners[start : start + (MOST_ITEMS if kind == "repository" else 1)]
            whose = f"{kind}: {some[0]}" if len(some) == 1 else f"repositories: [{', '.join(some)}]"
            yield from ("      - type: github_secret", f"        {whose}", f"        {line}")


def _plain(name: str) -> str:
    return re.sub(r"[-_. ]", "", name).lower()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
