"""What `local` tells: every key that lies on a machine, which it is, whether it lives, and what is to be done there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rotate.protocol.facts.model import Liveness
from rotate.protocol.story.findings import State


class Role(StrEnum):
    """Which key it is, as far as the note or the values at hand tell. A `SUPERSEDED` one has a successor."""

    CURRENT = "current"
    PENDING = "pending"
    SUPERSEDED = "superseded"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Which:
    """Which key a value is. `key_id`: `None` where nothing tells."""

    role: Role = Role.UNKNOWN
    key_id: int | None = None
    key_name: str = ""


@dataclass(frozen=True, slots=True)
class Lying:
    """One place of a machine where a key lies. `line`: from 1; 0 where it is unknown. `address`: the destination that
    can write it; empty where none can. `state`: whether somebody has to do something there, and `todo` what."""

    file: str
    line: int
    what: str
    address: str
    fingerprint: str
    which: Which
    liveness: Liveness
    state: State
    todo: str

    @property
    def where(self) -> str:
        """Name the place, for people."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def key(self) -> str:
        """Name the key, for people: by its number where that is known, else by the fingerprint of its value."""
        number = f"key {self.which.key_id}" if self.which.key_id else f"a key ({self.fingerprint})"
        name = f" ({self.which.key_name})" if self.which.key_name else ""
        role = "" if self.which.role is Role.UNKNOWN else f", {self.which.role}"
        return f"{number}{name}{role}"

    def then(self, state: State, todo: str) -> Lying:
        """Tell what was done there."""
        return replace(self, state=state, todo=todo)


@dataclass(frozen=True, slots=True)
class OnMachine:
    """Everything that was found. `files`: how many were looked at. `now`: in what state things are."""

    lying: tuple[Lying, ...]
    files: int
    now: str = "Nothing was changed: this command only reads."

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Give a row for each place: where, what holds it, which key, alive or dead, and what is to be done."""
        return tuple((one.where, one.what, one.key, one.liveness.value, one.todo) for one in self.lying)

    @property
    def record(self) -> Mapping[str, object]:
        """Give the same for a machine, as JSON takes it."""
        return {
            "files": self.files,
            "keys": [
                {
                    "file": one.file,
                    "line": one.line or None,
                    "what": one.what,
                    "address": one.address,
                    "fingerprint": one.fingerprint,
                    "role": one.which.role,
                    "key_id": one.which.key_id,
                    "key_name": one.which.key_name,
                    "liveness": one.liveness.value,
                    "state": one.state,
                    "todo": one.todo,
                }
                for one in self.lying
            ],
        }
