"""Which destinations do not surely hold the confirmed key any more, as far as a look at them tells.

The note says until when our writes stood, by the destinations' own clocks. A write time after that is somebody else's,
and so is another value, where a place tells what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from rotate.errors import listed
from rotate.protocol.facts.destination import DestinationFacts, Mark, later
from rotate.protocol.facts.known_places import known
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import Policy, RevokeWhen


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why to rotate, or to write the confirmed key again: a stable reason code, and a sentence for people."""

    reason: str
    sentence: str


def lacking(snapshot: Snapshot, policy: Policy, *, older: bool) -> Trigger | None:
    """Say what is missing, the first reason alone. `older`: keys live that may go only where nothing is.

    After an exposure nothing waits for what somebody wrote since, but for `revoke_when: all`.
    """
    note = snapshot.note
    if note is None or note.confirmed is None:
        return None
    key = f"key {note.confirmed.key_id}"
    facts = marks(note, snapshot, policy)
    empty = next((name for name, mark in facts.items() if mark is None), None)
    if empty:
        return Trigger("destination-missing", f"{empty} holds no secret any more")
    if policy.exposure is not None and policy.exposure.revoke_when is not RevokeWhen.ALL:
        return None
    if any(note.until(name, mark) is None for name, mark in facts.items()):
        unknown = f"the note does not tell until when the writes of {key} stood"
        return Trigger("destination-not-shown", unknown) if older else None
    since = [name for name, mark in facts.items() if mark and later(mark, note.until(name, mark))]
    if since:
        return Trigger("destination-overwritten", f"{listed(since)} was written since {key} was confirmed there")
    return None


def marks(note: Note, snapshot: Snapshot, policy: Policy) -> dict[str, Mark | None]:
    """Give what each of today's destinations that the note knows tells of its last write, of those that were seen."""
    noted = known(note, policy.destinations, snapshot.owners)
    seen = {name: snapshot.destinations.get(name) for name in policy.destinations if name in noted}
    return {name: one.mark for name, one in seen.items() if isinstance(one, DestinationFacts)}
