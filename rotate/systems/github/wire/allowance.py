"""What a look may cost that a rotation could do without: so much, and never what the rotation itself will need.

A token has so many requests an hour (facts: GitHub §4). A look that only warns must not take those of the writes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from rotate.systems.github.wire.client import GitHub

Need = Callable[[GitHub], int]


def room(github: GitHub, need: int) -> int:
    """Give how many requests are to spare. A rotation that needs more than an hour has stays for the next one."""
    hours = max(1, math.ceil(need / github.hourly))
    return github.left + (hours - 1) * github.hourly - need


class Allowance:
    """Grants requests of each connection. `need`: what the rotation itself will ask of it. `short`: GitHub's limit was
    what made it grant less."""

    def __init__(self, need: Need) -> None:
        self._need = need
        self._spent: Counter[GitHub] = Counter()
        self.short = False

    def spare(self, github: GitHub) -> int:
        """Give how many requests the rotation can do without."""
        return max(0, room(github, self._need(github)))

    def grant(self, github: GitHub, count: int, most: int | None = None) -> int:
        """Give how many of so many requests may be made now; `most`: those granted before count too."""
        wanted = count if most is None else max(0, min(count, most - self._spent[github]))
        granted = min(wanted, self.spare(github))
        self.short = self.short or granted < wanted
        self.spend(github, granted)
        return granted

    def spend(self, github: GitHub, count: int) -> None:
        """Count requests that were made."""
        self._spent[github] += count

    @property
    def spent(self) -> int:
        """Say how many requests were made in all."""
        return self._spent.total()
