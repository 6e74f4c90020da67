"""What the conformance suites try one system on, and what such a bench is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Literal

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.ports import Destination, Notebook
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.wire.clock import SystemClock
from rotate.wire.network import Network
from tests.support.opened import keep

NAME, BEFORE = "NEON_API_KEY", "napi_before"
LATER = timedelta(seconds=5)  # than a write time that can be ours


@dataclass(frozen=True)
class Bench:
    """One place that somebody wrote a week ago, and a notebook without a page.

    `held` gives what stands there, `write` lets somebody else write some seconds later (`None`: delete it). `another`
    opens the notebook as another run does; `None` where the system keeps none. `web`: what a service over HTTP adds.
    `shows`: what the place tells of what stands there, at most. `tells_absence`: it tells that nothing does. `creates`:
    it can be made where nothing is.
    """

    destination: Destination
    held: Callable[[], str | None]
    write: Callable[[str | None], None]
    another: Callable[[], Notebook] | None = None
    web: Web | None = None
    shows: Literal["value", "time", "tail", "version", "nothing"] = "value"
    tells_absence: bool = True
    creates: bool = True

    @property
    def sees(self) -> bool:
        """Whether within a run somebody else's later write is seen."""
        return self.shows != "nothing"

    @property
    def tells(self) -> bool:
        """Whether a later run sees that somebody else wrote since: its note knows a time, or whose the value is."""
        return self.shows in ("value", "time")

    @property
    def proves(self) -> bool:
        """Whether what stands there shows whose it is, even where the reply to the write was lost."""
        return self.shows == "value"


@dataclass(frozen=True)
class Web:
    """What the bench of a service over HTTP adds (`test_every_service`).

    `server`: its name in the ledger of the world. `opens` opens `address`, as the system does, and `lacks` is the
    system's; both find host and token in `environment`. `blind` takes the place out of the token's sight, `gag` leaves
    it reading alone; `foretells`: a look shows that. `arrange` gives the place flags, and neighbours, by chance;
    `beside` shows all of them, but not the value. `pretend`: the server itself, for the tests of its own system.
    `writes`: the verb of a write, and `at` its path, where others have the same verb; `asks`: so many requests of a
    look go there too. `bodiless`: the answer to a write is empty. `says`: a field of the answers that may be quoted.
    `unseen`: the reason that is told of what the token does not see. `crowd` puts so many other
    places before this one, where the service lists places in pages. `found`: what `find` calls the place, where
    it is no destination and the bench has another name for it. `hidden` is what `means.hide` heard. `within`: the
    variable whose text holds the credential among other things, and the credential.
    """

    world: World
    server: str
    address: Address
    opens: Callable[[Address, Means], Destination]
    lacks: Callable[[Mapping[str, str]], tuple[RotateError, ...]]
    environment: dict[str, str]
    blind: Callable[[], None]
    gag: Callable[[], None]
    arrange: Callable[[Random], None]
    beside: Callable[[], object]
    pretend: object = None
    writes: str = "PUT"
    at: str = "*"
    asks: int = 0
    bodiless: bool = False
    says: str = "message"
    unseen: str = "destination-absent"
    foretells: bool = True
    crowd: Callable[[int], None] | None = None
    found: str = ""
    hidden: list[Secret] = field(default_factory=list)
    within: tuple[str, str] | None = None

    @property
    def token(self) -> str:
        """Give the credential."""
        return self.within[1] if self.within else self.environment[self.login]

    @property
    def login(self) -> str:
        """Name the variable that holds the credential."""
        if self.within:
            return self.within[0]
        names = ("TOKEN", "SECRET_ACCESS_KEY", "PAT", "API_KEY")
        return next(name for name in self.environment if name.endswith(names))

    @property
    def overrules(self) -> str:
        """Name the variable that overrules the base URL."""
        return f"NEON_ROTATE_{self.address.kind.upper().replace('-', '_')}_URL"

    def opened(self, **more: str) -> Destination:
        """Open the place as another run does, with other things in the environment."""
        return self.opens(self.address, means_of({**self.environment, **more}, self.hidden.append))


def means_of(environment: Mapping[str, str], hide: Callable[[Secret], None] = lambda _: None) -> Means:
    """Give what a system is opened with: a clock that waits for nothing, and connections that the test closes."""
    return keep(Means(environment, stopped_clock(), hide, Network()))


def stopped_clock() -> SystemClock:
    """Give the time, and no wait."""
    stopped = threading.Event()
    stopped.set()
    return SystemClock(stopped)
