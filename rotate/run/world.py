"""The live objects that one run works on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from rotate.errors import RotateError
from rotate.ports import Canary, Clock, Destination, Hide, Notebook, Readers, Source
from rotate.protocol.facts.model import HolderFacts, Neighbours, ShadowFacts
from rotate.secret import Secret

if TYPE_CHECKING:
    from rotate.line import Issues, Shadows
    from rotate.protocol.facts.known_places import FormerNames
    from rotate.protocol.facts.marker import Lineage

Destinations: TypeAlias = Mapping[str, Destination]


@dataclass(frozen=True, slots=True)
class World:
    """The live objects that one run works on. `at_hand` is the value being replaced, if it was given; `close` ends the
    source's connections; `matrix`: how jobs can share these writes, as `strategy.matrix` takes it (JSON). All else is
    what the systems give (`line.Attached`).
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
    lasting: Callable[[], float] = lambda: 0.0
    matrix: Callable[[], str] = str
    cautions: Callable[[], tuple[RotateError, ...]] = tuple
    shadows: Shadows = lambda _: ShadowFacts()
    lineage: Callable[[], Lineage | None] = lambda: None
    holders: Callable[[], HolderFacts] = HolderFacts
    former_names: Callable[[], FormerNames | None] = lambda: None
    neighbours: Callable[[Sequence[str]], Neighbours] = lambda _: {}
    issues: Callable[[], Issues | None] = lambda: None
