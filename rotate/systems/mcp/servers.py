"""Which servers a file of a client has, and where in one of them its key stands. Pure: it is given what a file holds.

The key is looked for where Neon and the clients say that it is put: a header `Authorization`, a variable
`NEON_API_KEY`, the argument behind `@neondatabase/mcp-server-neon start` (that package's `init` wrote it so into Claude
Desktop's file), a `--header` of mcp-remote; and wherever else a text has the shape of Neon's keys. A text that takes it
from somewhere else, such as `${NEON_API_KEY}`, is a reference: beside those of `rotate.edit.reference`, `{env:…}` and
`{file:…}` of opencode (opencode.ai/docs/config), and the names of variables that Codex and mcporter take
(`bearer_token_env_var`, `env_http_headers`: developers.openai.com/codex/mcp; `bearerTokenEnv`: mcporter's README).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rotate.edit.reference import reference
from rotate.edit.slot import Path, Slot
from rotate.secret import Secret

PACKAGE, VARIABLE = "@neondatabase/mcp-server-neon", "NEON_API_KEY"
STARTS = ("start", "init")
SHAPE = r"(?<![A-Za-z0-9_])napi_[A-Za-z0-9_]+"
_URL = re.compile(r"https?://(?:[\w-]+\.)*mcp\.neon\.tech(?=[:/?#]|\Z)", re.IGNORECASE)
_WORD = r"\$\{.*?\}|[^\s\"',]+"
_HEADER = re.compile(
    r"(?P<before>\s*(?:bearer\s+)?)(?P<key>(?!bearer(?:\s|\Z))\S+|\$\{.*\})(?P<after>\s*)", re.IGNORECASE
)
_WHOLE = re.compile(r"(?P<before>\s*)(?P<key>\S.*?)(?P<after>\s*)")
_SHAPED, *_INSIDE = (
    re.compile(f"(?P<before>.*?{before})(?P<key>{key})(?P<after>.*)", re.IGNORECASE | re.DOTALL)
    for before, key in (
        ("", SHAPE),
        (r"\bauthorization\s*[:=]\s*(?:bearer\s+)?", _WORD),
        (r"\bbearer\s+", _WORD),
        (rf"\b{VARIABLE}=", _WORD),
    )
)
_OPENCODE = re.compile(r"(?<!\$)\{(?:env|file):[^}]*\}")
_NAMED = re.compile(r"[A-Z_][A-Z0-9_]{0,50}")
_NAMES = frozenset({"env_http_headers", "bearer_token_env_var", "bearerTokenEnv"})
_ALONE = frozenset({VARIABLE, "bearerToken"})
_VARIABLES = frozenset({"env", "envs", "environment"})


class Held(NamedTuple):
    """A text of a server that holds a key, or says where one is taken from (`refers`). `before`, `after`: what stands
    around it in the text. A secret may stand there too, so it does not print."""

    slot: Slot
    before: str
    key: str
    after: str
    refers: str = ""

    def __repr__(self) -> str:
        return f"Held({self.slot.path})"

    @property
    def secret(self) -> Secret:
        """Give the key alone."""
        return Secret(self.key)

    @property
    def around(self) -> Secret:
        """Give what a write must leave as it is."""
        return Secret(f"{self.before}\0{self.after}")

    def text(self, secret: Secret) -> str:
        """Give the text with another key in it."""
        return f"{self.before}{secret.reveal()}{self.after}"


class Server(NamedTuple):
    """One server of a client. `slots`: its texts, with paths from the server inwards, in the order of the file."""

    name: str
    slots: tuple[tuple[Path, Slot], ...]

    @property
    def neons(self) -> bool:
        """Say whether it is Neon's: by its URL, or by the package that it runs."""
        return any(_URL.search(slot.value) or PACKAGE in slot.value for _, slot in self.slots)

    @property
    def held(self) -> tuple[Held, ...]:
        """Give where it holds keys; where it holds none, what it refers to."""
        found = tuple(self._found())
        return tuple(one for one in found if not one.refers) or found

    def _found(self) -> Iterator[Held]:
        before: list[str] = []
        for path, slot in self.slots:
            packaged = any(PACKAGE in one for one in before[:-1]) and before[-1] in STARTS
            if found := _of(path, slot, alone=isinstance(path[-1], int) and packaged):
                yield found
            before.append(slot.value)


def servers(slots: Sequence[Slot], container: tuple[str, ...]) -> dict[str, Server]:
    """Take the servers out of a file, by their names."""
    found: dict[str, list[tuple[Path, Slot]]] = {}
    deep = len(container)
    for slot in slots:
        if slot.path[:deep] == container and len(slot.path) > deep + 1:
            found.setdefault(str(slot.path[deep]), []).append((slot.path[deep + 1 :], slot))
    return {name: Server(name, tuple(texts)) for name, texts in found.items()}


def folders(slots: Sequence[Slot], above: str) -> tuple[str, ...]:
    """Name the projects that have settings of their own in a person's file."""
    named = (str(slot.path[1]) for slot in slots if len(slot.path) > 1 and slot.path[0] == above)
    return tuple(dict.fromkeys(named))


def _of(path: Path, slot: Slot, *, alone: bool) -> Held | None:
    """Say whether one text holds a key. `alone`: it holds nothing else, as known from what stands before it."""
    if _NAMES & set(path) or (slot.value == VARIABLE and isinstance(path[-1], int)):
        named = _NAMED.fullmatch(slot.value)
        return Held(slot, "", "", "", f"the environment variable {named[0] if named else '…'}")
    if str(path[-1]).lower() == "authorization":
        ways = [_HEADER]
    elif alone or path[-1] in _ALONE:
        ways = [_WHOLE]
    else:
        spoken = isinstance(path[-1], int) or path[0] in _VARIABLES  # elsewhere it may be a description
        ways = [*(_INSIDE if spoken else ()), _SHAPED]
    match = next(filter(None, (way.fullmatch(slot.value) for way in ways)), None)
    if match is None:
        return None
    own = _OPENCODE.search(match["key"])
    refers = own[0] if own else reference(match["key"])
    return Held(slot, match["before"], match["key"], match["after"], refers)
