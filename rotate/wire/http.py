"""The one `httpx` client factory, and the one way to send: bounded time and size, no redirects, retries where safe."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import httpcore
import httpx

from rotate import __version__
from rotate.errors import Outcome
from rotate.ports import Clock, Hindered
from rotate.secret import Secret
from rotate.wire.bounded import Backend, within
from rotate.wire.clock import Reckoning
from rotate.wire.network import Network, Proxy
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError, without
from rotate.wire.retry import persist
from rotate.wire.trouble import explained

AGENT = f"neon-rotate/{__version__}"
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
WHOLE_SECONDS = 30.0
# Ten thousand keys are five million bytes.
MOST_BYTES = 32 * 1024 * 1024
IDLE_SECONDS = 30.0


class Carrier(httpx.HTTPTransport):
    """Connections to one host, each bound to the deadline of the request that it serves."""

    def __init__(self, context: ssl.SSLContext, proxy: Proxy | None) -> None:
        backend = Backend()
        if proxy is None:
            self._pool = httpcore.ConnectionPool(context, keepalive_expiry=IDLE_SECONDS, network_backend=backend)
            return
        self._pool = httpcore.HTTPProxy(
            proxy.url,
            proxy.login,
            ssl_context=context,
            proxy_ssl_context=context if proxy.url.startswith("https:") else None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=backend,
        )


class Line:
    """One host, and how it is reached. What is sent in `within` shares one deadline."""

    def __init__(self, base_url: str, network: Network) -> None:
        self._host = urlsplit(base_url).hostname or ""
        self._proxy = network.way_to(base_url)
        self._client = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            transport=Carrier(_context(base_url, network), self._proxy),
        )

    def send(self, verb: str, path: str, headers: Mapping[str, str], body: str | bytes | None) -> Answer:
        """Send one request, once.

        Raises:
            NoAnswerError: the connection failed, or no whole answer came within the time and size that it may have.
        """
        found = bytearray()
        with within(WHOLE_SECONDS) as deadline:
            try:
                with self._client.stream(verb, path, headers=headers, content=body) as answer:
                    for part in answer.iter_bytes():
                        found += part
                        if len(found) > MOST_BYTES:
                            raise self._too_long()
            except httpx.HTTPError as error:
                spent = WHOLE_SECONDS if deadline.left() <= 0 else None
                raise explained(error, self._host, self._proxy, spent) from None
        return Answer(answer.status_code, dict(answer.headers), found.decode(errors="replace"))

    def _too_long(self) -> NoAnswerError:
        said = f"the answer of {self._host} is longer than {MOST_BYTES // 2**20} MiB"
        return NoAnswerError(Outcome.UNKNOWN, "TooLong", said)

    def close(self) -> None:
        self._client.close()


def _context(base_url: str, network: Network) -> ssl.SSLContext:
    """Read the authorities only where one of them is asked."""
    if urlsplit(base_url).scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    from rotate.wire.trust import context_of

    return context_of(network)


class Style(NamedTuple):
    """How one API wants to be asked: the header that carries the credential, what stands before it there, what else
    goes with each request (it overrules `Accept` and `Content-Type`), and whether a body is a form instead of JSON.
    `read` gives an answer in the usual form, where the API has one of its own. With a `user`, who may have no name, the
    credential is the password of HTTP Basic (RFC 7617)."""

    header: str = "Authorization"
    prefix: str = "Bearer "
    headers: Mapping[str, str] = MappingProxyType({})
    form: bool = False
    read: Callable[[Answer], Answer] | None = None
    user: str | None = None

    def carried(self, bearer: Secret) -> Secret:
        """Give the credential as it stands in its header, behind what stands before it."""
        if self.user is None or not bearer:
            return bearer
        return Secret(b64encode(f"{self.user}:{bearer.reveal()}".encode()).decode())

    def sent(self, body: object) -> tuple[dict[str, str], str | None]:
        """Give the headers of a request, but for the credential's, and its body as text; `None` sends no body."""
        headers = {"User-Agent": AGENT, "Accept": "application/json"}
        if body is None:
            return {**headers, **self.headers}, None
        kind = "application/x-www-form-urlencoded" if self.form else "application/json"
        text = urlencode(body) if self.form and isinstance(body, Mapping) else json.dumps(body)
        return {**headers, "Content-Type": kind, **self.headers}, text


BEARER = Style()


def basic(user: str) -> Style:
    """Give the style of an API that takes a user's name and the credential by HTTP Basic."""
    return Style(prefix="Basic ", user=user)


class Api:
    """One HTTP API. The credential goes with each request, never into the client."""

    def __init__(self, base_url: str, clock: Clock, network: Network) -> None:
        self._clock = clock
        self._reckoning = Reckoning(clock.now().timestamp() - clock.monotonic())
        self._line = Line(base_url, network)

    def call(
        self,
        verb: str,
        path: str,
        bearer: Secret,
        body: object = None,
        *,
        idempotent: bool = False,
        style: Style = BEARER,
        hindered: Hindered | None = None,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Answer:
        """Send one request, again where that is safe, and give the answer whatever its status. `hindered`: why it must
        not be sent any more, asked before each try. An empty `bearer` is not sent.
        `turn`: what a try waits for before it leaves, and holds until its answer has come.

        Raises:
            NoAnswerError: the connection failed, or the reply was lost, after the last try. RotateError: it was
                hindered, and nothing is in doubt.
        """
        headers, content = style.sent(body)
        carried = style.carried(bearer)

        def attempt() -> Answer:
            with turn():
                return sent_once()

        def sent_once() -> Answer:
            if why := hindered and hindered():
                raise why
            sent = self._clock.monotonic()
            credential = {style.header: f"{style.prefix}{carried.reveal()}"} if bearer else {}
            answer = self._line.send(verb, path, {**headers, **credential}, content)
            answer = style.read(answer) if style.read else answer
            self._reckoning.hear(answer.headers.get("date", ""), sent, self._clock.monotonic())
            # What is stored is never touched: a place may hold the very token that it is asked with.
            if answer.status in SUCCESS:
                return answer
            return replace(answer, text=without(carried, without(bearer, answer.text)))

        return persist(attempt, self._clock, idempotent=idempotent)

    def time(self) -> datetime | None:
        """Give what the API's own clock shows now; `None` before its first answer."""
        return self._reckoning.at(self._clock.monotonic()) if self._reckoning.heard else None

    def close(self) -> None:
        self._line.close()
