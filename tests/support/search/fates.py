"""How a move can turn out, for the search."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from rotate.protocol.facts.aspects import EVERYTHING, Aspect
from rotate.protocol.facts.moves import (
    Adopt,
    Confirm,
    Knock,
    Move,
    Observe,
    Probe,
    ProveDead,
    Release,
    Verify,
    Wait,
    WriteNote,
)
from tests.support.search.model_world import Process


class Fate(Enum):
    """How the world treats one move."""

    FINE = "fine"
    REFUSED = "refused, no effect"
    LOST_BEFORE = "no effect, reply lost"
    LOST_AFTER = "effect, reply lost"


Luck: TypeAlias = Fate | Aspect
# What a look finds of these holds a run back at most; none fails for want of it.
HINTS = frozenset({Aspect.HOLDERS, Aspect.NEIGHBOURS})
EFFECTS: tuple[Luck, ...] = tuple(Fate)
READS: tuple[Luck, ...] = (Fate.FINE, Fate.REFUSED)
WITNESSES: tuple[Luck, ...] = (Fate.FINE, Fate.REFUSED, Aspect.IDENTITY, Aspect.KEYS)


def fates_of(move: Move, process: Process, *, broad: bool) -> tuple[Luck, ...]:
    """Give every way in which a move can turn out, each once. An aspect: that part of a look could not be read.

    Unless `broad`, a look fails in one way only.
    """
    match move:
        case Adopt() | Wait():
            return (Fate.FINE,)
        case Observe(aspects):
            drains = process.policy.overlap.drain or aspects != EVERYTHING
            missing = [one for one in Aspect if one in aspects - HINTS and (one is not Aspect.RUNS or drains)]
            return (Fate.FINE, *(missing if broad else missing[-1:]))
        case ProveDead():
            return WITNESSES if broad else READS
        case Verify() | Confirm() | Probe() | Knock():
            return READS
        case WriteNote(_, False) | Release():
            return READS  # nobody asks why they failed
        case _:
            return EFFECTS
