"""How many requests a pretend server lets through in some seconds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Window:
    """What was taken in the last so many seconds."""

    seconds: float
    taken: deque[tuple[float, int]] = field(default_factory=deque)

    def until_room(self, now: float, cost: int, most: int) -> float:
        """Give the seconds until so much more may be taken; 0 for at once."""
        while self.taken and self.taken[0][0] <= now - self.seconds:
            self.taken.popleft()
        over = sum(one for _, one in self.taken) + cost - most
        if over <= 0:
            return 0.0
        for moment, one in self.taken:
            over -= one
            if over <= 0:
                return moment + self.seconds - now
        return self.seconds


@dataclass(slots=True)
class Rate:
    """At most so many requests of one credential in any so many seconds (0: any number). What is refused costs nothing.

    `refused`: how many were.
    """

    most: int = 0
    seconds: float = 60.0
    refused: int = 0
    _accounts: dict[str, Window] = field(default_factory=dict)

    def until_room(self, credential: str, now: float) -> float:
        """Count a request, and give 0; or refuse it, and give the seconds after which it may come again. `now`: Unix
        time."""
        if not self.most:
            return 0.0
        window = self._accounts.setdefault(credential, Window(self.seconds))
        wait = window.until_room(now, 1, self.most)
        if wait > 0:
            self.refused += 1
        else:
            window.taken.append((now, 1))
        return wait
