"""The limits of the pretend GitHub, for each token by itself: as documented, each a switch, none on at first.

    points       900 in a minute: GET, HEAD and OPTIONS cost 1, anything else 5
    at_once      100 requests under way
    a_minute     80 requests in a minute that create content, and
    an_hour      500 in an hour; whether a write of a secret is one of them is not documented, so these are apart
    hourly       5,000 requests in the hour that the first of them begins (the primary limit)

Rules: facts, GitHub §4. How a minute is counted is not documented: here it is any sixty seconds, so that a client
which keeps to it keeps to a minute by the clock too. What is refused costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from rotate.sandbox.exchange import RefusalError
from rotate.sandbox.rate import Window

HOURLY = 5000
MINUTE, HOUR = 60.0, 3600.0
READS = frozenset({"GET", "HEAD", "OPTIONS"})
CREATES = frozenset({"POST", "PATCH", "PUT"})
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY = "API rate limit exceeded."


def points_of(method: str) -> int:
    """Give what a request costs of the points."""
    return 1 if method in READS else 5


def creation(method: str) -> int:
    """Count a request that creates content."""
    return int(method in CREATES)


@dataclass(slots=True)
class Account:
    """What one token has used. `began`: when the hour of its primary limit did."""

    points: Window = field(default_factory=lambda: Window(MINUTE))
    a_minute: Window = field(default_factory=lambda: Window(MINUTE))
    an_hour: Window = field(default_factory=lambda: Window(HOUR))
    began: float = -HOUR
    used: int = 0

    def renew(self, now: float) -> None:
        """Begin another hour where the last is over."""
        if now >= self.began + HOUR:
            self.began, self.used = now, 0


@dataclass(slots=True)
class Limits:
    """The switches, each the most that is let through (0: any number), and what came of them.

    `code`: how a secondary refusal is answered, 403 or 429. `tells_wait`: with `Retry-After`. `refused` names the
    limit of each refusal so far; `most_at_once` is the most that any token had under way.
    """

    points: int = 0
    at_once: int = 0
    a_minute: int = 0
    an_hour: int = 0
    hourly: int = 0
    code: int = 403
    tells_wait: bool = True
    refused: list[str] = field(default_factory=list)
    most_at_once: int = 0
    _accounts: dict[str, Account] = field(default_factory=dict)

    @classmethod
    def documented(cls, *, content: bool = False) -> Self:
        """Enforce what is documented; with `content`, as though writes of secrets created content."""
        caps = (80, 500) if content else (0, 0)
        return cls(900, 100, *caps, HOURLY)

    def admit(self, token: str, method: str, at_once: int, now: float) -> None:
        """Count a request. Raises `RefusalError` for one that is over a limit. `now`: Unix time."""
        account = self._accounts.setdefault(token, Account())
        self.most_at_once = max(self.most_at_once, at_once)
        account.renew(now)
        if self.hourly and account.used >= self.hourly:
            self._refuse("hourly", RefusalError(403, PRIMARY))
        if self.at_once and at_once > self.at_once:
            self._refuse("at_once", self._secondary(MINUTE))
        taking = [(getattr(account, name), cost(method), getattr(self, name), name) for name, cost in COSTS.items()]
        for window, cost, most, name in taking:
            wait = window.until_room(now, cost, most) if most and cost else 0.0
            if wait > 0:
                self._refuse(name, self._secondary(wait))
        account.used += 1
        for window, cost, most, _ in taking:
            if most and cost:
                window.taken.append((now, cost))

    def headers(self, token: str, now: float) -> Mapping[str, str]:
        """Tell how a token stands with its primary limit."""
        account, most = self._accounts.get(token, Account(began=now)), self.hourly or HOURLY
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, most - account.used)),
            "X-RateLimit-Used": str(account.used),
            "X-RateLimit-Reset": str(math.ceil(account.began + HOUR)),
            "X-RateLimit-Resource": "core",
        }

    def _secondary(self, wait: float) -> RefusalError:
        told = {"Retry-After": str(math.ceil(wait))} if self.tells_wait else {}
        return RefusalError(self.code, SECONDARY, told)

    def _refuse(self, name: str, refusal: RefusalError) -> None:
        self.refused.append(name)
        raise refusal


COSTS: Mapping[str, Callable[[str], int]] = {"points": points_of, "a_minute": creation, "an_hour": creation}
