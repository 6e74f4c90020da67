"""What Secret Manager's answers say of a secret and its versions.

Sources: discovery document of secretmanager v1 (`Secret`, `SecretVersion`, `AccessSecretVersionResponse`). Answers name
the project by its number (golang.org/x/oscar, internal/gcp/gcpsecret/testdata).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rotate.secret import Secret
from rotate.systems.gcp.crc32c import crc32c
from rotate.wire.outcome import Answer

# `nextRotationTime` goes on by itself, and etags change with each write.
FLAGS = (
    "annotations",
    "customerManagedEncryption",
    "expireTime",
    "labels",
    "replication",
    "secretType",
    "topics",
    "versionDestroyTtl",
)
LATEST = "the latest"


def row_of(answer: Answer) -> dict[str, Any]:
    """Give an object; an empty one where the answer is none."""
    row = answer.json()
    return row if isinstance(row, dict) else {}


def number_of(row: Mapping[str, Any], secret: str) -> str:
    """Give the number of a version of this secret; nothing where it is another's."""
    found = re.fullmatch(rf"projects/.+/secrets/{re.escape(secret)}/versions/([1-9][0-9]*)", str(row.get("name")))
    return found[1] if found else ""


def value_of(row: Mapping[str, Any]) -> Secret | None:
    """Give the value of a version; `None` where it does not have the checksum that is told, or there is none."""
    payload = row.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    try:
        data = base64.b64decode(payload.get("data", ""), validate=True)
    except (TypeError, ValueError):
        return None
    told = payload.get("dataCrc32c")
    if not data or (told is not None and str(told) != str(crc32c(data))):
        return None
    return Secret(data.decode(errors="backslashreplace"))


def time_of(row: Mapping[str, Any]) -> datetime | None:
    """Give when a version was created."""
    try:
        return datetime.fromisoformat(str(row.get("createTime")))
    except ValueError:
        return None


def error_of(answer: Answer) -> tuple[str, str]:
    """Give the status of an error, such as `FAILED_PRECONDITION`, and its message."""
    error = row_of(answer).get("error")
    error = error if isinstance(error, dict) else {}
    return str(error.get("status", "")), str(error.get("message", ""))


def aliases_of(secret: Mapping[str, Any]) -> dict[str, str]:
    """Give the number of the version that each alias shows."""
    found = secret.get("versionAliases")
    return {name: str(number) for name, number in found.items()} if isinstance(found, dict) else {}


def following(secret: Mapping[str, Any], latest: str) -> list[str]:
    """Name the aliases that show the latest version, and so are to show the next; all, where that is not known."""
    return sorted(name for name, number in aliases_of(secret).items() if latest in ("", number))


def flags_of(secret: Mapping[str, Any], latest: str) -> dict[str, object]:
    """Give what a write must leave as it is. An alias that shows the latest version must do so afterwards too."""
    rotation = secret.get("rotation")
    aliases = aliases_of(secret).items()
    return {
        **{name: secret.get(name) for name in FLAGS},
        "rotation": rotation.get("rotationPeriod") if isinstance(rotation, dict) else None,
        **{f"the alias {name}": LATEST if number == latest else number for name, number in aliases},
    }
