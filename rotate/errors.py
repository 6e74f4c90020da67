"""The failure tree: everything that can go wrong reaches a person through one of these.

    RotateError(reason, message, remedy)            exit code
    ├── ConfigurationError   nothing was contacted      2
    ├── Refused              nothing was changed        3
    ├── SourceError          Neon failed us             1
    ├── DestinationError     a destination failed us    1
    ├── Incomplete           both keys are valid        4
    └── InvariantViolated    our bug                   70

`reason` is a stable kebab-case code with a heading of the same name in docs/reasons.md. `message` says what
happened, `remedy` what to do (with the YAML to paste). Neither may ever hold a secret or text taken whole from
a remote answer: they are built from an allow-list of fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, IntEnum
from traceback import extract_tb
from typing import ClassVar

_BUG_REMEDY = (
    "This is a bug in neon-rotate. Nothing is revoked after a bug: the table of steps shows what was done before. Run "
    "it again: it finishes what is left. Please report this message."
)


LONGEST_QUOTE = 200
MOST_NAMED = 20


# What the value of a key can consist of, and how much of a value may be seen.
_WORD, MOST_SEEN = "[A-Za-z0-9_+/=.~-]", 8
_CUT_WORD = re.compile(rf"({_WORD}{{{MOST_SEEN}}}){_WORD}+\Z")


def cut(text: str, limit: int) -> str:
    """Shorten a text. Of a word that is cut apart little stays: it may be a value, which is hidden as a whole alone."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    return (_CUT_WORD.sub(r"\1", kept) if re.match(_WORD, text[limit - 1]) else kept) + "…"


def one_line(text: str, limit: int = LONGEST_QUOTE) -> str:
    """Quote foreign text, such as a key's name or a server's message: one line, nothing invisible, not endless."""
    return cut("".join(char if char.isprintable() else "·" for char in text), limit)


def listed(names: Sequence[str]) -> str:
    """Name some of what may be thousands, and say how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, one: str) -> str:
    """Say how many there are of a thing: `1 key`, `2 keys`, `2 repositories`."""
    many = f"{one[:-1]}ies" if one.endswith("ry") else f"{one}s"
    return f"{number} {one if number == 1 else many}"


class ExitCode(IntEnum):
    """What the process answers: one meaning each, documented in README under *Exit codes*."""

    DONE = 0
    FAILED = 1
    CONFIGURATION = 2
    REFUSED = 3
    INCOMPLETE = 4
    BUG = 70


class Outcome(Enum):
    """How an effect ended. `UNKNOWN` is first-class: look at the world again, replay nothing blindly."""

    NO_EFFECT = "no effect"
    UNKNOWN = "unknown"
    APPLIED = "applied"


class RotateError(Exception):
    """The root. `outcome` says what is known of the effect that failed; reads leave it at `NO_EFFECT`."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, reason: str, message: str, remedy: str = "", *, outcome: Outcome = Outcome.NO_EFFECT) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.remedy = remedy
        self.outcome = outcome

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.reason, self.message))


class ConfigurationError(RotateError):
    """The request itself is wrong. Every problem is listed at once; nothing was contacted."""

    exit_code = ExitCode.CONFIGURATION


class Refused(RotateError):
    """A guard said no before the first effect."""

    exit_code = ExitCode.REFUSED


class SourceError(RotateError):
    """Neon did not answer, or not as its OpenAPI description promises."""


class DestinationError(RotateError):
    """A destination or the notebook did not take a write, or could not be read."""


class Incomplete(RotateError):
    """The work stopped between two safe points: both keys stay valid, and the message says what remains."""

    exit_code = ExitCode.INCOMPLETE


class InvariantViolated(RotateError):
    """We are wrong, not the world. Both keys are left valid."""

    exit_code = ExitCode.BUG

    @classmethod
    def of(cls, error: Exception) -> InvariantViolated:
        """Word an exception nobody foresaw: its type and place, never its text, which could hold anything."""
        if isinstance(error, cls):
            return error
        frames = extract_tb(error.__traceback__)
        place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "an unknown place"
        return cls("internal-error", f"{type(error).__name__} at {place}.", _BUG_REMEDY)
