"""Who vouches for a note or a lock: whoever has a value can, and nobody else (protocol: *Who may write the note*).

Note and lock are variables, and those who may write variables are more than those who may read the secrets. So a text
of ours carries a code (HMAC-SHA256) for each value that stands behind it. The key of the code is derived from the value
for this purpose alone; neither tells anything of the value, which is long and random. The codes stand under `seals`, by
the fingerprint of the value that each was made with; they are of everything else that the text says, in its one
canonical form.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rotate.errors import Refused
from rotate.protocol.facts import strict_json
from rotate.protocol.facts.model import LockFacts, NotebookFacts
from rotate.protocol.facts.note_texts import read_lock, read_note, unreadable
from rotate.secret import Secret

PURPOSE = b"neon-rotate: who vouches for a text, version 1"
# A quarter of an hour, the longest waits for an overlap and a canary, and twice the longest job of a hosted runner. Who
# holds a lock for longer (a runner of one's own, thousands of destinations) vouches for it with a value.
LONGEST_LEASE = timedelta(days=1)
BEGINNING = datetime.min.replace(tzinfo=UTC)
SEALS = "seals"


def sealed(kind: str, body: str, values: Iterable[Secret]) -> str:
    """Add to a text of one kind (`note` or `lock`) the codes of these values."""
    said, _ = detached(body)
    codes = {value.fingerprint: _code(kind, said, value) for value in values}
    return json.dumps({**strict_json.parsed(body), SEALS: codes})


def vouched(kind: str, text: str, values: Iterable[Secret]) -> bool | None:
    """Say whether the values at hand vouch for a text: `True`, proven; `False`, forged: one of them should and does
    not; `None`, the text carries no code of any of them.

    Raises:
        ValueError: it is no text that could carry one.
    """
    said, codes = detached(text)
    due = [value for value in values if value.fingerprint in codes]
    if not due:
        return None
    return all(
        hmac.compare_digest(_code(kind, said, value).encode(), codes[value.fingerprint].encode()) for value in due
    )


def _code(kind: str, said: str, value: Secret) -> str:
    key = hmac.new(PURPOSE, value.reveal().encode(), hashlib.sha256).digest()
    return hmac.new(key, f"{kind}\n{said}".encode(), hashlib.sha256).hexdigest()


def note_in(text: str, where: str, values: Sequence[Secret], home: str, *, shared: bool = False) -> NotebookFacts:
    """Read a note, and say how far it may be believed. `home`: of the lineage that it should be about; one that is
    `shared` says it itself, since any of several repositories may have begun it.
    """
    try:
        note, proven = read_note(text, where), vouched("note", text, values)
    except Refused as bad:
        return NotebookFacts(None, None, bad=bad)
    except ValueError:
        return NotebookFacts(None, None, bad=unreadable("note", where))
    if proven is False:
        return NotebookFacts(None, None, bad=_forged(where))
    return NotebookFacts(note, None, proven=proven is True and (shared or note.home == home))


def lock_in(
    text: str, where: str, values: Sequence[Secret], now: datetime, taken_at: datetime | None = None
) -> LockFacts:
    """Read a lock, and say whether a run of ours can have written it. `taken_at`: by the clock of where it is kept."""
    try:
        held, proven = read_lock(text, where, taken_at), vouched("lock", text, values)
    except (Refused, ValueError):
        return LockFacts(0, 0, "", BEGINNING, doubt="it is no lock that this version can read")
    if proven:
        return held
    if held.expires_at > now + LONGEST_LEASE:
        return replace(held, doubt="no run of ours holds a lock for so long")
    return replace(held, by_hand=False)


def _forged(where: str) -> Refused:
    return Refused(
        "note-forged",
        f"{where} was changed by somebody who does not have the key: the code that it carries is not that of its text.",
        "Find out who may write the variables of this repository, and why that was done. If the key may have been seen "
        "too, rotate with `exposed: true` and `exposed_key_id`. Otherwise delete the variable and run this again; a "
        "key that was made by hand needs its id once more:\n\n    old_key_id: …",
    )


def detached(text: str) -> tuple[str, Mapping[str, str]]:
    """Give the canonical form of what a text says, and the codes that it carries.

    Raises:
        ValueError: it is no such text.
    """
    data = strict_json.parsed(text)
    codes = strict_json.mapping(data.pop(SEALS, {}))
    return strict_json.canonical(data), {name: strict_json.text(code) for name, code in codes.items()}
