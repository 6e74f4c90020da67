"""The rows in which Neon tells of keys."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from rotate.errors import Outcome
from rotate.protocol.facts.model import LiveKey
from rotate.systems.neon import words
from rotate.wire.outcome import Answer

# Neon's advice is to stay below ten thousand keys; a row that is used is another row.
MOST_DESCRIBED = 20_000


def live_key(row: Any, answer: Answer) -> LiveKey:
    """Read one key. `created_by` is an object in lists and a string elsewhere (Neon OpenAPI); we need neither.

    Raises:
        SourceError: it is no row that tells of a key.
    """
    try:
        used, whence = row.get("last_used_at"), row.get("last_used_from_addr")
        return _described(row["id"], row["name"], row["created_at"], used, whence, row.get("project_id"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise words.unexpected("describe a key", answer, Outcome.UNKNOWN) from None


@lru_cache(maxsize=MOST_DESCRIBED)
def _described(number: Any, name: Any, created: str, used: str | None, whence: Any, project: str | None) -> LiveKey:
    """Describe a key. A run reads the list many times, and of ten thousand rows few have changed since."""
    return LiveKey(
        key_id=int(number),
        name=str(name),
        created_at=datetime.fromisoformat(created),
        last_used_at=datetime.fromisoformat(used) if used else None,
        last_used_from=str(whence or ""),
        project_id=project or None,
    )
