"""Who else may hold the key that is about to be revoked (protocol.md, *Holders*).

A key that we issued is held only where we put it. One that was made by hand may be held anywhere: so when it is first
met, the same name is looked for where the owners of the destinations can show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from rotate.errors import Refused, RotateError
from rotate.protocol.decisions import absent
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.moves import Observe
from rotate.protocol.facts.policy import Policy, holder_word

if TYPE_CHECKING:
    from rotate.protocol.decisions.position import Position, Step
    from rotate.protocol.decisions.recovery import Situation
    from rotate.protocol.facts.found import FoundSecret

MOST_NAMED = 20
# A search that took so many requests is said in the plan.
MANY_REQUESTS = 20
ASKS = frozenset({"old-key-unknown", "old-key-not-found", "secret-absent", "secret-shadowed"})


def wanted(snapshot: Snapshot, situation: Situation, policy: Policy) -> bool:
    """Say whether a routine rotation is to revoke a key that was made by hand, and that no run has judged before."""
    if not policy.rotates or policy.exposure or policy.nothing_before or isinstance(snapshot.keys, RotateError):
        return False
    note = snapshot.note
    known = note.key_ids() if note else frozenset()
    named = [key for key in situation.members if key.key_id == policy.old_key_id]
    strange = any(key.key_id not in known and not policy.lineage.holds(key.name) for key in named)
    return strange or not (situation.members or (note and note.confirmed))


def guard(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """What nobody named may hold the key that dies. After an exposure nothing waits for that."""
    found = snapshot.holders.found if snapshot.holders else ()
    if found and wanted(snapshot, situation, policy):
        from rotate.protocol.facts.found import entries

        lines = "\n".join(entries(found[:MOST_NAMED]))
        words = ", ".join(holder_word(one.owner, one.store, one.environment) for one in found[:MOST_NAMED])
        yield Refused(
            "holder-left-out",
            f"A secret of the same name, which nobody named, is in: {named(found)}. The key that is to be revoked was "
            "made by hand, so each of them may hold it, and would hold a dead key.",
            f"If it holds that key, make it a destination, in the policy file:\n\n{lines}\n\nIf it holds "
            f"another value:\n\n    ignore_holders: {words}",
        )


def named(found: tuple[FoundSecret, ...]) -> str:
    """Name some, and say how many more there are."""
    more = len(found) - MOST_NAMED
    return ", ".join(one.address for one in found[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def closer(position: Position) -> frozenset[Aspect]:
    """Give what is to be looked at beside the usual: what only a first rotation rests on."""
    seen, found = position.snapshot, set[Aspect]()
    if seen.holders is None and wanted(seen, position.situation, position.policy):
        found.add(Aspect.HOLDERS)
    if seen.neighbours is None and absent.places(seen, position.policy):
        found.add(Aspect.NEIGHBOURS)
    return frozenset(found)


def look(position: Position) -> Step | None:
    """0: look closer before anything is decided. A run that takes the lock does so beside its second look."""
    aspects = frozenset() if position.progress.committed else closer(position)
    return (Observe(aspects),) if aspects else None


def after_exposure(position: Position) -> Step | None:
    """Look once all else is done, or has failed: others may hold an exposed key that was made by hand."""
    policy, note, exposed = position.policy, position.snapshot.note, position.situation.exposed
    if policy.exposure is None or not position.progress.put or exposed is None or position.snapshot.holders is not None:
        return None
    key = next((one for one in position.snapshot.live if one.key_id == exposed), None)
    noted = note is not None and exposed in note.key_ids()
    ours = noted if key is None else policy.lineage.holds(key.name)
    return None if ours else (Observe(frozenset({Aspect.HOLDERS})),)


def cost(snapshot: Snapshot) -> tuple[str, ...]:
    """Say what the search costs, for a plan, where that is worth knowing."""
    count = snapshot.holders.requests if snapshot.holders else 0
    many = f"look for other secrets of the same name: {count} requests, in the first rotation alone"
    return (many,) if count >= MANY_REQUESTS else ()
