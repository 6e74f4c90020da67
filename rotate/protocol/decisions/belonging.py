"""Whose keys a run is about: what is learnt of the lineage by the first look, and keys that are another lineage's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from rotate.errors import Refused, RotateError, one_line
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.facts.marker import LINEAGE_LIMIT, Lineage
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import Policy


def settled(policy: Policy, learnt: Lineage | None, note: Note | None, *, shared: bool = False) -> Policy:
    """Give the policy with the lineage as it is known now. `shared`: several repositories go on with one lineage, which
    is at home where it was begun.

    Where nobody chose a name, the note's counts: what it was made from, the primary destination, may have changed.
    """
    lineage = learnt or policy.lineage
    name = lineage.name if lineage.named or note is None else note.lineage
    home = note.home if shared and note and note.home else lineage.home
    return replace(policy, lineage=replace(lineage, name=name, home=home))


def note_of_another(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The note speaks of other keys than those that a person named."""
    note = snapshot.claim
    if note is None or (policy.kills and snapshot.unproven):
        return
    if policy.lineage.named and note.lineage != policy.lineage.name:
        name = one_line(note.lineage, LINEAGE_LIMIT)
        yield Refused(
            "note-of-another-lineage",
            f"The note in this repository is about the keys named `{name}`, not `{policy.lineage.name}`.",
            "If it is the same key, leave out `key_name`, or give the name that it had:\n\n"
            f"    key_name: {name}\n\n"
            "If these are two keys, give this one a note and a lock of its own:\n\n    credential: ANOTHER_NAME",
        )


def key_of_another(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The key that a person named as the old one bears another lineage's marker: somebody else's rotation keeps it.

    One that is said to be exposed dies, whosever it is.
    """
    noted = snapshot.note.key_ids() if snapshot.note else frozenset()
    exposed = policy.exposure.key_id if policy.exposure else None
    for key in snapshot.live:
        if key.key_id != policy.old_key_id or key.key_id in (*noted, exposed):
            continue
        if policy.lineage.others(key.name):
            yield Refused(
                "key-of-another-lineage",
                f"`old_key_id` names key {key.label}. Its name shows that another rotation issued it: another "
                "repository's, or another credential's.",
                "Look at the secret and pick the id of the key that it holds. If it does hold this one, and the other "
                "rotation is no more, create a key by hand at Neon, store it in the secret, and name that one's id. If "
                f"this key is exposed, say so:\n\n    exposed: true\n    exposed_key_id: {key.key_id}",
            )
