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
from dataclasses import replace
from typing import TYPE_CHECKING

from rotate.errors import Outcome
from rotate.github_api.pace import Governor, refused_for
from rotate.ports import Clock
from rotate.secret import Secret
from rotate.wire.http import AGENT, ANSWER_SECONDS
from rotate.wire.outcome import Answer, NoAnswerError, without
from rotate.wire.retry import persist

if TYPE_CHECKING:
    from github.Requester import Requester

API_VERSION = "2022-11-28"


class GitHub:
    """One GitHub API with one token.

    `patience`: how many seconds in all a run stays for what GitHub's rate limits ask to wait, beyond the short waits
    that every request is given. Requests that wait at the same time use it up once.
    """

    def __init__(
        self, api_url: str, token: Secret, clock: Clock, governor: Governor | None = None, patience: float = 0.0
    ) -> None:
        self._api_url = api_url
        self._token = token
        self._clock = clock
        self._governor = governor or Governor(clock)
        self._patience = patience
        self._patient_until = 0.0
        self._lock = threading.Lock()
        self._idle: deque[Requester] = deque()

    def call(
        self,
        verb: str,
        path: str,
        body: dict[str, object] | None = None,
        *,
        idempotent: bool = True,
        last: bool = False,
    ) -> Answer:
        """Send one request, again where that is safe, and give the answer whatever its status.

        `last`: it ends a run in good order, and is tried though GitHub asked for more patience than there is.

        Raises:
            NoAnswerError: no usable answer came back.
        """
        while True:
            answer = persist(lambda: self._once(verb, path, body, last=last), self._clock, idempotent=idempotent)
            asked = refused_for(answer, self._clock.now().timestamp())
            if asked is None:
                return answer
            if not self._stays(asked):
                self._governor.end(asked, answer)
                return answer
            self._governor.hold(asked)

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

    def _once(self, verb: str, path: str, body: dict[str, object] | None, *, last: bool) -> Answer:
        import requests

        requester = self._borrow()
        try:
            refused = self._governor.wait(verb, self._patience, last=last)
        except NoAnswerError:
            self._idle.append(requester)
            raise
        if refused:
            self._idle.append(requester)
            return refused
        try:
            status, headers, text = requester.requestJson(verb, path, input=body)
        except (requests.RequestException, RuntimeError) as error:
            requester.close()
            never_sent = isinstance(error, requests.ConnectTimeout)
            outcome = Outcome.NO_EFFECT if never_sent else Outcome.UNKNOWN
            raise NoAnswerError(outcome, type(error).__name__) from None
        finally:
            self._governor.landed(verb)
        self._idle.append(requester)
        names = {name.lower(): str(value) for name, value in headers.items()}
        answer = Answer(status, names, without(self._token, text))
        asked = self._governor.learn(answer)
        # A limit that says nothing of the wait is told like one that does: nobody then tries again at once.
        return replace(answer, headers={**names, "retry-after": str(math.ceil(asked))}) if asked else answer

    def _borrow(self) -> Requester:
        import github

        try:
            return self._idle.pop()
        except IndexError:
            return github.Github(
                auth=github.Auth.Token(self._token.reveal()),
                base_url=self._api_url,
                user_agent=AGENT,
                timeout=int(ANSWER_SECONDS),
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
                lazy=True,
                api_version=API_VERSION,
            ).requester

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()
