"""One field that a person fills in: what it takes, and what it is for.

The reader of the policy file, its JSON Schema, the documented tables and the command line follow from such records.
Each stands beside the code that uses it.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

REFERENCE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")


class Kind(Enum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "a whole number"
    TRUTH = "true or false"
    DURATION = "a duration such as 30d"
    CHOICE = "one of a list"
    REFERENCE = "the name of an environment variable, as ${NAME}"
    WORDS = "a list of words"
    MAPPING = "a mapping"
    LIST = "a list"


class Field(NamedTuple):
    """One field of the policy file. `about` is for people; `inner` are the fields of a mapping, or of each item of a
    list. `raw` is the name under which its text is checked, where that differs.

    `checked_later`: its choices are those of an input, and are checked with the inputs. `instead`: the field that may
    stand in its stead where it is needed.
    """

    name: str
    kind: Kind
    about: str
    raw: str = ""
    needed: bool = False
    choices: tuple[str, ...] = ()
    checked_later: bool = False
    inner: tuple[Field, ...] = ()
    instead: str = ""

    @property
    def key(self) -> str:
        """Give the name under which the value is checked."""
        return self.raw or self.name


class Given(Enum):
    """What an input is given for, where a policy file describes the credentials."""

    BESIDE_THE_FILE = "beside the file"
    OF_A_CREDENTIAL = "of one credential: the file says it, and an input would contradict it"
    OF_THE_RUN = "of the whole run, whichever credential: an input overrules the file"


class Input(NamedTuple):
    """One input of the action. `takes`: what its flag takes on the command line; empty, with an `about`: the flag is a
    switch. Without an `about` there is no flag: a secret comes from the environment. `default`: what action.yml fills
    in."""

    name: str
    takes: str = ""
    about: str = ""
    given: Given = Given.BESIDE_THE_FILE
    default: str = ""
