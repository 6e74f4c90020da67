"""PyGithub's requester, one per call under way, with its failures made ours.

PyGithub keeps the pending verb, URL and body on one connection object per client, so no two calls may share one at
the same time: idle requesters, with their open connections, are lent to one call each. Its own retries, pauses and
long sleeps are off, because waiting is decided in `wire.retry` (facts: GitHub §6). It is imported when the first call
is made: that is a third of a second which the first request to Neon need not wait for.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from rotate.errors import Outcome
from rotate.ports import Clock, Hindered
from rotate.secret import Secret
from rotate.systems.github.wire.bearers import Bearer, Lasting
from rotate.systems.github.wire.pace import Governor, refused_for
from rotate.systems.github.wire.refusals import from_github
from rotate.wire.bounded import within
from rotate.wire.http import WHOLE_SECONDS, Line
from rotate.wire.network import Network
from rotate.wire.outcome import Answer, NoAnswerError, without
from rotate.wire.retry import persist

if TYPE_CHECKING:
    from github.Requester import Requester

Body: TypeAlias = dict[str, object]
UNAUTHORIZED = 401
# Every answer of GitHub has it, and no page of a proxy: the time of that one would be another clock's.
GITHUBS_OWN = "x-github-request-id"


class Lent(NamedTuple):
    """What one call is lent: PyGithub's requester for a token, and the line on which it sends."""

    token: Secret
    requester: Requester
    line: Line


class _Asked(NamedTuple):
    """One request, as `GitHub.call` takes it."""

    verb: str
    path: str
    body: Body | Callable[[], Body] | None
    last: bool
    hindered: Hindered | None


class GitHub:
    """One GitHub API with one token, or with those of one installation.

    `patience`: how many seconds in all a run stays for what GitHub's rate limits ask to wait, beyond the short waits
    that every request is given. Requests that wait at the same time use it up once. `left`: how many requests the hour
    has left, as the last answer told.
    """

    def __init__(
        self,
        api_url: str,
        token: Secret | Bearer,
        clock: Clock,
        governor: Governor | None = None,
        patience: float = 0.0,
        network: Network | None = None,
    ) -> None:
        self._api_url = api_url
        self._network = network or Network()
        self.bearer: Bearer = Lasting(token) if isinstance(token, Secret) else token
        self._clock = clock
        self._governor = governor or Governor(clock)
        self._patience = patience
        self._patient_until = 0.0
        self._lock = threading.Lock()
        self._idle: deque[Lent] = deque()

    @property
    def hourly(self) -> int:
        """How many requests an hour GitHub allows, as far as it told."""
        return self._governor.hourly

    @property
    def left(self) -> int:
        """How many requests are left until the hour ends, as far as GitHub told."""
        return self._governor.left

    def stay(self, patience: float) -> None:
        """Wait for so many seconds at least, where more work is added to what was asked before."""
        self._patience = max(self._patience, patience)

    def call(
        self,
        verb: str,
        path: str,
        body: Body | Callable[[], Body] | None = None,
        *,
        idempotent: bool = True,
        last: bool = False,
        hindered: Hindered | None = None,
    ) -> Answer:
        """Send one request, again where that is safe, and give the answer whatever its status.

        A `body` that is made by a call is made anew for each try, when nothing has to be waited for any more: what it
        rests on is then not older than it need be.
        `last`: it ends a run in good order, and is tried though GitHub asked for more patience than there is.
        `hindered`: why it must not be sent any more, asked each time that its turn has come.

        Raises:
            NoAnswerError: no usable answer came back. RotateError: there is no token to send it with, or it was
                hindered before it was first sent.
        """
        attempt, doubtful = partial(self._once, _Asked(verb, path, body, last, hindered)), False
        while True:
            answer = persist(attempt, self._clock, idempotent=idempotent, doubtful=doubtful)
            doubtful = answer.outcome is Outcome.UNKNOWN
            asked = refused_for(answer, self._clock.now().timestamp())
            if asked is None:
                return from_github(answer)
            if not self._stays(asked):
                self._governor.end(asked, answer)
                return answer
            self._governor.bear(asked)

    def _stays(self, asked: float) -> bool:
        """Say whether there is patience left to wait so long, and use it up."""
        with self._lock:
            now = self._clock.monotonic()
            longer = max(0.0, now + asked - max(now, self._patient_until))
            if longer > self._patience or self._clock.stopping():
                return False
            self._patience -= longer
            self._patient_until = max(self._patient_until, now + asked)
            return True

    def _once(self, asked: _Asked) -> Answer:
        if callable(asked.body):
            refused = self._governor.wait(asked.verb, self._patience, book=False)
            if refused:
                return refused
            asked = asked._replace(body=asked.body())
        token = self.bearer.token()
        answer = self._turn(asked, token)
        if answer.status == UNAUTHORIZED and self.bearer.renews(token):
            answer = self._turn(asked, self.bearer.token())
        return answer

    def _turn(self, asked: _Asked, token: Secret) -> Answer:
        """Wait until the request may go, and send it, unless something speaks against it by then."""
        refused = self._governor.wait(asked.verb, self._patience, last=asked.last)
        if refused:
            return refused
        if asked.hindered and (why := asked.hindered()):
            self._governor.landed(asked.verb)
            raise why
        return self._send(asked, token)

    def _send(self, asked: _Asked, token: Secret) -> Answer:
        lent = self._borrow(token)
        sent = self._clock.monotonic()
        try:
            with within(WHOLE_SECONDS):
                status, headers, text = lent.requester.requestJson(asked.verb, asked.path, input=asked.body)
        except (NoAnswerError, RuntimeError) as error:
            lent.line.close()
            if isinstance(error, NoAnswerError):
                raise
            raise NoAnswerError(Outcome.UNKNOWN, type(error).__name__) from None
        finally:
            self._governor.landed(asked.verb)
        self._idle.append(lent)
        names = {name.lower(): str(value) for name, value in headers.items()}
        if GITHUBS_OWN in names:
            self._clock.hear(names.get("date", ""), sent)
        answer = Answer(status, names, without(token, text))
        wait = self._governor.learn(answer)
        if wait:
            # A limit that says nothing of the wait is told like one that does: nobody then tries again at once.
            answer = replace(answer, headers={**names, "retry-after": str(math.ceil(wait))})
        return self.bearer.learn(answer)

    def _borrow(self, token: Secret) -> Lent:
        from rotate.systems.github.wire.carried import requester

        while True:
            try:
                idle = self._idle.pop()
            except IndexError:
                break
            if idle.token == token:
                return idle
            idle.line.close()
        parts = urlsplit(self._api_url)
        line = Line(urlunsplit((parts.scheme, parts.netloc, "", "", "")), self._network)
        return Lent(token, requester(self._api_url, token, line, signed=self.bearer.signed), line)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().line.close()
