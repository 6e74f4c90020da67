"""The texts of the note and the lock: JSON with a schema version, and nothing secret in either.

What cannot be read is refused, never taken for absent (S9). What can be read is not yet believed: `rotate.run.seals`
says who vouches for it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from rotate.errors import Refused
from rotate.protocol.facts import strict_json
from rotate.protocol.facts.known_places import shortened
from rotate.protocol.facts.model import LockFacts
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey, PreviousKey, Times, Unnamed
from rotate.protocol.facts.policy import Run
from rotate.protocol.facts.strict_json import Object, Value

# Notes of the first two carry no code of who wrote them; the second has no room for every destination's name.
SCHEMA_VERSION, WITHOUT_NAMES, BARE = 3, 2, 1
LOCK_VERSION = 1
# GitHub lets a variable have 48 KB (facts: GitHub §5); pending and previous keys may yet be added.
LARGEST, SPARE = 48 * 1000, 2000


def write_note(note: Note) -> str:
    """Give the text to keep; with so many destinations that their names do not fit, without some of them."""
    text = _write(note)
    if len(text) <= LARGEST - SPARE or note.unnamed:
        return text
    bare = _write(
        replace(note, destinations=(), owners=(), unnamed=Unnamed(len(note.destinations), "0" * 64, "", "0" * 64))
    )
    names, unnamed = shortened(note, LARGEST - SPARE - len(bare))
    return _write(replace(note, destinations=names, owners=(), unnamed=unnamed))


def _write(note: Note) -> str:
    said = {"version": SCHEMA_VERSION, **asdict(note), "stood_until": dict(note.stood_until)}
    return json.dumps(said, default=datetime.isoformat)


def read_note(text: str, where: str) -> Note:
    """Read a note back. `where` names it for people.

    Raises:
        Refused: `note-unreadable`, or `note-too-new` for a later schema version.
    """
    try:
        data = strict_json.parsed(text)
        version = strict_json.integer(data["version"])
        if BARE <= version <= SCHEMA_VERSION:
            return _note(data, version)
    except (ValueError, KeyError):
        raise unreadable("note", where) from None
    if version > SCHEMA_VERSION:
        raise Refused(
            "note-too-new",
            f"{where} was written by a newer neon-rotate (schema {version}; this one reads {SCHEMA_VERSION}).",
            "Use the newer version of the action in this workflow too.",
        )
    raise unreadable("note", where)


def write_lock(run: Run, now: datetime, lease: timedelta) -> str:
    """Give the text of a lock that `run` holds from `now` on, for so long.

    `now` may be the clock of a machine that is off: who knows when the lock was taken counts from there.
    """
    return json.dumps(
        {
            "version": LOCK_VERSION,
            "run_id": run.run_id,
            "attempt": run.attempt,
            "token": run.nonce,
            "expires_at": (now + lease).isoformat(),
            "seconds": int(lease.total_seconds()),
            "run_url": run.url,
        }
    )


def read_lock(text: str, where: str, taken_at: datetime | None = None) -> LockFacts:
    """Read a lock back. `taken_at`: when it was taken, by the clock of where it is kept.

    Raises:
        Refused: `lock-unreadable`.
    """
    try:
        data = strict_json.parsed(text)
        if strict_json.integer(data["version"]) != LOCK_VERSION:
            raise unreadable("lock", where)
        return LockFacts(
            strict_json.integer(data["run_id"]),
            strict_json.integer(data["attempt"]),
            strict_json.text(data["token"]),
            _expiry(data, taken_at),
            by_hand=not strict_json.text(data.get("run_url", "")),
            repository=_repository(strict_json.text(data.get("run_url", ""))),
        )
    except (ValueError, KeyError):
        raise unreadable("lock", where) from None


def _repository(run_url: str) -> str:
    """Give the repository (`owner/name`) of a run's page; empty for what is none."""
    found = re.fullmatch(r"https?://[^/]+/([\w.-]+/[\w.-]+)/actions/runs/\d+", run_url)
    return found[1] if found else ""


def _expiry(data: Object, taken_at: datetime | None) -> datetime:
    said = strict_json.time(data["expires_at"])
    if taken_at is None or "seconds" not in data:
        return said
    try:
        return taken_at + timedelta(seconds=strict_json.integer(data["seconds"]))
    except OverflowError:
        raise ValueError("a lease without end") from None


def unreadable(what: str, where: str) -> Refused:
    """Word that what stands at a place is none of ours."""
    also = " and set `old_key_id` to the key in use" if what == "note" else ""
    return Refused(
        f"{what}-unreadable",
        f"{where} is not a {what} that this version can read.",
        f"Look at it in the repository's Settings → Secrets and variables → Actions → Variables. "
        f"If nobody needs it, delete it{also}.",
    )


def _note(data: Object, version: int) -> Note:
    pending, confirmed = data["pending"], data["confirmed"]
    unnamed = data["unnamed"] if version > BARE else None
    return Note(
        lineage=strict_json.text(data["lineage"]),
        pending=None if pending is None else PendingKey(*_key_fields(pending)),
        abandoned=tuple(PendingKey(*_key_fields(one)) for one in strict_json.listing(data.get("abandoned", []))),
        confirmed=None if confirmed is None else ConfirmedKey(*_key_fields(confirmed)),
        previous=tuple(map(_previous, strict_json.listing(data["previous"]))),
        destinations=tuple(map(strict_json.text, strict_json.listing(data["destinations"]))),
        run_url=strict_json.text(data["run_url"]),
        unnamed=None if unnamed is None else _unnamed(unnamed),
        owners=tuple(map(strict_json.integer, strict_json.listing(data.get("owners", [])))),
        reached=tuple(map(strict_json.text, strict_json.listing(data.get("reached", [])))),
        home=strict_json.text(data["home"]) if version == SCHEMA_VERSION else "",
        account=strict_json.text(data.get("account", "")),
        refuted=_number(data.get("refuted")),
        shown=_number(data.get("shown")),
        stood_until=_times(data.get("stood_until")),
    )


def _previous(value: Value) -> PreviousKey:
    key = strict_json.mapping(value)
    return PreviousKey(
        strict_json.integer(key["key_id"]),
        None if key["fingerprint"] is None else strict_json.text(key["fingerprint"]),
        strict_json.time(key["superseded_at"]),
        strict_json.time(key["revoke_after"]),
        strict_json.truth(key["drain"]),
        strict_json.truth(key.get("wider", False)),
    )


def _unnamed(value: Value) -> Unnamed:
    data = strict_json.mapping(value)
    count, marks = strict_json.integer(data["count"]), strict_json.packed(data["marks"])
    return Unnamed(count, strict_json.text(data["digest"]), marks, strict_json.text(data.get("owners", "")))


def _times(value: Value) -> Times:
    """Read a time for each kind of destination; earlier versions wrote one for all."""
    if value is None:
        return ()
    times = value if isinstance(value, dict) else {"": value}
    return tuple(sorted((kind, strict_json.time(at)) for kind, at in times.items()))


def _number(value: Value) -> int | None:
    return None if value is None else strict_json.integer(value)


def _key_fields(value: Value) -> tuple[int, str, str, datetime]:
    data = strict_json.mapping(value)
    return (
        strict_json.integer(data["key_id"]),
        strict_json.text(data["name"]),
        strict_json.text(data["fingerprint"]),
        strict_json.time(data["at"]),
    )
