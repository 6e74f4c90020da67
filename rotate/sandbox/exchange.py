"""What passes between the HTTP plumbing and a pretend server: requests, replies, refusals and the routes between."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote

from rotate.sandbox.clock import Clock

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Ending = Literal["whole", "silent", "reset", "midway"]
"""How a reply leaves: as it should; not at all (closed); not at all (reset); half the announced body, then closed."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a server sees it. `path` has no `base` (such as `/api/v2`) and no query.

    `at_once` counts the requests with the same credential that are under way, this one included.
    """

    method: str
    base: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    remote: str
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `ending` other than `whole` is the work of a fault."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = "whole"

    @classmethod
    def of(cls, status: int, payload: object, headers: Mapping[str, str] | None = None) -> Reply:
        """Answer with anything that JSON can say."""
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return cls(status, json.dumps(payload).encode(), kind | dict(headers or {}))

    def with_headers(self, headers: Mapping[str, str]) -> Reply:
        """Give the same answer with these headers where it has none of that name."""
        return Reply(self.status, self.body, {**headers, **self.headers}, self.ending)


class RefusalError(Exception):
    """The pretend server says no. Each server dresses it in its own error body."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Carry the status, the words, and headers to send along."""
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


Caller = TypeVar("Caller")


@dataclass(frozen=True, slots=True)
class Call(Generic[Caller]):
    """A request that found its route and its caller. `params` are the path's variable segments, decoded."""

    request: Request
    params: Mapping[str, str]
    caller: Caller

    def document(self) -> dict[str, Json]:
        """Read the body as a JSON object. Raises `RefusalError` 400 when it is none."""
        try:
            value = json.loads(self.request.body)
        except ValueError:
            raise RefusalError(400, "Problems parsing JSON") from None
        if not isinstance(value, dict):
            raise RefusalError(400, "Body should be a JSON object")
        return value


Handler: TypeAlias = Callable[[Call[Caller]], Reply]


class Router(Generic[Caller]):
    """The routes of one server, first match wins, so literal segments go before variable ones."""

    def __init__(self, routes: Mapping[str, Handler[Caller]]) -> None:
        """Take `"GET /things/{id}"` → handler."""
        self._routes: dict[int, list[tuple[str, list[str], Handler[Caller]]]] = {}
        for key, handler in routes.items():
            method, _, pattern = key.partition(" ")
            wanted = pattern.split("/")
            self._routes.setdefault(len(wanted), []).append((method, wanted, handler))

    def find(self, request: Request) -> tuple[Handler[Caller], dict[str, str]]:
        """Give the handler and the path's variables. Raises `RefusalError` 404, or 405 where other methods exist."""
        allowed, given = [], request.path.split("/")
        for method, wanted, handler in self._routes.get(len(given), []):
            params = _match(wanted, given)
            if params is None:
                continue
            if method == request.method:
                return handler, params
            allowed.append(method)
        if allowed:
            raise RefusalError(405, "method not allowed", {"Allow": ", ".join(sorted(set(allowed)))})
        raise RefusalError(404, "Not Found")


class Server(Protocol):
    """A pretend server, as the plumbing needs it."""

    @property
    def name(self) -> str:
        """The kind of its system."""
        ...

    @property
    def bases(self) -> tuple[str, ...]:
        """Path prefixes under which the API lives."""
        ...

    @property
    def clock(self) -> Clock:
        """Its own clock, which dates its replies."""
        ...

    def answer(self, request: Request) -> Reply:
        """Act on a request and say what came of it."""
        ...


def _match(wanted: list[str], given: list[str]) -> dict[str, str] | None:
    params = {}
    for want, have in zip(wanted, given, strict=True):
        if want.startswith("{"):
            params[want[1:-1]] = unquote(have)
        elif want != have:
            return None
    return params
