"""PyGithub's requester on our own connection.

PyGithub brings one of the `requests` library, which reads proxies and certificates from the environment in its own way
and bounds each read but not the whole. It takes another class in its place (`Requester.injectConnectionClasses`), and
hands what it was given as `verify` on to it: our line.
"""

from __future__ import annotations

from collections.abc import ItemsView
from typing import Any, cast

from github import Auth
from github.Requester import Requester

from rotate.secret import Secret
from rotate.wire.http import AGENT, ANSWER_SECONDS, Line

API_VERSION = "2022-11-28"
PER_PAGE = 100


class Connection:
    """One request of PyGithub's on our line, which outlives it; then its answer, as PyGithub reads one."""

    def __init__(self, host: str, port: int | None = None, *_: object, verify: Line, **__: object) -> None:
        self.host, self.port = host, port or 0
        self._line = verify

    def request(self, verb: str, url: str, body: str | None, headers: dict[str, str], *_: object) -> None:
        self._answer = self._line.send(verb, url, headers, body)
        self.status = self._answer.status

    def getresponse(self) -> Connection:
        return self

    def getheaders(self) -> ItemsView[str, str]:
        return dict(self._answer.headers).items()

    def read(self) -> str:
        return self._answer.text

    def close(self) -> None:
        """The line is closed by whoever lent it."""


Requester.injectConnectionClasses(cast("Any", Connection), cast("Any", Connection))


def requester(api_url: str, token: Secret, line: Line, *, signed: bool) -> Requester:
    """Make one that sends with a token. `signed`: it is a JSON web token, for which GitHub asks another scheme."""
    kind = Auth.AppAuthToken if signed else Auth.Token
    return Requester(
        auth=kind(token.reveal()),
        base_url=api_url,
        timeout=int(ANSWER_SECONDS),
        user_agent=AGENT,
        per_page=PER_PAGE,
        verify=cast("Any", line),
        retry=None,
        pool_size=None,
        lazy=True,
        api_version=API_VERSION,
    )
