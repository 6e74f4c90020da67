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
    LOCK = "lock"
    RUNS = "runs"
    HOLDERS = "holders"
    NEIGHBOURS = "neighbours"
    WRITES = "writes"


# What every run looks at first; the rest is looked at where something rests on it. The lock is a part of the notebook:
# by itself it is looked at where what the note said is known already. So is when each destination was written, at the
# last look.
EVERYTHING = frozenset({Aspect.IDENTITY, Aspect.KEYS, Aspect.DESTINATIONS, Aspect.NOTEBOOK, Aspect.RUNS})
EVIDENCE = frozenset({Aspect.KEYS, Aspect.RUNS})
