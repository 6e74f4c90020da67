"""Why not to proceed with a key that was made by hand: nothing says which it is, or what is said is contradicted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from rotate.errors import Refused, RotateError, one_line
from rotate.protocol.decisions import narrowing
from rotate.protocol.decisions.deaths import standing_of_value
from rotate.protocol.decisions.recovery import Situation, heals
from rotate.protocol.facts.model import Dead, Identity, LiveKey, Snapshot
from rotate.protocol.facts.policy import Policy

SHOWN_CANDIDATES = 10
# Neon's clock and ours may differ by some seconds, and Neon tells whole ones.
JUST_NOW = timedelta(seconds=10)


def old_key_known(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """The id of the key being replaced is never guessed (protocol: fact 3)."""
    note = snapshot.note
    wider = narrowing.holds_wider(snapshot, policy)
    if not policy.rotates or policy.nothing_before or situation.members or (note and note.confirmed and not wider):
        return
    named = policy.named_key_id or policy.old_key_name
    if wider and (not named or narrowing.cannot_go(snapshot, policy)):
        return  # a narrower key is added; nothing goes but what a knock finds, or why not was said
    if nothing_to_lose(snapshot, policy) or (policy.exposure and policy.exposure.key_id):
        return  # an exposed key has a guard of its own
    if policy.find_old_key and policy.value_at_hand and policy.exposure is None:
        return  # the knock finds it
    lines = lines_to_add(snapshot, policy, now)
    if policy.old_key_name:
        bearers = sum(key.name == policy.old_key_name for key in snapshot.live)
        yield Refused(
            "old-key-not-found",
            f"`old_key_id` is a key's name, which {bearers or 'no'} live keys of this scope bear; it must be one.",
            f"Name the key that the secret holds by its id:{lines}",
        )
    elif policy.named_key_id is None:
        nothing = "" if policy.self_rotation else " (or `none`, if there is no key to replace)"
        yield Refused(
            "old-key-unknown",
            "This is the first rotation, and nothing says which key is being replaced. Neon has no way to ask.",
            f"Pick the key that the secret holds from the table of live keys and add its id{nothing}:{lines}",
        )
    elif not heals(snapshot, policy):
        nothing = "" if policy.self_rotation else ", or `none` if it was revoked by hand"
        yield Refused(
            "old-key-not-found",
            f"`old_key_id` {policy.named_key_id} is not among the live keys of this scope.",
            f"Pick the key that the secret holds from the table of live keys{nothing}:{lines}",
        )


def none_is_true(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """`old_key_id: none` is contradicted by a value at hand that answers 200: its key would live on in no secret."""
    note = snapshot.note
    if not policy.rotates or not policy.nothing_before or situation.members or (note and note.confirmed):
        return
    if policy.value_at_hand is None or not isinstance(standing_of_value(snapshot, policy), Identity):
        return
    given = "api_key" if policy.self_rotation else "current_key"
    other = "" if policy.self_rotation else " Or leave out `current_key`, if no destination holds that key."
    yield Refused(
        "old-key-contradicted",
        f"`old_key_id: none` says that there is no key to replace, but the value in `{given}` was just answered 200: "
        "it would go on living, in no secret, for ever.",
        f"Pick its id from the table of live keys and add it.{other}" + lines_to_add(snapshot, policy, now),
    )


def not_refuted(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """An earlier run's knock showed that the line names another team's key: it stays wrong until it is corrected."""
    note = snapshot.note
    if policy.rotates and note and note.refuted and note.shown and policy.old_key_id == note.refuted:
        yield Refused(
            "old-key-contradicted",
            f"`old_key_id` names key {note.refuted}, which an earlier run showed not to be the one that the secret "
            f"held: that was key {note.shown}.",
            f"Correct the line and run it again:\n\n    old_key_id: {note.shown}",
        )


def by_name(policy: Policy, snapshot: Snapshot) -> Policy:
    """Give the id of the one live key that bears the name which the person gave; what was asked, if none or several."""
    bearers = [key.key_id for key in snapshot.live if key.name == policy.old_key_name]
    return replace(policy, old_key_id=bearers[0], old_key_name="") if len(bearers) == 1 else policy


def nothing_to_lose(snapshot: Snapshot, policy: Policy) -> bool:
    """After an exposure, what the destinations hold may be dead already: whatever its id was, a new key helps."""
    return policy.exposure is not None and isinstance(snapshot.previous, Dead)


def lines_to_add(snapshot: Snapshot, policy: Policy, now: datetime) -> str:
    """Offer the live keys as lines to paste; first the one that this run has just used, where no other key was used."""
    used = used_just_now(snapshot, policy, now)
    keys = sorted(snapshot.live, key=lambda key: key != used)[:SHOWN_CANDIDATES]
    said = {key: ": used by this run just now; no other key was" if key == used else "" for key in keys}
    lines = [f"    old_key_id: {key.key_id}    # {one_line(key.name)}{said[key]}" for key in keys]
    auto = ["    old_key_id: auto    # let the run find out which key the value is"] if policy.value_at_hand else []
    none = [] if policy.self_rotation or policy.nothing_before else ["    old_key_id: none"]
    return " one of\n\n" + "\n".join([*lines, *auto, *none])


def used_just_now(snapshot: Snapshot, policy: Policy, now: datetime) -> LiveKey | None:
    """Give the one key that was used while this run used the value at hand: a hint for a person, never acted upon."""
    if not isinstance(standing_of_value(snapshot, policy), Identity):
        return None
    used = [key for key in snapshot.live if key.last_used_at and abs(now - key.last_used_at) <= JUST_NOW]
    return used[0] if len(used) == 1 else None
