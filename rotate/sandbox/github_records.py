"""What the pretend GitHub remembers: repositories, sealed secrets it can open, variables, runs, tokens."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from nacl.public import PrivateKey, SealedBox

from rotate.sandbox.clock import stamp
from rotate.sandbox.exchange import Json

TokenKind = Literal["pat", "actions"]


@dataclass(slots=True)
class StoredSecret:
    """A secret, opened. `stale_reads` counts the metadata reads that will still show `shown_at`."""

    name: str
    value: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    shown_at: datetime
    stale_reads: int = 0

    def metadata(self) -> dict[str, Json]:
        """Read the metadata once. GitHub OpenAPI actions-secret."""
        shown = self.updated_at
        if self.stale_reads:
            self.stale_reads -= 1
            shown = self.shown_at
        return {"name": self.name, "created_at": stamp(self.created_at), "updated_at": stamp(shown)}


@dataclass(slots=True)
class StoredVariable:
    """An Actions variable."""

    name: str
    value: str
    created_at: datetime
    updated_at: datetime

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

    `conclusion` of `None`: they never end. `seconds`: how long they take, in the world's time.
    """

    file: str
    conclusion: str | None = "success"
    seconds: float = 0.0
    dispatchable: bool = True
    disabled: bool = False


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
class Repository:
    """A repository, with the key pair to which its secrets are sealed."""

    full_name: str
    repository_id: int
    created_at: datetime
    archived: bool = False
    private: bool = True
    has_issues: bool = True
    key_id: str = field(default_factory=lambda: str(secrets.randbelow(9 * 10**17) + 10**17))
    box_key: PrivateKey = field(default_factory=PrivateKey.generate, repr=False)
    secrets: dict[str, StoredSecret] = field(default_factory=dict)
    variables: dict[str, StoredVariable] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)

    def public_key(self) -> dict[str, Json]:
        """Tell the key to seal to. GitHub OpenAPI actions-public-key."""
        return {"key_id": self.key_id, "key": base64.b64encode(bytes(self.box_key.public_key)).decode()}

    def open(self, sealed: str) -> str:
        """Open a sealed box in base64. Raises `ValueError` or `nacl.exceptions.CryptoError` when it cannot."""
        return SealedBox(self.box_key).decrypt(base64.b64decode(sealed, validate=True)).decode()

    def change_key(self) -> None:
        """Take another key pair, so that what was sealed to the earlier one is refused."""
        self.key_id = str(int(self.key_id) + 1)
        self.box_key = PrivateKey.generate()


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `pat` is a fine-grained personal one, `actions` the `GITHUB_TOKEN` of a job.

    `repositories` gives the permissions per full name; `None` stands for every repository.
    """

    kind: TokenKind
    repositories: Mapping[str, Mapping[str, str]] | None
    value: str = field(repr=False)

    def sees(self, full_name: str) -> bool:
        """Say whether the repository exists for this token."""
        return self.repositories is None or full_name.lower() in {name.lower() for name in self.repositories}

    def may(self, full_name: str, permission: str, level: str) -> bool:
        """Say whether the token has the permission, at this level or above (read < write)."""
        granted = {name.lower(): levels for name, levels in (self.repositories or {}).items()}.get(full_name.lower())
        levels = {"metadata": "read", **({"actions": "read"} if granted is None else granted)}
        # A job's token has no secrets and no variables permission at all: facts, GitHub §2.5.
        if self.kind == "actions" and permission in {"secrets", "variables"}:
            return False
        return levels.get(permission) == "write" or levels.get(permission) == level


def new_token(kind: TokenKind) -> str:
    """Make a token that says it is pretence."""
    return {"pat": "github_pat_SANDBOX", "actions": "ghs_SANDBOX"}[kind] + secrets.token_hex(20)
