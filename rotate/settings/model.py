"""One frozen record of everything that can be configured, and the context of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from rotate.address import Address
from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.marker import Lineage, former_home_of, home_of
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Canary, Command, Exposure, OnFailure, Overlap, holder_word
from rotate.secret import Secret

DEFAULT_API_HOST = "https://console.neon.tech/api/v2"
DEFAULT_NAME = "NEON_API_KEY"
DEFAULT_POLICY = ".github/neon-rotate.yml"
DEFAULT_AUDIT = "neon-rotate-audit.jsonl"
STORES = ("actions", "dependabot", "codespaces", "agents")
VISIBILITIES = ("all", "private")
USUAL_MOST_REPOSITORIES = 1000


class Pace(StrEnum):
    """How close to GitHub's limits a run goes: points only, one write a second, or as if secrets were content."""

    FAST = "fast"
    ADVISED = "advised"
    CAREFUL = "careful"


class Among(StrEnum):
    """How a pattern finds repositories."""

    NAME = "name"
    TOPIC = "topic"
    PROPERTY = "property"
    HOLDERS = "holders"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Repositories that are not named one by one. `text`: a name with `*` and `?`, a topic, or a property's name.

    `owner`: whose repositories; empty where the text says it. Of holders, empty: all that a token reaches, or with an
    App the workflow's owner's; `*`: everyone's who has installed it. `excluded`: these are left
    out. `written`: as it was asked for.
    """

    among: Among
    owner: str
    text: str
    written: str
    value: str = ""
    excluded: bool = False


Spot: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App: its id (or client id), and the private key with which it proves to be itself."""

    app_id: str
    private_key: Secret


# Who asks GitHub: a personal access token, or an App, which is given a token of its own by each owner's installation.
Login: TypeAlias = Secret | App


@dataclass(frozen=True, slots=True)
class Place:
    """One destination: a secret of a repository (`owner/name`), of one of its environments, or of an organization.

    `visibility`: what an organization secret is created with where it does not exist; empty, it is not created. `token`
    (or App) of `None`: the credential's own. `patterns`: it stands for the same place of every repository that they
    mean, and has no owner yet. `ignore_shadows`: which narrower secrets of the same name are meant to be others'.
    `create`: a first rotation may create it. `ignore_holders`: which other secrets of the same name are others'.
    """

    owner: str
    secret_name: str
    token: Login | None = None
    store: str = STORES[0]
    environment: str = ""
    visibility: str = ""
    patterns: tuple[Pattern, ...] = ()
    ignore_shadows: tuple[str, ...] = ()
    create: bool = False
    ignore_holders: tuple[str, ...] = ()

    @property
    def spot(self) -> Spot:
        """Give what tells it from every other place; GitHub's names are the same in upper and lower case."""
        return self.owner.lower(), self.store, self.environment.lower(), self.secret_name

    @property
    def holder(self) -> str:
        """Give the word under which `ignore_holders` takes it."""
        return holder_word(self.owner, self.store, self.environment)

    @property
    def repository(self) -> str:
        """Give the repository whose workflows alone read it; empty for an organization's secret."""
        return self.owner if "/" in self.owner else ""


class Elsewhere(NamedTuple):
    """One destination of a system that the registry names. `create`: a first rotation may create it. `leads`: it is the
    primary, before every place at GitHub."""

    address: Address
    create: bool = False
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Shard:
    """Which of how many parts of the destinations a `sync` writes; the first is 1."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What tells a lineage from every other one: the host of GitHub's API, and the number of the repository that keeps
    the note, where the runner told it; else 0. `named`: a person gave `key_name`.
    """

    host: str = ""
    number: int = 0
    named: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for one credential, checked.

    `credential` names it: its note and lock are variables named after it, kept in `home`, the repository whose
    workflow runs. `places` has the primary destination first. `audit` is a file's path in the workspace; empty: none.
    `rehearsal`: a `sync` that only says what it would write. `elsewhere`: destinations of other systems than GitHub.
    `keeper`: who keeps the note and the lock, where that is no repository.
    `github_token` may be an App in a token's stead. `origin`: what the lineage's home is made of.
    """

    command: Command
    api_key: Secret
    api_host: str
    scope: Scope
    key_name: str
    credential: str
    places: tuple[Place, ...]
    home: str
    github_token: Login
    org_id: str | None = None
    project_id: str | None = None
    current_key: Secret | None = None
    old_key_id: int | None = None
    nothing_before: bool = False
    cadence: Cadence = field(default_factory=Cadence)
    overlap: Overlap = field(default_factory=Overlap)
    canary: Canary | None = None
    exposure: Exposure | None = None
    on_failure: OnFailure = OnFailure.HOLD
    max_age: timedelta | None = None
    max_live_keys: int = 5
    may_issue: bool = True
    pace: Pace = Pace.FAST
    shard: Shard | None = None
    rehearsal: bool = False
    time_limit: timedelta = timedelta(hours=6)
    reason: str = ""
    audit: str = ""
    alert_issue: bool = False
    max_repositories: int = USUAL_MOST_REPOSITORIES
    find_old_key: bool = False
    old_key_name: str = ""
    from_scope: Scope | None = None
    origin: Origin = Origin()
    give_up: tuple[str, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    keeper: Address | None = None

    def lineage(self, number: int) -> Lineage:
        """Give the lineage. `number`: that of `home`; 0 where it is not known, and then no marker shows a key ours."""
        owner = home_of(self.origin.host, number, self.credential) if number else ""
        return Lineage(self.key_name, owner, former_home_of(self.home, self.credential), self.origin.named)

    @property
    def organization(self) -> str:
        """Name the organization whose secrets alone are written: note and lock belong with it. Empty: there is none."""
        (owner, *others) = {place.owner for place in self.places} or {""}
        return "" if others or "/" in owner else owner

    @property
    def patterned(self) -> bool:
        """Say whether some places are not known before GitHub is asked."""
        return any(place.patterns for place in self.places)

    @property
    def self_rotation(self) -> bool:
        """Say whether the key being replaced is the one that we authenticate with.

        A check, or a sync, of a lone key is about that key, whatever its scope.
        """
        if self.command in (Command.CHECK, Command.SYNC) and self.current_key is None:
            return True
        return self.scope is Scope.PERSONAL and self.current_key in (None, self.api_key)

    @property
    def at_hand(self) -> Secret | None:
        """Give the value being replaced, if it was given."""
        return self.api_key if self.self_rotation else self.current_key
