"""Whose token goes with a request to GitHub, and when it ends, which GitHub tells in a header of every answer to it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from rotate.errors import Incomplete, counted
from rotate.secret import Secret
from rotate.wire.outcome import Answer

SCOPES = "x-oauth-scopes"
EXPIRATION = "github-authentication-token-expiration"
SOON = timedelta(days=14)
# `2026-12-08 13:00:00 UTC`, or with an offset in place of UTC.
_FORM = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:UTC|([+-]\d{4}))")


class Bearer(Protocol):
    """Whose token goes with a request. `signed`: it is a JSON web token, for which GitHub asks another scheme."""

    signed: bool

    def token(self) -> Secret:
        """Give the token for the next request. Raises `RotateError` where none can be had."""

    def renews(self, refused: Secret) -> bool:
        """Hear that GitHub answered 401 to a token; say whether another one is worth a try."""

    def learn(self, answer: Answer) -> Answer:
        """Hear an answer, and give it on with what is known beside it."""


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


def expiration(text: str) -> datetime | None:
    """Read the header; `None` where there is none, or one of another form: then nothing is known."""
    found = _FORM.fullmatch(text)
    try:
        return datetime.fromisoformat(found[1] + (found[2] or "+0000")).astimezone(UTC) if found else None
    except ValueError:
        return None


def warning(expires_at: datetime | None, owner: str, now: datetime) -> Incomplete | None:
    """Say that a token ends within two weeks, while there is time to do something about it."""
    if expires_at is None or expires_at - now > SOON:
        return None
    days = max(0, (expires_at - now).days)
    return Incomplete(
        "github-token-expires",
        f"The GitHub token for {owner} expires on {expires_at:%Y-%m-%d %H:%M} UTC, in {counted(days, 'day')}.",
        "Create another with the same permissions before that day (GitHub → Settings → Developer settings → "
        "Fine-grained tokens → the token → Regenerate), and store it in the secret that `github_token` reads. A GitHub "
        "App in its place never expires (docs/github-app.md).",
    )


def ended(text: str) -> str:
    """Word the header for a refusal: when the token ended, or was to end; empty where that is not known."""
    moment = expiration(text)
    return f" GitHub said that it expires on {moment:%Y-%m-%d %H:%M} UTC." if moment else ""
