"""Given the snapshot and what this run holds, the next batch of moves, or the verdict.

The routine rotation, by its numbers (protocol.md, *Routine rotation*), and the file that knows each:

 0  Preflight: observe everything; every guard is heard; with nothing to do the run ends here.     guards, health
 1  Lock, and observe again what decisions rest on.                                                locking
 2  Issue the pending key under a fresh marker (or adopt the value at hand, R1).                   distribution
 3  Verify it. Note pending goes out with the first put.
 4  Put: the primary first, then the rest at once; one failing does not stop the others.
 5  Confirm each from its receipt. Where a key made by hand is replaced, the knock: which one is it?   knock
 6  Note confirmed.
 7  The canary succeeds with the new value, where there is one. Overlap and drain.                 canary, overlap
 8  Probe the previous value, in the same batch as 6; the fence: is the lock still ours?           revocation
 9  Revoke every older key that may go.
10  Prove it.
11  Release, tell.                                                                                 ending

After an exposure the same steps in another order, without a canary (exposure); a `sync` has fewer (sync).
A pure function of its arguments: a run that died needs no special path, the next one observes and asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from rotate.errors import InvariantViolated, RotateError
from rotate.protocol.decisions import (
    canary,
    distribution,
    ending,
    exposure,
    guards,
    health,
    holders,
    knock,
    locking,
    overlap,
    revocation,
    sync,
)
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.aspects import EVERYTHING
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.moves import Lock, Observe
from rotate.protocol.facts.policy import Command, Policy
from rotate.protocol.facts.progress import Progress


def decide(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """Give the next batch of independent moves, or the verdict.

    Raises:
        InvariantViolated: no clause had an answer: a bug, never a state of the world.
    """
    if snapshot is None:
        # After an exposure the lock is taken beside the look, to save a round trip.
        return (Observe(EVERYTHING), Lock()) if policy.exposure and policy.rotates else (Observe(EVERYTHING),)
    if progress.ended is not None:
        return progress.ended
    proven = progress.proof.live if progress.proof else None
    if isinstance(snapshot.keys, RotateError) and proven is not None:
        snapshot = replace(snapshot, keys=proven)
    policy = knock.heeded(policy, progress, snapshot)
    position = Position(snapshot, progress, policy, now, assess(snapshot, policy))
    if policy.command is Command.SYNC:
        return sync.decide(position)
    step = next((step for clause in CLAUSES if (step := clause(position)) is not None), None)
    if step is None:
        raise InvariantViolated("no-next-step", "The protocol has no next step for what it sees.")
    return step


def _check(position: Position) -> Step | None:
    return health.verdict(position) if position.policy.command is Command.CHECK else None


def _refuse(position: Position) -> Step | None:
    if position.progress.committed:
        return None
    problems = guards.problems(position.snapshot, position.situation, position.policy, position.now)
    if problems:
        # So that all is asked at once where a refusal asks the person which key or place is meant.
        asks = {problem.reason for problem in problems} <= holders.ASKS
        return (holders.look(position) if asks else None) or ending.refuse(position, problems)
    return ending.cancelled(position) if position.progress.stopping else None


def _nothing_to_do(position: Position) -> Step | None:
    if position.progress.committed or position.trigger or overlap.due(position):
        return None
    return health.nothing_to_do(position)


CLAUSES: tuple[Callable[[Position], Step | None], ...] = (
    _check,
    _refuse,
    _nothing_to_do,
    locking.take,
    holders.look,
    exposure.kill,
    exposure.aftermath,
    distribution.look,
    distribution.adopt_or_issue,
    distribution.verify,
    distribution.put,
    distribution.confirm,
    knock.ask,
    revocation.note_and_control,
    knock.judge,
    canary.ask,
    revocation.hold,
    revocation.fence,
    revocation.revoke,
    revocation.prove,
    holders.after_exposure,
    ending.judge,
)
