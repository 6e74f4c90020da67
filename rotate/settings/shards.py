"""One of several shards of the destinations: jobs of one workflow run that write beside each other, or one by one.

A place belongs to a shard by a stable hash of its own name, so that each is in exactly one, even if the list of places
has changed since the shards were counted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from math import ceil

from rotate.problems import Problems
from rotate.protocol.facts.policy import Command
from rotate.settings.model import Shard
from rotate.settings.parse import shown
from rotate.system import Place

WRITTEN = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})")
# GitHub's own limit of jobs in a matrix; and a shard is to end within the hour that an installation's token lives.
MOST = 256
SECONDS = 3600.0


def read(text: str, command: Command, problems: Problems) -> Shard:
    """Read `2/7`: the second of seven."""
    found = WRITTEN.fullmatch(text)
    number, total = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= total <= MOST:
        message = f"`shard` is `{shown(text)}`; it is a number of so many, {MOST} at most."
        problems.say("input-invalid", message, "    shard: 1/4", "shard")
    if command is not Command.SYNC:
        message = f"`shard` goes with `command: sync`; `{command}` is about all destinations."
        problems.say("input-invalid", message, "    command: sync", "shard")
    return Shard(number, total)


def mine(places: Iterable[Place], shard: Shard | None) -> tuple[Place, ...]:
    """Give the places of one shard, or all of them."""
    return tuple(place for place in places if shard is None or _of(place, shard.total) == shard.number)


def matrix(seconds: float) -> str:
    """Give what `strategy.matrix` takes (JSON), for writes that last so long in all."""
    total = min(MOST, max(1, ceil(seconds / SECONDS)))
    return json.dumps({"shard": [f"{number}/{total}" for number in range(1, total + 1)]})


def _of(place: Place, total: int) -> int:
    spot = "\n".join(place.spot)
    return int.from_bytes(hashlib.sha256(spot.encode()).digest()[:8]) % total + 1
