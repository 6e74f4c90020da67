"""When the next request may go, so that GitHub never has to refuse one (facts: GitHub §4).

    points      900 a minute for one token: a read costs 1, a write 5
    advised     one write a second, as GitHub's best practices ask
    careful     80 writes a minute and 500 an hour, should writes of secrets count as creating content (not documented)
    hourly      as many requests until `x-ratelimit-reset` as `x-ratelimit-remaining` says are left

One governor for one token. A request counts from when it leaves until a minute after its answer has come: GitHub
counted it at some moment between the two. After a refusal everything of that token waits as long as GitHub says, then
goes on at half the pace, and wins it back bit by bit. Where GitHub asks for more than the run stays for, nothing more
is sent until then, but for the few requests that end a run in good order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rotate.errors import Outcome
from rotate.ports import Clock
from rotate.wire.outcome import Answer, NoAnswerError
from rotate.wire.retry import LONGEST_WAIT

READS = frozenset({"GET", "HEAD", "OPTIONS"})
READ_POINTS, WRITE_POINTS = 1, 5
LEAST_SHARE, WON_BACK = 0.1, 0.01
FORBIDDEN, TOO_MANY = 403, 429
WITHOUT_A_WORD, LEAST_WAIT = 60.0, 1.0
SECONDARY = "secondary rate limit"
# The primary limit of a token; an installation of an App may have up to 12,500, or 15,000.
HOURLY, HOUR = 5000, 3600.0
# While everything that counts is still under way, nobody knows when there will be room.
AWHILE = 0.05


class Pace(StrEnum):
    """How close to GitHub's limits a run goes: points only, one write a second, or as if secrets were content."""

    FAST = "fast"
    ADVISED = "advised"
    CAREFUL = "careful"


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


POINTS = Cap(900, 60.0)
CAPS: Mapping[Pace, tuple[Cap, ...]] = {
    Pace.FAST: (POINTS,),
    Pace.ADVISED: (POINTS, Cap(1, 1.0, writes=True)),
    Pace.CAREFUL: (POINTS, Cap(80, 60.0, writes=True), Cap(500, 3600.0, writes=True)),
}


@dataclass(slots=True)
class _Window:
    """`flying`: what requests under way take. `landed`: when each answer came, and what its request took."""

    cap: Cap
    flying: int = 0
    landed: deque[tuple[float, int]] = field(default_factory=deque)
    sum: int = 0

    def until_room(self, now: float, verb: str, share: float) -> float:
        """Give the seconds until a request may go: 0 for at once."""
        cost = self.cap.cost(verb)
        while self.landed and self.landed[0][0] <= now - self.cap.seconds:
            self.sum -= self.landed.popleft()[1]
        over = self.flying + self.sum + cost - max(cost, int(self.cap.most * share))
        if over <= 0 or not cost:
            return 0.0
        for moment, one in self.landed:
            over -= one
            if over <= 0:
                return moment + self.cap.seconds - now
        return AWHILE

    def take(self, verb: str) -> None:
        self.flying += self.cap.cost(verb)

    def land(self, verb: str, now: float) -> None:
        cost = self.cap.cost(verb)
        self.flying -= cost
        self.sum += cost
        self.landed.append((now, cost))


class Governor:
    """Lets the requests of one token through, each in its time. Safe to share between threads.

    `hourly`: how many requests the token has an hour, as far as GitHub has told.
    """

    def __init__(self, clock: Clock, pace: Pace = Pace.FAST) -> None:
        self._clock = clock
        self._windows = [_Window(cap) for cap in CAPS[pace]]
        self._books = threading.Lock()
        self._held_until = 0.0
        self._limited_until = 0.0
        self._over: tuple[float, Answer] | None = None
        self._share = 1.0
        self._flying = 0
        self.hourly = HOURLY
        self._left: tuple[float, int] = (-HOUR, HOURLY)

    @property
    def left(self) -> int:
        """How many requests the token has until its hour ends, as far as GitHub has told."""
        with self._books:
            ends, left = self._left
            return left - self._flying if ends > self._clock.monotonic() else self.hourly

    def wait(self, verb: str, patience: float = 0.0, *, last: bool = False, book: bool = True) -> Answer | None:
        """Stay until this request may go, and `landed` must follow. Where it may not go, give what GitHub said of it.

        `patience`: how many seconds for the hourly limit. `last`: it ends a run in good order, so that it goes whatever
        GitHub said before, and waits for nothing when the run was asked to stop. `book`: it goes now; else what it is
        made of is looked at first.

        Raises:
            NoAnswerError: the run was asked to stop, and this request would have to wait.
        """
        while not (over := None if last else self._ended()) and (span := self._leave(verb, patience, book=book)):
            if not self._clock.stopping():
                self._clock.sleep(span)
            elif last:
                with self._books:
                    self._book(verb)
                break
            else:
                raise NoAnswerError(Outcome.NO_EFFECT, "Stopped")
        return over

    def hold(self, seconds: float) -> None:
        """Let nothing go for so long."""
        with self._books:
            self._held_until = max(self._held_until, self._clock.monotonic() + seconds)

    def bear(self, seconds: float) -> None:
        """The same where a run stays for it, though an earlier one may not have: its requests go afterwards."""
        self.hold(seconds)
        with self._books:
            self._over = None

    def end(self, seconds: float, answer: Answer) -> None:
        """Give this answer to every request for so long, and send none. What was said first stands. Whatever was in
        doubt of the request that it answers, there is no doubt of one that was never sent."""
        with self._books:
            if not self._ended():
                self._over = self._clock.monotonic() + seconds, replace(answer, doubtful=False)

    def _ended(self) -> Answer | None:
        until, answer = self._over or (0.0, None)
        return answer if self._clock.monotonic() < until else None

    def _leave(self, verb: str, patience: float, *, book: bool) -> float:
        """Take what a request costs, or give the seconds after which to ask again."""
        with self._books:
            now = self._clock.monotonic()
            spans = [self._held_until - now, *(one.until_room(now, verb, self._share) for one in self._windows)]
            until_reset = self._left[0] - now
            if self._left[1] <= self._flying and until_reset <= patience:
                spans.append(min(AWHILE, until_reset) if self._flying else until_reset)
            span = max(0.0, *spans)
            if book and not span:
                self._book(verb)
        return span

    def _book(self, verb: str) -> None:
        self._flying += 1
        for window in self._windows:
            window.take(verb)

    def landed(self, verb: str) -> None:
        """Hear that a request is over, however it ended."""
        with self._books:
            now = self._clock.monotonic()
            self._flying -= 1
            for window in self._windows:
                window.land(verb, now)

    def learn(self, answer: Answer) -> float:
        """Hear what was answered; give for how long GitHub wants no further one (0 where it does not say so)."""
        wall = self._clock.now().timestamp()
        asked = refused_for(answer, wall)
        with self._books:
            self._count(answer, wall)
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

    def _count(self, answer: Answer, wall: float) -> None:
        """Keep how many requests are left until the hour ends. Answers overtake each other: the fewest count."""
        left, reset = answer.headers.get("x-ratelimit-remaining", ""), answer.headers.get("x-ratelimit-reset", "")
        if not (left.isdigit() and reset.isdigit()):
            return
        most = answer.headers.get("x-ratelimit-limit", "")
        self.hourly = int(most) if most.isdigit() and int(most) else self.hourly
        ends = self._clock.monotonic() + float(reset) - wall
        same = abs(ends - self._left[0]) < WITHOUT_A_WORD
        self._left = (ends, min(int(left), self._left[1])) if same else max(self._left, (ends, int(left)))


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
