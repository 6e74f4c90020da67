"""Times as services write them."""

from __future__ import annotations

from datetime import datetime


def moment(text: object) -> datetime | None:
    """Give the time that a text in ISO 8601 tells; `None` where it tells none, or one without its zone."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
