"""What the end shows: doubts, what is still alive and should not be, and the sentence that sums it up."""

from __future__ import annotations

from rotate.errors import Incomplete, RotateError, SourceError
from rotate.protocol import overlap
from rotate.protocol.model import Liveness
from rotate.protocol.steps import Proof
from rotate.protocol.view import View


def doubts(view: View, proof: Proof) -> tuple[RotateError, ...]:
    """Give what the proof leaves open; nothing where the end is shown."""
    if proof.current is Liveness.DEAD:
        return (
            SourceError(
                "new-key-dead",
                "The new key, which every destination holds, answers 401.",
                "Create a key at Neon → API keys, store it in the secret by hand, and run this again.",
            ),
        )
    remedy = "Revoke it now at Neon → API keys if it is exposed; then run this again: it looks once more."
    if proof.previous is Liveness.ALIVE:
        message = "The previous value still answers 200: its key is not the one that was revoked, or still lives."
        hint = "Find its id in the table of live keys and add it as `old_key_id`. "
        return (Incomplete("old-key-alive", message, hint + remedy),)
    listed = {key.key_id for key in proof.live or ()}
    still = sorted(listed & set(view.holding.revoke_tries))
    if still:
        message = f"Key {', '.join(map(str, still))} was revoked but Neon still lists it."
        return (Incomplete("still-listed", message, remedy),)
    if proof.live is None and (unsure := _not_shown_dead(view, proof)):
        ids = ", ".join(map(str, unsure))
        message = f"Neon was asked to revoke key {ids}, but its death could not be shown: no answer."
        return (Incomplete("death-not-proven", message, remedy),)
    return ()


def _not_shown_dead(view: View, proof: Proof) -> list[int]:
    """Give the keys whose end nothing shows, where the list could not be read.

    A dead value shows the end of its own key and of no other: for those it takes Neon's word that each was revoked.
    """
    tried, holding = sorted(view.holding.revoke_tries), view.holding
    if proof.previous is not Liveness.DEAD:
        return tried
    return [key_id for key_id in tried if key_id not in (*holding.revoked_ids, view.value_at_hand_id)]


def exposed_alive(view: View) -> SourceError | None:
    """Word that an exposed key was not shown dead; `None` where it was, or where nothing is exposed."""
    exposed, proof = view.situation.exposed, view.holding.proof
    if view.policy.exposure is None or not view.policy.rotates or exposed is None:
        return None
    if proof is not None and proof.previous is Liveness.ALIVE and view.value_at_hand_id in (None, exposed):
        listed = {exposed}
    elif proof is None:
        listed = {key.key_id for key in view.snapshot.live} if view.keys_readable else {exposed}
    elif proof.live is None:
        listed = set() if proof.previous is Liveness.DEAD else {exposed}
    else:
        listed = {key.key_id for key in proof.live}
    if exposed not in listed:
        return None
    return SourceError(
        "exposed-key-alive",
        f"The exposed key {exposed} could not be shown dead: somebody else may still be using it.",
        f"Revoke key {exposed} now: Neon → Account (or Organization) settings → API keys → Revoke. Then run this "
        "again with `exposed: true`: it restores whatever lost its key.",
    )


def held_too_long(view: View) -> Incomplete | None:
    """Word that a superseded key is still in use after `overlap_max`."""
    found = [one for one in overlap.held(view) if one.overdue]
    if not found:
        return None
    told = "; ".join(f"key {one.key.key_id}: {', '.join(one.stragglers)}" for one in found)
    return Incomplete(
        "straggler-holds",
        f"A superseded key is still in use after the longest overlap: {told}.",
        "Give what uses it the new value, and run this again. To revoke it all the same, set in the policy file:\n\n"
        "    on_straggler: revoke",
    )


def done(view: View, proof: Proof) -> str:
    """Say in a sentence what stands and what died."""
    parts = [_died(view, proof)]
    for one in overlap.held(view):
        why = f" ({', '.join(one.stragglers)})" if one.stragglers else ""
        until = f"until {one.until:%F %T} UTC at least" if one.until > view.now else "until nothing uses it"
        parts.append(f"key {one.key.key_id} stays valid {until}{why}; a later run revokes it")
    return "; ".join(filter(None, parts))


def _died(view: View, proof: Proof) -> str:
    ids = ", ".join(str(key_id) for key_id in view.holding.revoked_ids)
    if not ids and view.stands_again and view.holding.pending:
        return f"key {view.holding.pending.key_id} stands in every destination again"
    if not ids and view.doomed:
        return "the new key stands in every destination" if view.holding.pending else ""
    if not ids:
        return "the first key of this lineage stands in every destination; there was nothing to revoke"
    shown = []
    if proof.previous is Liveness.DEAD:
        control = " (200 before)" if view.holding.control is Liveness.ALIVE else ""
        shown.append(f"its value answers 401{control}")
    if proof.live is not None:
        shown.append("absent from the list")
    return f"key {ids} is dead: {', '.join(shown)}"
