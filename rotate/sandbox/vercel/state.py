"""What the pretend Vercel holds: projects with variables and deployments, and what teams share."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from rotate.sandbox.exchange import Json

TARGETS = ("production", "preview", "development")
WRITE_ONLY = "sensitive"
_ids = itertools.count(1)


@dataclass(slots=True)
class Variable:
    """One variable. `also`: fields that only some have, by the names of the API."""

    key: str
    value: str = field(repr=False)
    target: list[str] = field(default_factory=lambda: ["production"])
    type: str = "encrypted"
    updated: int = 0
    also: dict[str, Json] = field(default_factory=dict)
    number: str = field(default_factory=lambda: f"env{next(_ids):06}")

    def shown(self, *, whole: bool) -> dict[str, Json]:
        """Give what the API tells. `whole`: with the value, where anybody is shown it."""
        hidden = self.type in (WRITE_ONLY, "system") or self.also.get("visibility") == "secret"
        clear = self.type == "plain" or (whole and not hidden)
        value = self.value if clear else "" if hidden else f"eyJ2IjoidjIi{self.number}"
        about: dict[str, Json] = {"id": self.number, "key": self.key, "type": self.type, "target": list(self.target)}
        return {**about, "value": value, "decrypted": whole and not hidden, "updatedAt": self.updated, **self.also}


@dataclass(slots=True)
class Deployment:
    """One deployment. `also`: fields that only some have. `values`: what its variables said when it was created."""

    number: str
    created: int
    source: dict[str, Json] | None
    target: str | None = "production"
    state: str = "READY"
    also: dict[str, Json] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Project:
    """One project of a team; of a person where `team` is empty. `custom`: slug → id of its own environments."""

    name: str
    team: str
    variables: list[Variable] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    assigns: bool = True
    number: str = field(default_factory=lambda: f"prj_{next(_ids):06}")
