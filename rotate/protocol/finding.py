"""What `find` found: every secret of a name, whoever owns it, and every workflow file that mentions it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from rotate.errors import counted

ACTIONS = "actions"
MOST_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """One secret. `owner` is a repository (`owner/name`) or an organization; `configured`: it is a destination.

    `archived`: its repository takes no new value. `foreign`: it may be a stranger's, who has installed the App.
    """

    name: str
    owner: str
    store: str
    environment: str
    written_at: datetime
    configured: bool = False
    archived: bool = False
    foreign: bool = False

    @property
    def account(self) -> str:
        """Give whose it is in the end."""
        return self.owner.partition("/")[0]

    @property
    def label(self) -> str:
        """Name it for people."""
        where = f"environment {self.environment}" if self.environment else self.store
        return f"{self.owner} · {where} · {self.name}"

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


@dataclass(frozen=True, slots=True)
class Found:
    """Everything in reach. `repositories`: how many were looked at. `missing`: destinations where it was not seen."""

    names: tuple[str, ...]
    repositories: int
    secrets: tuple[FoundSecret, ...]
    mentions: tuple[Mention, ...]
    missing: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Say how much there is."""
        stray = sum(not one.configured for one in self.secrets)
        seen = counted(len(self.secrets), "secret")
        where = f"{seen} named {' or '.join(self.names)} in reach, {stray} of them no destination"
        where += f", not seen in {counted(len(self.missing), 'destination')}" if self.missing else ""
        lines = counted(len(self.mentions), "line")
        say = "mentions" if len(self.mentions) == 1 else "mention"
        return f"{where}; {lines} of workflow files {say} it, in {counted(self.repositories, 'repository')}"

    def shadowed_by(self, wider: FoundSecret) -> tuple[FoundSecret, ...]:
        """Give the narrower secrets that are read in place of this one, as far as its access reaches."""
        if wider.store != ACTIONS or wider.environment:
            return ()
        return tuple(one for one in self.secrets if _narrower(one, wider))

    @property
    def policy(self) -> str:
        """Give a policy file with all of them as destinations. A stranger's is none: it would be given the new key."""
        lines = ["version: 1", "credentials:", *(line for name in self.names for line in self._lines(name))]
        owners = dict.fromkeys(one.account for one in self.secrets if one.foreign)
        lines += [
            f"# Left out: those of {owner}, who has installed the App. Add them if they are yours." for owner in owners
        ]
        return "\n".join(lines)

    def _lines(self, name: str) -> Iterator[str]:
        usable = [one for one in self.secrets if one.name == name and not (one.archived or one.foreign)]
        if usable:
            yield f"  - name: {name}"
            yield f"    current_key: ${{{name}}}"
            yield "    destinations:"
            yield from entries(usable)


def _narrower(one: FoundSecret, wider: FoundSecret) -> bool:
    if one.name != wider.name or one.store != ACTIONS or one is wider:
        return False
    if "/" in wider.owner:
        return one.owner.lower() == wider.owner.lower() and bool(one.environment)
    return one.owner.lower().startswith(f"{wider.owner.lower()}/")


def entries(found: Iterable[FoundSecret]) -> Iterator[str]:
    """Give the lines of a policy file that make them destinations; those that differ in their repository alone become
    one."""
    wanted: dict[str, list[str]] = {}
    for owner, secrets in groupby(sorted(found, key=_order), key=lambda one: one.owner):
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


def _order(one: FoundSecret) -> tuple[str, str, str]:
    return one.owner, one.environment, one.store


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
