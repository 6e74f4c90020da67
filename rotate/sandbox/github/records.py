"""What the pretend GitHub remembers: repositories, sealed secrets it can open, variables, runs, tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from rotate.sandbox.clock import stamp
from rotate.sandbox.exchange import Json
from rotate.sandbox.github.vaults import Vault, vaults

TokenKind = Literal["pat", "actions", "app"]
DOCUMENTATION = "https://docs.github.com/rest"
DENIED = {
    "pat": "Resource not accessible by personal access token",
    "actions": "Resource not accessible by integration",
    "app": "Resource not accessible by integration",
}
# What the token of a job can be given at all, as far as this world goes (facts: GitHub §2.5).
JOB_PERMISSIONS = frozenset({"metadata", "actions", "contents", "deployments", "issues"})


@dataclass(slots=True)
class StoredVariable:
    """An Actions variable; `visibility`: which repositories may read an organization's."""

    name: str
    value: str
    created_at: datetime
    updated_at: datetime
    visibility: str = ""

    def shape(self) -> dict[str, Json]:
        """Tell it. GitHub OpenAPI actions-variable."""
        return {
            "name": self.name,
            "value": self.value,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }


@dataclass(slots=True)
class Workflow:
    """A workflow file on the default branch, and how the runs that are dispatched end.

    `conclusion` of `None`: they never end. `seconds`: how long they take, in the world's time. `disabled_as`: GitHub's
    word for why.
    """

    file: str
    conclusion: str | None = "success"
    seconds: float = 0.0
    dispatchable: bool = True
    disabled: bool = False
    disabled_as: str = "disabled_manually"
    changed_days_ago: float = 0.0


@dataclass(slots=True)
class Run:
    """A workflow run. Times are UTC; `started_at` is that of the latest attempt. It ends by itself at `ends_at`."""

    run_id: int
    status: str
    conclusion: str | None
    run_attempt: int
    path: str
    event: str
    head_branch: str
    created_at: datetime
    started_at: datetime
    updated_at: datetime
    ends_at: datetime | None = None
    ends_as: str | None = None


@dataclass(eq=False, slots=True)
class Environment:
    """A deployment environment of a repository, with secrets of its own.

    `reviewers`: of whom one must approve a job, which waits `minutes` besides; `branches`: for some branches alone.
    """

    name: str
    created_at: datetime
    reviewers: int = 0
    minutes: int = 0
    branches: bool = False
    vault: Vault = field(default_factory=Vault)


@dataclass(eq=False, slots=True)
class Organization:
    """An organization, with secrets that its repositories may read, on a plan."""

    login: str
    created_at: datetime
    plan: str = "team"
    vaults: dict[str, Vault] = field(default_factory=vaults)
    variables: dict[str, StoredVariable] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Repository:
    """A repository, with its secrets by store and its environments by name."""

    full_name: str
    repository_id: int
    created_at: datetime
    archived: bool = False
    private: bool = True
    has_issues: bool = True
    disabled: bool = False
    vaults: dict[str, Vault] = field(default_factory=vaults)
    environments: dict[str, Environment] = field(default_factory=dict)
    variables: dict[str, StoredVariable] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    properties: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    of_organization: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `pat` is a fine-grained personal one, `actions` the `GITHUB_TOKEN` of a job, `app` an installation's.

    `repositories` gives the permissions per full name, `organizations` those per login; `None` stands for every
    repository. It ends at `expires_at`, if that is set; `told`: answers say so in a header, as they do of a `pat`.
    `scopes`: it is a classic one, whose scopes go with every answer. `app_id`: which App an installation's is of.
    """

    kind: TokenKind
    repositories: Mapping[str, Mapping[str, str]] | None
    value: str = field(repr=False)
    organizations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    expires_at: datetime | None = None
    told: bool = False
    scopes: str | None = None
    app_id: str = ""
    _granted: Mapping[str, Mapping[str, str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """GitHub does not tell cases apart; every request asks, and there may be thousands."""
        granted = {name.lower(): levels for name, levels in (self.repositories or {}).items()}
        object.__setattr__(self, "_granted", granted)

    @property
    def headers(self) -> dict[str, str]:
        """Give what every answer tells of it: when it ends, and its scopes (docs: Scopes for OAuth apps)."""
        told = self.told and self.expires_at
        ends = {"github-authentication-token-expiration": f"{told:%Y-%m-%d %H:%M:%S} UTC"} if told else {}
        return ends if self.scopes is None else {**ends, "X-OAuth-Scopes": self.scopes}

    @property
    def login(self) -> str:
        """Give who acts with it: a person, or an App's own account."""
        return {"pat": "ada", "actions": "github-actions[bot]", "app": f"app-{self.app_id}[bot]"}[self.kind]

    def manages(self, login: str, permission: str, level: str) -> bool | None:
        """Say whether the token has an organization's permission; `None` where it may not see the organization."""
        granted = {name.lower(): levels for name, levels in self.organizations.items()}.get(login.lower())
        return None if granted is None else granted.get(permission) in {level, "write"}

    def sees(self, full_name: str) -> bool:
        """Say whether the repository exists for this token."""
        return self.repositories is None or full_name.lower() in self._granted

    def may(self, full_name: str, permission: str, level: str) -> bool:
        """Say whether the token has the permission, at this level or above (read < write)."""
        granted = self._granted.get(full_name.lower())
        levels = {"metadata": "read", **({"actions": "read"} if granted is None else granted)}
        if self.kind == "actions" and permission not in JOB_PERMISSIONS:
            return False
        return levels.get(permission) == "write" or levels.get(permission) == level


def new_token(kind: TokenKind) -> str:
    """Make a token that says it is pretence."""
    # An installation's has no length that anybody promised (GitHub OpenAPI apps/create-installation-access-token).
    size = secrets.choice((20, 60, 200)) if kind == "app" else 20
    return {"pat": "github_pat_SANDBOX", "actions": "ghs_SANDBOX", "app": "ghs_SANDBOX"}[kind] + secrets.token_hex(size)
