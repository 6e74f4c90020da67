"""What the pretend Netlify holds: sites, their deploys, and environment variables with a value for each context."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

SCOPES = ("builds", "functions", "runtime", "post_processing")
DEV = "dev"
MASK = "****************"


@dataclass(slots=True)
class Value:
    """The value for one deploy context; of a branch, with its name."""

    value: str = field(repr=False)
    context: str
    context_parameter: str = ""
    number: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Variable:
    """One environment variable, whose time is that of the last write to any of its values."""

    key: str
    values: list[Value]
    updated_at: datetime
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    is_secret: bool = False

    def of(self, context: str, parameter: str = "") -> Value | None:
        """Give the value for a context."""
        return next((one for one in self.values if (one.context, one.context_parameter) == (context, parameter)), None)

    def set(self, text: str, context: str, parameter: str = "") -> None:
        """Overwrite the value for a context, or add one."""
        if one := self.of(context, parameter):
            one.value = text
        else:
            self.values.append(Value(text, context, parameter))


@dataclass(slots=True)
class Deploy:
    """One deploy. `values`: what its variables were when it began."""

    number: str
    branch: str
    created_at: datetime
    state: str = "ready"
    locked: bool = False
    cleared: bool = False
    values: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Site:
    """One site of an account, and its deploys, the newest last. `published`: the one that is shown."""

    account: str
    name: str
    repo_url: str = "https://github.example/octo/payments"
    repo_branch: str = "main"
    stop_builds: bool = False
    number: str = field(default_factory=lambda: str(uuid.uuid4()))
    deploys: list[Deploy] = field(default_factory=list)
    published: Deploy | None = None
