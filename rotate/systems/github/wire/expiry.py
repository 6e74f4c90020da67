"""When a personal access token ends, which GitHub tells in a header of every answer to it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from rotate.errors import Incomplete

EXPIRATION = "github-authentication-token-expiration"
SOON = timedelta(days=14)
# `2026-12-08 13:00:00 UTC`, or with an offset in place of UTC.
_FORM = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:UTC|([+-]\d{4}))")


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
        f"The GitHub token for {owner} expires on {expires_at:%Y-%m-%d %H:%M} UTC, in {days} {_plural(days)}.",
        "Create another with the same permissions before that day (GitHub → Settings → Developer settings → "
        "Fine-grained tokens → the token → Regenerate), and store it in the secret that `github_token` reads. A GitHub "
        "App in its place never expires (docs/github-app.md).",
    )


def ended(text: str) -> str:
    """Word the header for a refusal: when the token ended, or was to end; empty where that is not known."""
    moment = expiration(text)
    return f" GitHub said that it expires on {moment:%Y-%m-%d %H:%M} UTC." if moment else ""


def _plural(days: int) -> str:
    return "day" if days == 1 else "days"
