"""What one outside system can do, told in one place: the engine, the settings and the commands work on that alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from rotate.address import Address
from rotate.ports import Clock, Destination, Hide, Notebook

if TYPE_CHECKING:
    from rotate.protocol.facts.found import FoundSecret
    from rotate.wire.http import Api
    from rotate.wire.network import Network


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
class Means:
    """What a system is given to work with. `environment`: where it finds its hosts and tokens, under the vendor's own
    names. `hide` hears each token before anything else is done with it. `reads_only`: nothing will be written."""

    environment: Mapping[str, str] = field(repr=False)
    clock: Clock
    hide: Hide
    network: Network
    reads_only: bool = False
    _apis: dict[str, Api] = field(default_factory=dict, init=False, repr=False)

    def api(self, url: str) -> Api:
        """Give the way to an HTTP API: one for all that asks it in this run, opened when it is first asked for."""
        from rotate.wire.http import Api

        if url not in self._apis:
            self._apis[url] = Api(url, self.clock, self.network)
        return self._apis[url]

    def close(self) -> None:
        """Close every connection."""
        while self._apis:
            self._apis.popitem()[1].close()


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
