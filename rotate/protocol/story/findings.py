"""What a look at one thing after another tells: how each stands, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from rotate.errors import RotateError

# That a token may write: shown, not shown, or shown that it may not.
Writes: TypeAlias = bool | RotateError


class State(StrEnum):
    """How one thing stands. `UNKNOWN` is nobody's fault: nothing tells."""

    WELL = "in order"
    UNKNOWN = "not known"
    PROBLEM = "to mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `error`: what to do about it; a problem where the state says so, else a warning."""

    about: str
    state: State
    told: str
    error: RotateError | None = None

    @classmethod
    def problem(cls, about: str, error: RotateError) -> Finding:
        """Make one of what a rotation would fail for."""
        return Finding(about, State.PROBLEM, error.message, error)


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that was looked at, in the order in which it is told."""

    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[RotateError, ...]:
        """Give what must be mended, each once."""
        return self._errors(problem=True)

    @property
    def warnings(self) -> tuple[RotateError, ...]:
        """Give what is worth knowing beside it."""
        return self._errors(problem=False)

    @property
    def sentence(self) -> str:
        """Say how much there is."""
        bad = sum(one.state is State.PROBLEM for one in self.findings)
        unknown = sum(one.state is State.UNKNOWN for one in self.findings)
        return f"{len(self.findings)} things looked at, {bad} to mend, {unknown} not known"

    def _errors(self, *, problem: bool) -> tuple[RotateError, ...]:
        found = (one.error for one in self.findings if one.error and (one.state is State.PROBLEM) is problem)
        return tuple(dict.fromkeys(found))
