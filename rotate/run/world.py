"""The live objects that one run works on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rotate.line import Attached
from rotate.ports import Canary, Clock, Destination, Hide, Notebook, Readers, Source, TakesKeyId
from rotate.secret import Secret

Destinations: TypeAlias = Mapping[str, Destination]


@dataclass(frozen=True, slots=True)
class World:
    """The live objects that one run works on. `at_hand` is the value being replaced, if it was given; `close` ends the
    source's connections; `matrix`: how jobs can share these writes, as `strategy.matrix` takes it (JSON). `given`: what
    the systems give, of which those that every run needs stand beside it.
    """

    source: Source
    destinations: Destinations
    notebook: Notebook
    readers: Readers
    canary: Canary
    clock: Clock
    hide: Hide
    stop: threading.Event
    issuer: Secret
    at_hand: Secret | None
    close: Callable[[], None]
    given: Attached
    matrix: Callable[[], str] = str

    def destination(self, name: str, key_id: int | None) -> Destination:
        """Give a destination that is to be written. Where it stores that too, it hears first which key the value is
        of."""
        found = self.destinations[name]
        if key_id is not None and isinstance(found, TakesKeyId):
            found.take_key_id(key_id)
        return found
