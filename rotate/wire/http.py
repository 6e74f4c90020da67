"""The one `httpx` client factory, and the one way to send: bounded time, no redirects, retries where safe."""

from __future__ import annotations

from datetime import datetime

import httpx

from rotate import __version__
from rotate.errors import Outcome
from rotate.ports import Clock
from rotate.secret import Secret
from rotate.wire.outcome import Answer, NoAnswerError, without
from rotate.wire.reckoning import Reckoning
from rotate.wire.retry import persist

AGENT = f"neon-rotate/{__version__}"
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class Api:
    """One HTTP API. The credential goes with each request, never into the client."""

    def __init__(self, base_url: str, clock: Clock) -> None:
        self._clock = clock
        self._reckoning = Reckoning(clock.now().timestamp() - clock.monotonic())
        self._client = httpx.Client(
            base_url=base_url,
            headers={"User-Agent": AGENT, "Accept": "application/json"},
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    def call(self, verb: str, path: str, bearer: Secret, body: object = None, *, idempotent: bool = False) -> Answer:
        """Send one request, again where that is safe, and give the answer whatever its status.

        Raises:
            NoAnswerError: the connection failed, or the reply was lost, after the last try.
        """

        def attempt() -> Answer:
            headers = {"Authorization": f"Bearer {bearer.reveal()}"}
            sent = self._clock.monotonic()
            try:
                answer = self._client.request(verb, path, json=body, headers=headers)
            except httpx.HTTPError as error:
                never_sent = isinstance(error, _NEVER_SENT)
                raise NoAnswerError(
                    Outcome.NO_EFFECT if never_sent else Outcome.UNKNOWN, type(error).__name__
                ) from None
            self._reckoning.hear(answer.headers.get("date", ""), sent, self._clock.monotonic())
            return Answer(answer.status_code, dict(answer.headers), without(bearer, answer.text))

        return persist(attempt, self._clock, idempotent=idempotent)

    def time(self) -> datetime | None:
        """Give what the API's own clock shows now; `None` before its first answer."""
        return self._reckoning.at(self._clock.monotonic()) if self._reckoning.heard else None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
