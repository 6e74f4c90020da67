"""The texts of the note and the lock: JSON with a schema version, and nothing secret in either.

What cannot be read is refused, never taken for absent (S9).
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from rotate.errors import Refused
from rotate.protocol.model import LockFacts
from rotate.protocol.noted import ConfirmedKey, KeyRecord, Note, PendingKey, PreviousKey, Unnamed
from rotate.protocol.policy import Run
from rotate.protocol.roll import shortened

SCHEMA_VERSION = 1
# A note that has no room for every name says so by its version: who does not know `unnamed` must not judge by the rest.
WITHOUT_NAMES = 2
# GitHub lets a variable have 48 KB (facts: GitHub §5); pending and previous keys may yet be added.
LARGEST, SPARE = 48 * 1000, 2000


def write_note(note: Note) -> str:
    """Give the text to keep; with so many destinations that their names do not fit, without some of them."""
    text = _write(note)
    if len(text) <= LARGEST - SPARE or note.unnamed:
        return text
    bare = _write(replace(note, destinations=(), unnamed=Unnamed(len(note.destinations), "0" * 64, "")))
    names, unnamed = shortened(note.destinations, LARGEST - SPARE - len(bare))
    return _write(replace(note, destinations=names, unnamed=unnamed))


def _write(note: Note) -> str:
    return json.dumps(
        {
            "version": WITHOUT_NAMES if note.unnamed else SCHEMA_VERSION,
            "lineage": note.lineage,
            "pending": _write_key(note.pending),
            "confirmed": _write_key(note.confirmed),
            "previous": [
                {
                    "key_id": key.key_id,
                    "fingerprint": key.fingerprint,
                    "superseded_at": key.superseded_at.isoformat(),
                    "revoke_after": key.revoke_after.isoformat(),
                    "drain": key.drain,
                }
                for key in note.previous
            ],
            "destinations": list(note.destinations),
            **({"unnamed": asdict(note.unnamed)} if note.unnamed else {}),
            **({"stood_until": note.stood_until.isoformat()} if note.stood_until else {}),
            "run_url": note.run_url,
        }
    )


def read_note(text: str, where: str) -> Note:
    """Read a note back. `where` names it for people.

    Raises:
        Refused: `note-unreadable`, or `note-too-new` for a later schema version.
    """
    try:
        data = json.loads(text)
        version = data["version"]
        if version in (SCHEMA_VERSION, WITHOUT_NAMES):
            return _note(data)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _unreadable("note", where) from None
    if isinstance(version, int) and version > WITHOUT_NAMES:
        raise Refused(
            "note-too-new",
            f"{where} was written by a newer neon-rotate (schema {version}; this one reads {WITHOUT_NAMES}).",
            "Use the newer version of the action in this workflow too.",
        )
    raise _unreadable("note", where)


def write_lock(run: Run, expires_at: datetime) -> str:
    """Give the text of a lock that `run` holds until `expires_at`."""
    return json.dumps(
        {
            "version": SCHEMA_VERSION,
            "run_id": run.run_id,
            "attempt": run.attempt,
            "token": run.nonce,
            "expires_at": expires_at.isoformat(),
            "run_url": run.url,
        }
    )


def read_lock(text: str, where: str) -> LockFacts:
    """Read a lock back.

    Raises:
        Refused: `lock-unreadable`.
    """
    try:
        data = json.loads(text)
        if data["version"] != SCHEMA_VERSION:
            raise _unreadable("lock", where)
        return LockFacts(
            _integer(data["run_id"]),
            _integer(data["attempt"]),
            _text(data["token"]),
            _time(data["expires_at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _unreadable("lock", where) from None


def _unreadable(what: str, where: str) -> Refused:
    also = " and set `old_key_id` to the key in use" if what == "note" else ""
    return Refused(
        f"{what}-unreadable",
        f"{where} is not a {what} that this version can read.",
        f"Look at it in the repository's Settings → Secrets and variables → Actions → Variables. "
        f"If nobody needs it, delete it{also}.",
    )


def _write_key(key: KeyRecord | None) -> dict[str, object] | None:
    if key is None:
        return None
    return {"key_id": key.key_id, "name": key.name, "fingerprint": key.fingerprint, "at": key.at.isoformat()}


def _note(data: dict[str, Any]) -> Note:
    pending, confirmed = data["pending"], data["confirmed"]
    return Note(
        lineage=_text(data["lineage"]),
        pending=None if pending is None else PendingKey(*_key_fields(pending)),
        confirmed=None if confirmed is None else ConfirmedKey(*_key_fields(confirmed)),
        previous=tuple(
            PreviousKey(
                _integer(key["key_id"]),
                None if key["fingerprint"] is None else _text(key["fingerprint"]),
                _time(key["superseded_at"]),
                _time(key["revoke_after"]),
                _truth(key["drain"]),
            )
            for key in data["previous"]
        ),
        destinations=tuple(_text(name) for name in data["destinations"]),
        run_url=_text(data["run_url"]),
        unnamed=_unnamed(data["unnamed"]) if data["version"] == WITHOUT_NAMES else None,
        stood_until=None if data.get("stood_until") is None else _time(data["stood_until"]),
    )


def _unnamed(data: dict[str, Any]) -> Unnamed:
    marks = _text(data["marks"])
    base64.b64decode(marks, validate=True)
    return Unnamed(_integer(data["count"]), _text(data["digest"]), marks)


def _key_fields(data: dict[str, Any]) -> tuple[int, str, str, datetime]:
    return _integer(data["key_id"]), _text(data["name"]), _text(data["fingerprint"]), _time(data["at"])


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not an integer")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _time(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
