"""Why not to proceed with this note: nobody who could prove it wrote it (protocol: *Who may write the note*).

A routine run refuses a note that was forged or cannot be read. One that no value at hand can tell counts as none: what
only revokes or copies by it has nothing to go by, and a rotation goes by the names of the keys. Nothing of this stops
the death of an exposed key whose id was named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rotate.errors import Incomplete, Refused, RotateError
from rotate.protocol.decisions.first_key_guards import SHOWN_CANDIDATES
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.policy import Command, Policy

WHY = (
    "No value at hand vouches for the note: it was written by an earlier version or by hand, or the secret was written "
    "since by somebody else, or by a run that did not finish."
)


def trust(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The note must be one of ours, for whatever rests on it."""
    bad = snapshot.bad_note
    if bad is not None and not policy.kills:
        yield bad if policy.exposure is None else _name_it(bad, snapshot)
    if snapshot.unproven and policy.command in (Command.SWEEP, Command.SYNC) and not _names_another(snapshot, policy):
        yield Refused(
            "note-unproven",
            f"{WHY} A `{policy.command}` rests on the note alone.",
            "If another rotation ended a moment ago, this run still holds the value from before it: run it again. "
            "Otherwise run the `rotate` command: it issues a key and begins a new note.",
        )


def _names_another(snapshot: Snapshot, policy: Policy) -> bool:
    """Say whether the note claims that another value is confirmed than the one at hand, which is refused elsewhere."""
    confirmed = snapshot.claim.confirmed if snapshot.claim else None
    compared = policy.self_rotation or policy.command is Command.SYNC
    return confirmed is not None and compared and policy.value_at_hand not in (None, confirmed.fingerprint)


def _name_it(bad: RotateError, snapshot: Snapshot) -> Refused:
    """After an exposure only the id of the key is missing; then the note stops nothing."""
    found = "\n".join(f"    exposed_key_id: {key.key_id}" for key in snapshot.live[:SHOWN_CANDIDATES])
    lines = found or "    exposed_key_id: …"
    remedy = (
        "Name the exposed key, from the table of live keys; it then dies whatever the note says. Add one of\n\n"
        f"{lines}\n\nIf its id is not known, revoke it by hand, now: Neon → API keys → Revoke."
    )
    return Refused(bad.reason, bad.message, remedy)


def unproven(first: Snapshot, policy: Policy) -> Incomplete | None:
    """Word what a note that nobody proves costs; `None` where it is proven, or there is none."""
    claim = first.claim
    if claim is None or not first.unproven:
        return None
    named = (policy.named_key_id, policy.exposure.key_id if policy.exposure else None)
    left = [
        key.key_id
        for key in first.live
        if key.key_id in claim.key_ids() and not policy.lineage.holds(key.name) and key.key_id not in named
    ]
    message = f"{WHY} So this run went by the names of the keys alone."
    if not left:
        return Incomplete("note-unproven", message, "Nothing, if you know why: the next rotation writes a new note.")
    ids = ", ".join(map(str, left))
    return Incomplete(
        "note-unproven",
        f"{message} Key {ids}, which the note names and which was made by hand, was left alone.",
        f"If it is to be revoked, name it again in the next rotation:\n\n    old_key_id: {left[0]}",
    )
