"""The parts of the world that can be looked at one by one. A module of its own, since a run looks before it loads the
rules.
"""

from __future__ import annotations

from enum import Enum


class Aspect(Enum):
    """One part of the world that can be looked at by itself."""

    IDENTITY = "identity"
    KEYS = "keys"
    DESTINATIONS = "destinations"
    NOTEBOOK = "notebook"
    RUNS = "runs"
    WRITES = "writes"


# When each destination was last written is a part of a first look at it; by itself it is the last look.
EVERYTHING = frozenset(Aspect) - {Aspect.WRITES}
EVIDENCE = frozenset({Aspect.KEYS, Aspect.RUNS})
