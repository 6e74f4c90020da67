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
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from rotate.errors import Outcome
from rotate.github_api.expiry import EXPIRATION, expiration
from rotate.github_api.pace import Governor, refused_for
from rotate.github_api.refusals import from_github
from rotate.ports import Clock
from rotate.secret import Secret
from rotate.wire.http import AGENT, ANSWER_SECONDS
from rotate.wire.outcome import Answer, NoAnswerError, without
from rotate.wire.retry import persist

if TYPE_CHECKING:
    from github.Requester import Requester

API_VERSION = "2022-11-28"
UNAUTHORIZED = 401
SCOPES = "x-oauth-scopes"


class Bearer(Protocol):
    """Whose token goes with a request. `signed`: it is a JSON web token, for which GitHub asks another scheme."""

    signed: bool

    def token(self) -> Secret:
        """Give the token for the next request. Raises `RotateError` where none can be had."""
        ...

    def renews(self, refused: Secret) -> bool:
        """Hear that GitHub answered 401 to a token; say whether another one is worth a try."""
        ...

    def learn(self, answer: Answer) -> Answer:
        """Hear an answer, and give it on with what is known beside it."""
        ...


class Lasting:
    """Implements `Bearer` for a token that somebody else made, and that is the same for the whole run.

    `expires_at`: what GitHub said of its end; answers that do not repeat it are given it, so that a later 401 can be
    worded. `scopes`: those of a classic token, which alone is told them.
    """

    signed = False

    def __init__(self, token: Secret) -> None:
        self._token = token
        self._said = ""
        self.expires_at: datetime | None = None
        self.scopes: frozenset[str] | None = None

    def token(self) -> Secret:
        """Give it."""
        return self._token

    def renews(self, refused: Secret) -> bool:
        """There is no other one."""
        return refused != self._token

    def learn(self, answer: Answer) -> Answer:
        """Keep when it ends, and what it may."""
        self._said = answer.headers.get(EXPIRATION, self._said)
        self.expires_at = expiration(self._said)
        told = answer.headers.get(SCOPES, "").replace(",", " ").split()
        self.scopes = frozenset(told) if told else self.scopes
        return replace(answer, headers={**answer.headers, EXPIRATION: self._said}) if self._said else answer


class GitHub:
    """One GitHub API with one token, or with those of one installation.

    `patience`: how many seconds in all a run stays for what GitHub's rate limits ask to wait, beyond the short waits
    that every request is given. Requests that wait at the same time use it up once.
    """

    def __init__(
        self,
        api_url: str,
        token: Secret | Bearer,
        clock: Clock,
        governor: Governor | None = None,
        patience: float = 0.0,
    ) -> None:
        self._api_url = api_url
        self.bearer: Bearer = Lasting(token) if isinstance(token, Secret) else token
        self._clock = clock
        self._governor = governor or Governor(clock)
        self._patience = patience
        self._patient_until = 0.0
        self._lock = threading.Lock()
        self._idle: deque[tuple[Secret, Requester]] = deque()

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
        body: dict[str, object] | None = None,
        *,
        idempotent: bool = True,
        last: bool = False,
    ) -> Answer:
        """Send one request, again where that is safe, and give the answer whatever its status.

        `last`: it ends a run in good order, and is tried though GitHub asked for more patience than there is.

        Raises:
            NoAnswerError: no usable answer came back. RotateError: there is no token to send it with.
        """
        attempt, doubtful = partial(self._once, verb, path, body, last=last), False
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

    def _once(self, verb: str, path: str, body: dict[str, object] | None, *, last: bool) -> Answer:
        token = self.bearer.token()
        answer = self._send(verb, path, body, token, last=last)
        if answer.status == UNAUTHORIZED and self.bearer.renews(token):
            answer = self._send(verb, path, body, self.bearer.token(), last=last)
        return answer

    def _send(self, verb: str, path: str, body: dict[str, object] | None, token: Secret, *, last: bool) -> Answer:
        import requests

        requester = self._borrow(token)
        try:
            refused = self._governor.wait(verb, self._patience, last=last)
        except NoAnswerError:
            self._idle.append((token, requester))
            raise
        if refused:
            self._idle.append((token, requester))
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
        self._idle.append((token, requester))
        names = {name.lower(): str(value) for name, value in headers.items()}
        answer = Answer(status, names, without(token, text))
        asked = self._governor.learn(answer)
        if asked:
            # A limit that says nothing of the wait is told like one that does: nobody then tries again at once.
            answer = replace(answer, headers={**names, "retry-after": str(math.ceil(asked))})
        return self.bearer.learn(answer)

    def _borrow(self, token: Secret) -> Requester:
        import github

        while True:
            try:
                made_for, requester = self._idle.pop()
            except IndexError:
                break
            if made_for == token:
                return requester
            requester.close()
        kind = github.Auth.AppAuthToken if self.bearer.signed else github.Auth.Token
        return github.Github(
            auth=kind(token.reveal()),
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
            self._idle.pop()[1].close()
