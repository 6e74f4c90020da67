"""When the next request may go, so that GitHub never has to refuse one (facts: GitHub §4).

    points      900 a minute for one token: a read costs 1, a write 5
    advised     one write a second, as GitHub's best practices ask
    careful     80 writes a minute and 500 an hour, should writes of secrets count as creating content (not documented)

One governor for one token. Requests leave in the order in which they ask. After a refusal everything of that token
waits as long as GitHub says, then goes on at half the pace, and wins it back bit by bit. Where GitHub asks for more
than the run stays for, nothing more is sent until then, but for the few requests that end a run in good order.

Each minute and each hour is a second longer here than GitHub's: a request that was long under way arrives nearer to
the next than it left.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from rotate.ports import Clock
from rotate.settings.model import Pace
from rotate.wire.outcome import Answer
from rotate.wire.retry import LONGEST_WAIT

READS = frozenset({"GET", "HEAD", "OPTIONS"})
READ_POINTS, WRITE_POINTS = 1, 5
LEAST_SHARE, WON_BACK = 0.1, 0.01
FORBIDDEN, TOO_MANY = 403, 429
WITHOUT_A_WORD, LEAST_WAIT = 60.0, 1.0
SECONDARY = "secondary rate limit"
MINUTE, HOUR = 61.0, 3601.0


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` in any `seconds`: points, or writes alone."""

    most: int
    seconds: float
    writes: bool = False

    def cost(self, verb: str) -> int:
        """Give what one request takes from it."""
        read = verb in READS
        if self.writes:
            return 0 if read else 1
        return READ_POINTS if read else WRITE_POINTS


POINTS = Cap(900, MINUTE)
CAPS: Mapping[Pace, tuple[Cap, ...]] = {
    Pace.FAST: (POINTS,),
    Pace.ADVISED: (POINTS, Cap(1, 1.0, writes=True)),
    Pace.CAREFUL: (POINTS, Cap(80, MINUTE, writes=True), Cap(500, HOUR, writes=True)),
}


@dataclass(slots=True)
class _Window:
    cap: Cap
    taken: deque[tuple[float, int]] = field(default_factory=deque)
    sum: int = 0

    def earliest(self, start: float, cost: int, share: float) -> float:
        """Give the first moment from `start` on at which so much may be taken."""
        most = max(cost, int(self.cap.most * share))
        while True:
            while self.taken and self.taken[0][0] <= start - self.cap.seconds:
                self.sum -= self.taken.popleft()[1]
            if self.sum + cost <= most:
                return start
            start = self.taken[0][0] + self.cap.seconds

    def take(self, moment: float, cost: int) -> None:
        self.taken.append((moment, cost))
        self.sum += cost


class Governor:
    """Lets the requests of one token through, each in its time. Safe to share between threads."""

    def __init__(self, clock: Clock, pace: Pace = Pace.FAST) -> None:
        self._clock = clock
        self._windows = [_Window(cap) for cap in CAPS[pace]]
        self._lock = threading.Lock()
        self._last = 0.0
        self._held_until = 0.0
        self._limited_until = 0.0
        self._over: tuple[float, Answer] | None = None
        self._share = 1.0

    def wait(self, verb: str, *, last: bool = False) -> Answer | None:
        """Stay until this request may go. Where it may not go at all, give what GitHub said of it.

        `last`: it ends a run in good order, so that it goes whatever GitHub said before. A run that was asked to stop
        waits for nothing.
        """
        while True:
            over = None if last else self._ended()
            if over:
                return over
            start = self._reserve(verb)
            wait = start - self._clock.monotonic()
            if wait > 0:
                self._clock.sleep(wait)
            # What waited for its turn when another was refused waits that out too.
            if start >= self._held_until or self._clock.stopping():
                return None if last else self._ended()

    def hold(self, seconds: float) -> None:
        """Let nothing go for so long."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock.monotonic() + seconds)
            self._last = max(self._last, self._held_until)

    def end(self, seconds: float, answer: Answer) -> None:
        """Give this answer to every request for so long, and send none. What was said first stands."""
        with self._lock:
            if not self._ended():
                self._over = self._clock.monotonic() + seconds, answer

    def _ended(self) -> Answer | None:
        until, answer = self._over or (0.0, None)
        return answer if self._clock.monotonic() < until else None

    def _reserve(self, verb: str) -> float:
        """Take the next moment at which this request may go."""
        with self._lock:
            start = max(self._clock.monotonic(), self._last)
            costs = [(window, window.cap.cost(verb)) for window in self._windows]
            for window, cost in costs:
                start = window.earliest(start, cost, self._share)
            for window, cost in costs:
                window.take(start, cost)
            self._last = start
            return start

    def learn(self, answer: Answer) -> float:
        """Hear how a request ended; give for how long GitHub wants no further one (0 where it does not say so)."""
        asked = refused_for(answer, self._clock.now().timestamp())
        with self._lock:
            if asked is None:
                self._share = min(1.0, self._share + WON_BACK)
                return 0.0
            now = self._clock.monotonic()
            # All that was under way is refused at once: that is one refusal.
            if now >= self._limited_until:
                self._share = max(LEAST_SHARE, self._share / 2)
            self._limited_until = max(self._limited_until, now + asked)
        if asked <= LONGEST_WAIT:
            self.hold(asked)
        return asked


def refused_for(answer: Answer, now: float) -> float | None:
    """Give the seconds that a rate-limited answer asks to wait; `None` for any other answer. `now`: Unix time.

    `Retry-After`, else until the primary limit is reset, else a minute (facts: GitHub §4); never no time at all. A 403
    without either header is a limit only where it says so itself: else a permission is missing.
    """
    if answer.status not in (FORBIDDEN, TOO_MANY):
        return None
    after, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    if after.strip().isdigit():
        return max(LEAST_WAIT, float(after))
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(LEAST_WAIT, float(reset) - now)
    return WITHOUT_A_WORD if answer.status == TOO_MANY or SECONDARY in answer.text.lower() else None


def least_seconds(reads: int, writes: int, pace: Pace) -> float:
    """Give the shortest time in which so many requests can be made at a pace: the plan tells it."""
    longest = 0.0
    for cap in CAPS[pace]:
        total = reads * cap.cost("GET") + writes * cap.cost("PUT")
        longest = max(longest, (total - cap.most) / cap.most * cap.seconds if total > cap.most else 0.0)
    return longest
