"""Whose keys a run is about, as the first look tells, and why not to proceed with them: they are another lineage's, the
one being replaced is not known, there are too many.

Asked only where the list of keys could be read (see `guards`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from rotate.errors import Refused, RotateError, one_line
from rotate.protocol.decisions import first_key_guards
from rotate.protocol.decisions.recovery import Situation, crowded, foreign_value, heals
from rotate.protocol.decisions.triggers import why_rotate
from rotate.protocol.facts.marker import LINEAGE_LIMIT, Lineage
from rotate.protocol.facts.model import Snapshot, ids_of
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import Command, Policy

Guard = Callable[[Snapshot, Situation, Policy, datetime], Iterator[RotateError]]


def old_keys_scope(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """What is superseded must have the scope of what replaces it (features: 17)."""
    for key in situation.members:
        if key.project_id != policy.project_id and not key.wider:
            has = f"is bound to project {key.project_id}" if key.project_id else "reaches the whole organization"
            asked = f"project {policy.project_id}" if policy.project_id else "the whole organization"
            yield Refused(
                "scope-mismatch",
                f"Key {key.label} {has}, but this run would issue a key for {asked}.",
                "Set `scope` and `project_id` to those of the key being replaced, or name another `old_key_id`.",
            )


def value_known(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """A value that belongs to no key whose id we know could not be revoked afterwards."""
    found = (policy.kills and snapshot.unproven) or (policy.find_old_key and policy.exposure is None)
    unknown = policy.rotates and not found and foreign_value(snapshot, policy, situation)
    if unknown and not (first_key_guards.nothing_to_lose(snapshot, policy) or heals(snapshot, policy)):
        given = "api_key" if policy.self_rotation else "current_key"
        minter = (
            " If `api_key` is only the minter, add `current_key: ${{ secrets.NEON_API_KEY }}`."
            if policy.self_rotation
            else ""
        )
        yield Refused(
            "current-key-unknown",
            f"The key in `{given}` is none of the keys that the note knows: somebody replaced the secret by hand.",
            f"Pick its id from the table of live keys and add it.{minter}"
            + first_key_guards.lines_to_add(snapshot, policy, now),
        )


def value_is_current(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """A sweep revokes with the value at hand, which must not be one of those it revokes."""
    confirmed = snapshot.claim.confirmed if snapshot.claim else None
    if policy.command is not Command.SWEEP or confirmed is None:
        return
    if policy.self_rotation and policy.value_at_hand != confirmed.fingerprint:
        yield Refused(
            "value-differs",
            f"The key in `api_key` is not the confirmed key {confirmed.key_id}: this run was queued before the last "
            "rotation, or somebody replaced the secret by hand.",
            "Run it again. If the secret was replaced by hand, run `rotate` with `old_key_id`.",
        )


def one_key_per_name(_: Snapshot, situation: Situation, *__: object) -> Iterator[RotateError]:
    """Neon keeps names unique while their keys live; two of one name mean that we misread the world."""
    counts = Counter(key.name for key in situation.members)
    for name, count in counts.items():
        if count > 1:
            ids = ", ".join(str(key.key_id) for key in situation.members if key.name == name)
            yield Refused(
                "duplicate-key-name",
                f"{count} live keys are named {one_line(name)} (ids {ids}); a name must point to one key.",
                "Revoke the one that nothing uses at Neon → API keys, then run this again.",
            )


def key_count(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """Live keys of a lineage are bounded (S6): at the bound nothing is issued."""
    if policy.rotates and crowded(situation, policy) and why_rotate(snapshot, situation, policy, now):
        yield too_many(situation, policy)


def too_many(situation: Situation, policy: Policy) -> Refused:
    """Word that no key may be added."""
    ids = ids_of(situation.members)
    return Refused(
        "too-many-live-keys",
        f"{len(situation.members)} keys of this lineage are alive (ids {ids}); {policy.max_live_keys} is the most.",
        "Find out why rotations do not finish (the earlier runs say), revoke at Neon those that nothing uses, "
        "and run this again.",
    )


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


GUARDS: tuple[Guard, ...] = (
    old_keys_scope,
    note_of_another,
    key_of_another,
    first_key_guards.old_key_known,
    first_key_guards.none_is_true,
    first_key_guards.not_refuted,
    value_known,
    value_is_current,
    one_key_per_name,
    key_count,
)
