"""Whose token goes with a request to GitHub."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from rotate.secret import Secret
from rotate.systems.github.wire.expiry import EXPIRATION, expiration
from rotate.wire.outcome import Answer

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
