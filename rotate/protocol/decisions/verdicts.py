"""What the end shows: doubts, what is still alive and should not be, and the sentence that sums it up."""

from __future__ import annotations

from rotate.errors import Incomplete, RotateError, SourceError
from rotate.protocol.decisions import deaths, overlap
from rotate.protocol.decisions.position import Position
from rotate.protocol.facts.model import Liveness
from rotate.protocol.facts.moves import Proof


def doubt(position: Position, proof: Proof) -> RotateError | None:
    """Give what the proof leaves open; nothing where the end is shown."""
    if proof.current is Liveness.DEAD:
        return SourceError(
            "new-key-dead",
            "The new key, which every destination holds, answers 401.",
            "Create a key at Neon → API keys, store it in the secret by hand, and run this again.",
        )
    remedy = "Revoke it now at Neon → API keys if it is exposed; then run this again: it looks once more."
    if proof.previous is Liveness.ALIVE:
        bystander = _bystander(position)
        if bystander:
            return bystander
        message = "The previous value still answers 200: its key is not the one that was revoked, or still lives."
        hint = "Find its id in the table of live keys and add it as `old_key_id`. "
        return Incomplete("old-key-alive", message, hint + remedy)
    listed = {key.key_id for key in proof.live or ()}
    still = sorted(listed & set(position.progress.revoke_tries))
    if still:
        message = f"Key {', '.join(map(str, still))} was revoked but Neon still lists it."
        return Incomplete("still-listed", message, remedy)
    if proof.live is None and (unsure := _not_shown_dead(position, proof)):
        ids = ", ".join(map(str, unsure))
        message = f"Neon was asked to revoke key {ids}, but its death could not be shown: no answer."
        return Incomplete("death-not-proven", message, remedy)
    return None


def _bystander(position: Position) -> Incomplete | None:
    """Word that the key which the person named was another than the one in the secret, and is dead now."""
    named = position.policy.old_key_id
    if named not in position.progress.revoked_ids or position.value_at_hand_id not in (None, named):
        return None
    label = next((key.label for key in position.snapshot.live if key.key_id == named), str(named))
    return Incomplete(
        "bystander-revoked",
        f"Key {label} was revoked, because `old_key_id` named it. It was not the key in the secret: the previous value "
        "still answers 200.",
        f"1. What used key {named} is down: make another key for it at Neon → API keys.\n"
        "2. The key that the secret held is still alive: find it in the table of live keys (it was used just now), "
        "name it, and run this again:\n\n    old_key_id: …",
    )


def _not_shown_dead(position: Position, proof: Proof) -> list[int]:
    """Give the keys whose end nothing shows, where the list could not be read.

    A dead value shows the end of its own key and of no other: for those it takes Neon's word that each was revoked.
    """
    tried, progress = sorted(position.progress.revoke_tries), position.progress
    if proof.previous is not Liveness.DEAD:
        return tried
    return [key_id for key_id in tried if key_id not in (*progress.revoked_ids, position.value_at_hand_id)]


def exposed_alive(position: Position) -> SourceError | None:
    """Word that an exposed key was not shown dead; `None` where it was, or where nothing is exposed."""
    exposed, asked = position.situation.exposed, position.policy.exposure is not None and position.policy.rotates
    if not asked or (exposed is None and position.policy.value_at_hand is None) or deaths.shown(position):
        return None
    which = "" if exposed is None else f" {exposed}"
    by_hand = f"Revoke key{which} now" if which else "Find its row in the table of live keys and revoke it now"
    return SourceError(
        "exposed-key-alive",
        f"The exposed key{which} could not be shown dead: somebody else may still be using it.",
        f"{by_hand}: Neon → Account (or Organization) settings → API keys → Revoke. Then run this "
        "again with `exposed: true`: it restores whatever lost its key.",
    )


def lock_broken(position: Position) -> Incomplete:
    """Word what a lock that was broken under a run at work leaves undone."""
    left = [key.key_id for key in position.situation.members if key.key_id not in position.progress.revoked_ids]
    others = f" Other keys of this lineage were left alone: {', '.join(map(str, left))}." if left else ""
    return Incomplete(
        "lock-broken",
        f"The lock of a run that may be at work was broken, so only the exposed key was revoked.{others}",
        "When that run has ended, run the routine rotation: it writes the newest key everywhere and revokes what is "
        "older.",
    )


def held_too_long(position: Position) -> Incomplete | None:
    """Word that a superseded key is still in use after `overlap_max`."""
    found = [one for one in overlap.held(position) if one.overdue]
    if not found:
        return None
    told = "; ".join(f"key {one.key.key_id}: {', '.join(one.stragglers)}" for one in found)
    return Incomplete(
        "straggler-holds",
        f"A superseded key is still in use after the longest overlap: {told}.",
        "Give what uses it the new value, and run this again. To revoke it all the same, set in the policy file:\n\n"
        "    on_straggler: revoke",
    )


def done(position: Position, proof: Proof) -> str:
    """Say in a sentence what stands and what died."""
    parts = [_died(position, proof)]
    for one in overlap.held(position):
        why = f" ({', '.join(one.stragglers)})" if one.stragglers else ""
        until = f"until {one.until:%F %T} UTC at least" if one.until > position.now else "until nothing uses it"
        parts.append(f"key {one.key.key_id} stays valid {until}{why}; a later run revokes it")
    return "; ".join(filter(None, parts))


def _died(position: Position, proof: Proof) -> str:
    ids, gone = ", ".join(map(str, position.progress.revoked_ids)), _gone(position)
    if not ids and position.stands_again and position.progress.pending:
        return f"key {position.progress.pending.key_id} stands in every destination again"
    if not ids and not gone and position.doomed:
        return "the new key stands in every destination" if position.progress.pending else ""
    if not ids and not gone:
        return "the first key of this lineage stands in every destination; there was nothing to revoke"
    shown = []
    if proof.previous is Liveness.DEAD:
        control = " (200 before)" if position.progress.control is Liveness.ALIVE else ""
        whose = "the value that was replaced" if len(position.progress.revoke_tries) > 1 else "its value"
        shown.append(f"{whose} answers 401{control}")
    if proof.live is not None:
        shown.append("absent from the list")
    many = "," in (ids or gone)
    which = f"keys {ids or gone} are" if many else f"key {ids or gone} is"
    said = f"{which} dead" if ids else f"{which} gone, though Neon did not say that this run revoked it"
    return f"{said}: {', '.join(shown)}"


def _gone(position: Position) -> str:
    """Name the keys that were to be revoked and that the list, read again since, has no more."""
    known = {*position.progress.revoked_ids, *(key.key_id for key in position.doomed)}
    return ", ".join(str(key_id) for key_id in position.progress.revoke_tries if key_id not in known)
