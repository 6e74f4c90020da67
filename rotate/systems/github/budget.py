"""How many requests a rotation takes of each token, and how long GitHub's limits make it last."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from rotate.protocol.facts.policy import FEW, Command, RevokeWhen
from rotate.settings.model import Settings
from rotate.systems.github.settings.model import Place
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pace import CAPS, HOUR, HOURLY, Pace

if TYPE_CHECKING:
    from rotate.systems.github.repositories.directory import Directory

Directories: TypeAlias = "dict[tuple[GitHub, str], Directory]"
# Reads and writes.
Requests: TypeAlias = Mapping[GitHub, tuple[int, int]]
# Public key, write time and owner before the write, write time after it, and once more before a revoke; few places are
# looked at again when the lock is held. A drain looks twice at the five lists of a repository's runs. The rest is a
# run's own.
READS, LAST, AGAIN, DRAIN, OWN_READS, OWN_WRITES = 4, 1, 3, 12, 20, 5


def requests(settings: Settings, reached: Sequence[tuple[GitHub, Place]], directories: Directories) -> Requests:
    """Give how many reads and writes a rotation takes of each token, and of each installation."""
    each = READS + (AGAIN if len(reached) <= FEW else 0) + (DRAIN if _drains(settings) else 0)
    each += LAST if _looks_last(settings, len(reached)) else 0
    counts = Counter(github for github, _ in reached)
    reads = {github: each * count + OWN_READS for github, count in counts.items()}
    for (github, _), directory in directories.items():
        reads[github] -= directory.spared
    return {github: (reads[github], count + OWN_WRITES) for github, count in counts.items()}


def lasting(pace: Pace, needed: Callable[[], Requests]) -> float:
    """Give how many seconds GitHub's limits make a rotation last; each token, and each installation, has its own."""
    each = needed().items()
    return max((least_seconds(*some, pace, github.hourly) for github, some in each), default=0.0)


def _looks_last(settings: Settings, places: int) -> bool:
    """A shard notes nothing, and after an exposure only `revoke_when: all` waits for it. Of many places, the
    confirmations are that look, where nothing takes time after them."""
    exposure = settings.exposure
    if places > FEW and not (settings.overlap.length or settings.canary or _drains(settings)):
        return False
    return settings.shard is None and (exposure is None or exposure.revoke_when is RevokeWhen.ALL)


def _drains(settings: Settings) -> bool:
    return settings.overlap.drain and settings.command is not Command.SYNC


def least_seconds(reads: int, writes: int, pace: Pace, hourly: int = HOURLY) -> float:
    """Give the shortest time in which so many requests can be made at a pace: the plan tells it.

    `hourly`: how many requests the token has an hour.
    """
    spans = [_least(reads * cap.cost("GET") + writes * cap.cost("PUT"), cap.most, cap.seconds) for cap in CAPS[pace]]
    return max(_least(reads + writes, hourly, HOUR), *spans)


def _least(total: int, most: int, seconds: float) -> float:
    return max(0, math.ceil(total / most) - 1) * seconds
