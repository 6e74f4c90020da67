"""What the pretend Doppler holds: configs, secrets, tokens and identities, to seed and to inspect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from rotate.sandbox.exchange import Json
from rotate.sandbox.rate import Rate

Place = tuple[str, str]
"""Project and config."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of a config. `visibility`: masked, unmasked or restricted, which nobody reads."""

    raw: str = field(repr=False)
    visibility: str = "masked"
    note: str = ""

    def shape(self) -> dict[str, Json]:
        """Give its JSON."""
        raw = None if self.visibility == "restricted" else self.raw
        seen: dict[str, Json] = {"rawVisibility": self.visibility, "computedVisibility": self.visibility}
        return {"raw": raw, "computed": raw, "note": self.note, **seen}


@dataclass(slots=True)
class Config:
    """One config. A branch (`root` false) has the secrets of its root beside its own."""

    environment: str
    root: bool = True
    inherits: list[Place] = field(default_factory=list)
    secrets: dict[str, Secret] = field(default_factory=dict)


class DopplerState:
    """Doppler's memory. `approvals`: a change waits for somebody's approval. `identities`: whom a job may log in as."""

    def __init__(self) -> None:
        """Start without configs."""
        self.url = ""
        self.rate = Rate()
        self.configs: dict[Place, Config] = {}
        self.identities: dict[str, str] = {}
        self.approvals = False
        self._tokens: dict[str, dict[Place, str]] = {}

    def add_token(self, prefix: str = "dp.st.") -> str:
        """Give somebody a token that sees no config yet; see `let`."""
        value = prefix + secrets.token_hex(20)
        self._tokens[value] = {}
        return value

    def let(self, token: str, place: Place, access: str) -> None:
        """Give a token `read` or `read/write` access to a config; with any other it does not see it."""
        self._tokens[token][place] = access

    def access(self, token: str) -> dict[Place, str] | None:
        """Give what a token may; `None` where there is none."""
        return self._tokens.get(token)

    def seen(self, place: Place) -> dict[str, Secret]:
        """Give a config's secrets, with those of its root and of what it inherits."""
        config = self.configs[place]
        above = [*config.inherits, *([] if config.root else [(place[0], config.environment)])]
        found: dict[str, Secret] = {}
        for one in above:
            found |= self.seen(one)
        return {**found, **config.secrets}
