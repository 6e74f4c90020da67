"""What the pretend GitLab holds: projects, groups, variables and tokens, to seed and to inspect."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rotate.sandbox.exchange import Json
from rotate.sandbox.rate import Rate

Role = Literal["reporter", "maintainer", "owner", "admin"]
PLACE_OF_INSTANCE = "instance"
PREFIX = "glpat-"


@dataclass(slots=True)
class Token:
    """A personal, project or group access token. `places`: what it sees (`project/a/b`, `group/a`, `instance`), and in
    which role; other places are not there for it."""

    value: str
    scopes: list[str]
    places: dict[str, Role]


@dataclass(frozen=True, slots=True)
class Variable:
    """One CI/CD variable, as lib/api/entities/ci/variable.rb shows it. A key may exist once for each scope."""

    key: str
    value: str = field(repr=False)
    environment_scope: str = "*"
    variable_type: str = "env_var"
    protected: bool = False
    masked: bool = False
    hidden: bool = False
    raw: bool = False
    description: str | None = None

    def shape(self, *, of_instance: bool) -> dict[str, Json]:
        """Give its JSON: a hidden value is null, and an instance's variable has neither scope nor `hidden`."""
        shown: dict[str, Json] = {
            "variable_type": self.variable_type,
            "key": self.key,
            "value": None if self.hidden else self.value,
            "protected": self.protected,
            "masked": self.masked,
            "raw": self.raw,
            "description": self.description,
        }
        return shown if of_instance else {**shown, "hidden": self.hidden, "environment_scope": self.environment_scope}


class GitLabState:
    """GitLab's memory. Seed and inspect it from any thread. `scoped_groups`: groups have the licence for scopes."""

    def __init__(self) -> None:
        """Start without projects."""
        self.url = ""
        self.scoped_groups = True
        self.rate = Rate()
        self._places: dict[str, list[Variable]] = {PLACE_OF_INSTANCE: []}
        self._numbers: dict[str, str] = {}
        self._tokens: dict[str, Token] = {}
        self._ids = itertools.count(1001)

    def add_place(self, place: str) -> str:
        """Open a project (`project/octo/payments`) or a group (`group/octo`); give its number."""
        self._places[place] = []
        number = str(next(self._ids))
        self._numbers[f"{place.partition('/')[0]}/{number}"] = place
        return number

    def add_token(self, scopes: tuple[str, ...] = ("api",)) -> str:
        """Give somebody a token that sees no place yet; see `let`."""
        value = PREFIX + secrets.token_hex(10)
        self._tokens[value] = Token(value, list(scopes), {})
        return value

    def let(self, token: str, place: str, role: Role) -> None:
        """Give a token a role at a place."""
        self._tokens[token].places[place] = role

    def forbid(self, token: str, place: str) -> None:
        """Take a place out of a token's sight."""
        del self._tokens[token].places[place]

    def narrow(self, token: str, *scopes: str) -> None:
        """Leave a token these scopes alone."""
        self._tokens[token].scopes[:] = scopes

    def set_variable(self, place: str, variable: Variable) -> None:
        """Write a variable without a request, in the place of the one of its key and scope."""
        kept = [one for one in self._places[place] if not _same(one, variable.key, variable.environment_scope)]
        self._places[place] = [*kept, variable]

    def delete_variable(self, place: str, key: str, scope: str = "*") -> None:
        """Delete a variable without a request."""
        self._places[place] = [one for one in self._places[place] if not _same(one, key, scope)]

    def variables(self, place: str) -> list[Variable]:
        """Give what lies at a place."""
        return list(self._places[place])

    def variable(self, place: str, key: str, scope: str = "*") -> Variable | None:
        """Give one variable; `None` where there is none."""
        return next((one for one in self._places[place] if _same(one, key, scope)), None)

    def holder(self, value: str) -> Token | None:
        """Give the token with this value."""
        return self._tokens.get(value)

    def place_of(self, kind: str, number_or_path: str) -> str:
        """Give the name of a place that a request names by its number or path; whether it exists is not said."""
        named = f"{kind}/{number_or_path}"
        return self._numbers.get(named, named)

    def number_of(self, place: str) -> str:
        """Give the number of a place."""
        return next(key.partition("/")[2] for key, named in self._numbers.items() if named == place)

    def exists(self, place: str) -> bool:
        """Say whether there is such a place."""
        return place in self._places

    def change(self, place: str, old: Variable, changed: dict[str, Any]) -> Variable:
        """Change some fields of a variable and keep the others."""
        new = replace(old, **changed)
        self._places[place] = [new if one is old else one for one in self._places[place]]
        return new


def _same(one: Variable, key: str, scope: str) -> bool:
    return (one.key, one.environment_scope) == (key, scope)
