"""What a pretend Cloudflare knows: Workers, Pages projects and stores of one account, under the names of its API."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from rotate.sandbox.exchange import Json

HIDDEN = "secret_text"


@dataclass(slots=True)
class Binding:
    """One binding of a Worker. `text`: of a plain text or a secret; `more`: what other types have."""

    name: str
    kind: str = HIDDEN
    text: str = field(default="", repr=False)
    more: dict[str, Json] = field(default_factory=dict)

    @property
    def shape(self) -> dict[str, Json]:
        """What is shown: nobody sees a secret's text."""
        text: dict[str, Json] = {"text": self.text} if self.kind == "plain_text" else {}
        return {"name": self.name, "type": self.kind, **self.more, **text}


@dataclass(slots=True)
class Worker:
    """`versions`: the newest last. `serving`: the deployments, the newest first, each the versions that share it."""

    bindings: list[Binding] = field(default_factory=list)
    versions: list[str] = field(default_factory=lambda: [str(uuid.uuid4())])
    serving: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Deploy the first version."""
        self.serving = self.serving or [list(self.versions)]

    def upload(self, *, deployed: bool) -> None:
        """Add a version."""
        self.versions.append(str(uuid.uuid4()))
        if deployed:
            self.serving.insert(0, [self.versions[-1]])


@dataclass(slots=True)
class Variable:
    """One variable of an environment of a Pages project."""

    value: str = field(repr=False)
    kind: str = HIDDEN

    @property
    def shape(self) -> dict[str, Json]:
        """What is shown: of a secret no value."""
        return {"type": self.kind, "value": "" if self.kind == HIDDEN else self.value}


@dataclass(slots=True)
class Config:
    """One environment of a Pages project. `file`: the hash of its Wrangler file; `kv`: bindings of another kind."""

    variables: dict[str, Variable] = field(default_factory=dict)
    file: str | None = None
    kv: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Deployment:
    """`stage` and `status` are of its latest stage. `holds`: the variables that it runs with."""

    environment: str
    at: datetime
    holds: dict[str, str] = field(repr=False)
    stage: str = "deploy"
    status: str = "success"
    skipped: str = ""
    number: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Project:
    """A Pages project. `git`: Cloudflare builds it; else somebody uploads its files. `ends`: how its next deployments
    end, the last of them for ever. `deployments`: the newest first."""

    name: str
    git: bool = True
    configs: dict[str, Config] = field(default_factory=lambda: {"production": Config(), "preview": Config()})
    deployments: list[Deployment] = field(default_factory=list)
    ends: list[str] = field(default_factory=lambda: ["success"])

    def deploy(self, environment: str, at: datetime, status: str) -> Deployment:
        """Add a deployment, which holds what is stored now."""
        holds = {name: one.value for name, one in self.configs[environment].variables.items()}
        self.deployments.insert(0, Deployment(environment, at, holds, status=status))
        return self.deployments[0]


@dataclass(slots=True)
class Kept:
    """One secret of a store."""

    name: str
    value: str = field(repr=False)
    created: datetime
    modified: datetime
    scopes: list[Json] = field(default_factory=lambda: ["workers"])
    comment: str = ""
    status: str = "active"
    number: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(slots=True)
class Store:
    """A store of the Secrets Store."""

    name: str
    number: str = field(default_factory=lambda: secrets.token_hex(16))
    secrets: list[Kept] = field(default_factory=list)
