"""Why not to proceed with these keys: whose they are, which one is replaced, how many there may be.

Asked only where the list of keys could be read (see `guards`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from rotate.errors import Refused, RotateError, one_line
from rotate.protocol.model import Dead, Snapshot
from rotate.protocol.policy import Command, Policy
from rotate.protocol.recovery import Situation, crowded, foreign_value, heals
from rotate.protocol.triggers import why_rotate

SHOWN_CANDIDATES = 10

Guard = Callable[[Snapshot, Situation, Policy, datetime], Iterator[RotateError]]


def old_keys_scope(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """What is superseded must have the scope of what replaces it (features: 17)."""
    for key in situation.members:
        if key.project_id != policy.project_id:
            has = f"is bound to project {key.project_id}" if key.project_id else "reaches the whole organization"
            asked = f"project {policy.project_id}" if policy.project_id else "the whole organization"
            yield Refused(
                "scope-mismatch",
                f"Key {key.label} {has}, but this run would issue a key for {asked}.",
                "Set `scope` and `project_id` to those of the key being replaced, or name another `old_key_id`.",
            )


def another_lineage(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The note speaks of other keys than the ones we were asked to rotate."""
    note = snapshot.note
    if note is not None and note.lineage != policy.lineage.name:
        yield Refused(
            "note-of-another-lineage",
            f"The note in this repository is about the keys named `{note.lineage}`, not `{policy.lineage.name}`.",
            f"If it is the same key (a renamed repository, a changed input), add:\n\n    key_name: {note.lineage}\n\n"
            "If these are two keys, give each its own `secret_name`, or rotate each from its own repository.",
        )


def old_key_known(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """The id of the key being replaced is never guessed (protocol: fact 3)."""
    note = snapshot.note
    if not policy.rotates or policy.nothing_before or situation.members or (note and note.confirmed):
        return
    if _nothing_to_lose(snapshot, policy):
        return
    if policy.named_key_id is None:
        yield Refused(
            "old-key-unknown",
            "This is the first rotation, and nothing says which key is being replaced. Neon has no way to ask.",
            "Pick the key that the secret holds from the table of live keys and add its id (or `none`, if there is "
            "no key to replace):" + _lines_to_add(snapshot),
        )
    elif not heals(snapshot, policy):
        yield Refused(
            "old-key-not-found",
            f"`old_key_id` {policy.named_key_id} is not among the live keys of this scope.",
            "Pick the key that the secret holds from the table of live keys, or `none` if it was revoked by hand:"
            + _lines_to_add(snapshot),
        )


def _nothing_to_lose(snapshot: Snapshot, policy: Policy) -> bool:
    """After an exposure, what the destinations hold may be dead already: whatever its id was, a new key helps."""
    return policy.exposure is not None and isinstance(snapshot.previous, Dead)


def value_known(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """A value that belongs to no key whose id we know could not be revoked afterwards."""
    known = heals(snapshot, policy) or _nothing_to_lose(snapshot, policy)
    if policy.rotates and foreign_value(snapshot, policy, situation) and not known:
        given = "api_key" if policy.self_rotation else "current_key"
        minter = (
            " If `api_key` is only the minter, add `current_key: ${{ secrets.NEON_API_KEY }}`."
            if policy.self_rotation
            else ""
        )
        yield Refused(
            "current-key-unknown",
            f"The key in `{given}` is none of the keys that the note knows: somebody replaced the secret by hand.",
            f"Pick its id from the table of live keys and add it.{minter}" + _lines_to_add(snapshot),
        )


def value_is_current(_: Snapshot, situation: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """A sweep revokes with the value at hand, which must not be one of those it revokes."""
    confirmed = situation.confirmed
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
    ids = ", ".join(str(key.key_id) for key in situation.members)
    return Refused(
        "too-many-live-keys",
        f"{len(situation.members)} keys of this lineage are alive (ids {ids}); {policy.max_live_keys} is the most.",
        "Find out why rotations do not finish (the earlier runs say), revoke at Neon those that nothing uses, "
        "and run this again.",
    )


def _lines_to_add(snapshot: Snapshot) -> str:
    lines = [f"    old_key_id: {key.key_id}    # {one_line(key.name)}" for key in snapshot.live[:SHOWN_CANDIDATES]]
    return " one of\n\n" + "\n".join([*lines, "    old_key_id: none"])


GUARDS: tuple[Guard, ...] = (
    old_keys_scope,
    another_lineage,
    old_key_known,
    value_known,
    value_is_current,
    one_key_per_name,
    key_count,
)
