"""What one outside system can do, told in one place: the engine, the settings and the commands work on that alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rotate.address import Address
from rotate.means import Means
from rotate.ports import Destination, Notebook

if TYPE_CHECKING:
    from rotate.protocol.facts.found import FoundSecret


class Proof(StrEnum):
    """How a write is shown to stand: the strongest means that the system has."""

    VALUE = "value"
    TAIL = "tail"
    DIGEST = "digest"
    VERSION = "version"
    TIME = "time"
    ACCEPTED = "accepted"


class PickUp(StrEnum):
    """When a consumer sees a new value."""

    AT_READ = "at read"
    NEXT_JOB = "next job"
    NEXT_DEPLOY = "next deploy"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a system declares of its destinations. `creates`: it can create one, where somebody says that it is meant.
    `compare_and_set`: two writers at once do not overwrite each other unseen."""

    proof: Proof
    picked_up: PickUp
    creates: bool = False
    compare_and_set: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """One outside system. `options`: what its addresses take behind `?`.

    `wrong` says what is wrong with an address of its kind; nothing where it is one. `destination` opens one, and
    contacts nobody. `notebook`: it can keep a note and a lock. `find` lists the secrets of some names beside addresses
    of its own. Both are `None` where it cannot.
    """

    kind: str
    options: tuple[str, ...]
    traits: Traits
    wrong: Callable[[Address], str]
    destination: Callable[[Address, Means], Destination]
    notebook: Callable[[Address, Means], Notebook] | None = None
    find: Callable[[Sequence[Address], Sequence[str], Means], tuple[FoundSecret, ...]] | None = None
