"""A script of refusals, delays, lost replies and deaths.

Each fault picks requests (by method, path, server and how many went before, or by the number of the request since
the last reset) and says what goes wrong with them:

| kind | effect at the server | what the client sees |
|---|---|---|
| `status` | none, or done with `after` | `code` with `body` and `headers` |
| `rate_limited` | none, or done with `after` | 429, with `Retry-After` when `retry_after` is given |
| `html` | none, or done with `after` | `code` (200 unless given) with an HTML page, as a proxy would send |
| `truncated` | done | the right status with half of the JSON, length adjusted |
| `cut` | done | the right status, half of the announced body, then the connection closes |
| `lost_reply` | done | the connection closes without a byte |
| `reset` | none | the connection is reset |
| `delay` | done | the right reply, `seconds` late; slow before the effect, or after it with `after` |
| `death_before` | none | nothing: `World.victim` was killed with SIGKILL first |
| `death_after` | done | nothing: `World.victim` was killed with SIGKILL once the effect had taken place |
| `hook` | done | the right reply; `call` was called with the world before the effect |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, get_args

from rotate.sandbox.exchange import Reply

Kind: TypeAlias = Literal[
    "status",
    "rate_limited",
    "html",
    "truncated",
    "cut",
    "lost_reply",
    "reset",
    "delay",
    "death_before",
    "death_after",
    "hook",
]
_KINDS: tuple[str, ...] = get_args(Kind)
_ALWAYS_ACT = frozenset({"truncated", "cut", "lost_reply", "death_after"})
_ALONGSIDE = frozenset({"delay", "hook"})
_PAGE = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Something went wrong</h1></body></html>"


@dataclass(eq=False, slots=True)
class Fault:
    """One misfortune. See the table above for `kind`; all but the first argument are named.

    `path` is an fnmatch pattern on the path without base and query; `nth` counts this fault's matching requests
    from 1, and `times` says how many in a row are hit (`None`: all from then on). `number` picks by the number of
    the request over both servers instead of `nth`. A `brief` call waits for nothing, and is made without a thread.
    `seen` and `fired` count what happened so far.
    """

    kind: Kind
    _: KW_ONLY
    method: str | None = None
    path: str | None = None
    server: str | None = None
    nth: int = 1
    times: int | None = 1
    number: int | None = None
    after: bool = False
    code: int | None = None
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    retry_after: int | None = None
    call: Callable[..., object] | None = None
    brief: bool = False
    seen: int = field(default=0, init=False)
    fired: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Refuse a script that cannot be played."""
        if self.kind not in _KINDS:
            raise ValueError(f"no such fault: {self.kind!r}; one of {', '.join(_KINDS)}")
        if (self.kind == "hook") != (self.call is not None):
            raise ValueError("a hook needs `call`, and nothing else takes it")

    @classmethod
    def at(cls, number: int, kind: Kind, **options: Any) -> Fault:
        """Hit the request of this number, counted over both servers since the last reset."""
        return cls(kind, number=number, **options)

    @property
    def acts(self) -> bool:
        """Whether the request takes effect."""
        return self.after or self.kind in _ALWAYS_ACT

    @property
    def kills(self) -> bool:
        """Whether the process under test dies of it."""
        return self.kind in {"death_before", "death_after"}

    @property
    def alongside(self) -> bool:
        """Whether it leaves the reply alone, and so combines with any other fault on the same request."""
        return self.kind in _ALONGSIDE

    def hits(self, number: int, server: str, method: str, path: str) -> bool:
        """Count a request, and say whether the fault befalls it."""
        if self.server not in (None, server) or self.method not in (None, method):
            return False
        if not fnmatchcase(path, self.path or "*"):
            return False
        self.seen += 1
        position = self.seen if self.number is None else number
        first = self.nth if self.number is None else self.number
        struck = position >= first and (self.times is None or position < first + self.times)
        self.fired += struck
        return struck

    def distort(self, truth: Reply) -> Reply:
        """Give what the client is to see instead of `truth`, the reply of a server that acted or would have."""
        match self.kind:
            case "status":
                return _answer(self.code or 500, self.body, self.headers)
            case "rate_limited":
                wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
                return _answer(
                    self.code or 429, self.body or {"code": "", "message": "rate limit"}, {**wait, **self.headers}
                )
            case "html":
                return Reply(self.code or 200, _PAGE, {"Content-Type": "text/html; charset=utf-8", **self.headers})
            case "truncated":
                return replace(truth, body=truth.body[: len(truth.body) // 2])
            case "cut":
                return replace(truth, ending="midway")
            case "reset":
                return replace(truth, ending="reset")
            case _:
                return replace(truth, ending="silent")


class Faults:
    """The script in force. May be added to from any thread while the servers run."""

    def __init__(self) -> None:
        """Start with a world in which nothing goes wrong."""
        self._script: list[Fault] = []

    def add(self, *faults: Fault) -> Fault:
        """Put faults into force, each counting from now on; give back the last."""
        self._script += faults
        return faults[-1]

    def reset(self) -> None:
        """Drop the whole script."""
        self._script.clear()

    def due(self, number: int, server: str, method: str, path: str) -> tuple[Fault, ...]:
        """Give the faults that befall this request, in the order they were added."""
        return tuple(fault for fault in list(self._script) if fault.hits(number, server, method, path))

    def unused(self) -> list[Fault]:
        """Give the faults that never struck: a test that expects none proves that its script was played."""
        return [fault for fault in self._script if not fault.fired]


def _answer(code: int, body: object, headers: Mapping[str, str]) -> Reply:
    if isinstance(body, bytes):
        return Reply(code, body, headers)
    payload = {"code": "", "message": "the sandbox was told to answer so"} if body is None else body
    return Reply.of(code, payload, headers)
