"""What is said of the Neon CLI's files, and how its JSON is read: as strictly as the CLI does."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from rotate.errors import Refused


def unreadable(what: str, why: str) -> Refused:
    """The CLI itself would not take it. Nothing of its text is shown: it may be the key."""
    return Refused(
        "neon-profile-unreadable",
        f"{what} is not what the Neon CLI takes: {why}. Nothing was changed there.",
        "Mend it, or let the CLI write it anew: `neon profile list` says which profiles it can use, and\n\n"
        "    neon profile create <profile> --api-key -\n\nreplaces the credential of one.",
    )


def parsed(data: bytes, what: str) -> dict[str, Any]:
    """Read an object. Raises `Refused` for anything else, as the CLI does: comments, a byte order mark, `NaN`."""
    try:
        found = json.loads(data.decode(), parse_constant=_constant)
    except (ValueError, RecursionError):
        raise unreadable(what, "it is no JSON") from None
    if not isinstance(found, dict):
        raise unreadable(what, "it is no JSON object")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(name)
