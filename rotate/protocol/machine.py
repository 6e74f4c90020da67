"""Given the snapshot and what this run holds, the next batch of moves, or the verdict.

The routine rotation, by its numbers (protocol.md, *Routine rotation*), and the file that knows each:

 0  Preflight: observe everything; every guard is heard; with nothing to do the run ends here.     guards, health
 1  Lock, and observe again what decisions rest on.                                                here
 2  Issue the pending key under a fresh marker (or adopt the value at hand, R1).                   distribution
 3  Verify it. Note pending goes out with the first put.
 4  Put: the primary first, then the rest at once; one failing does not stop the others.
 5  Confirm each from its receipt.
 6  Note confirmed.
 7  The canary succeeds with the new value, where there is one. Overlap and drain.                 canary, overlap
 8  Probe the previous value, in the same batch as 6; the fence: is the lock still ours?           revocation
 9  Revoke every older key that may go.
10  Prove it.
11  Release, tell.                                                                                 ending

After an exposure the same steps in another order, without a canary (exposure).
A pure function of its arguments: a run that died needs no special path, the next one observes and asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from rotate.errors import InvariantViolated, Outcome, Refused, RotateError
from rotate.protocol import canary, distribution, ending, exposure, guards, health, lease, overlap, revocation
from rotate.protocol.aspects import Aspect
from rotate.protocol.holding import Holding
from rotate.protocol.model import NotebookFacts, Snapshot
from rotate.protocol.policy import Policy
from rotate.protocol.recovery import assess
from rotate.protocol.steps import Lock, Observe, first_look
from rotate.protocol.view import Step, View

# What decisions rest on: another run may have changed it between the first look and the lock. A write time from then
# would make its write pass for ours.
SURVEY = frozenset({Aspect.KEYS, Aspect.NOTEBOOK, Aspect.DESTINATIONS})
NO_NOTEBOOK = "no-notebook"


def decide(snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime) -> Step:
    """Give the next batch of independent moves, or the verdict.

    Raises:
        InvariantViolated: no clause had an answer: a bug, never a state of the world.
    """
    if snapshot is None:
        return first_look(exposure=policy.exposure is not None and policy.rotates)
    if holding.ended is not None:
        return holding.ended
    proven = holding.proof.live if holding.proof else None
    if isinstance(snapshot.keys, RotateError) and proven is not None:
        snapshot = replace(snapshot, keys=proven)
    view = View(snapshot, holding, policy, now, assess(snapshot, policy))
    step = next((step for clause in CLAUSES if (step := clause(view)) is not None), None)
    if step is None:
        raise InvariantViolated("no-next-step", "The protocol has no next step for what it sees.")
    return step


def _check(view: View) -> Step | None:
    return health.verdict(view) if health.only_looks(view) else None


def _refuse(view: View) -> Step | None:
    if view.holding.committed:
        return None
    problems = guards.problems(view.snapshot, view.situation, view.policy, view.now)
    if problems:
        return ending.refuse(view, problems)
    return ending.cancelled(view) if view.holding.stopping else None


def _nothing_to_do(view: View) -> Step | None:
    if view.holding.committed or view.trigger or overlap.due(view):
        return None
    return health.nothing_to_do(view)


def _lock(view: View) -> Step | None:
    holding, held = view.holding, view.snapshot.lock
    if holding.committed or not isinstance(view.snapshot.notebook, NotebookFacts):
        return None
    if holding.lock is None:
        return (Lock(held),)
    if holding.lock is Outcome.NO_EFFECT:
        return _without_lock(view)
    at_once = view.policy.exposure and holding.lock is Outcome.APPLIED and holding.lock_tries == 1
    if not holding.surveyed and not at_once:
        return (Observe(SURVEY, again=True),)
    return None if lease.is_ours(view) or not holding.surveyed else ending.refuse(view, (lease.lost(Refused),))


def _without_lock(view: View) -> Step | None:
    """Break the stale lock that a first look together with the lock found; go on where there can be none."""
    holding, held = view.holding, view.snapshot.lock
    if held and not holding.surveyed and guards.breakable(held, view.policy, view.now) and holding.lock_tries == 1:
        return (Lock(held),)
    refusal = holding.lock_error or lease.lost(Refused)
    if refusal.reason != NO_NOTEBOOK:
        return ending.refuse(view, (refusal,))
    needed = guards.notebook_needed(view.policy)
    return ending.refuse(view, (needed, refusal)) if needed else None


CLAUSES: tuple[Callable[[View], Step | None], ...] = (
    _check,
    _refuse,
    _nothing_to_do,
    _lock,
    exposure.kill,
    exposure.aftermath,
    distribution.look,
    distribution.adopt_or_issue,
    distribution.verify,
    distribution.put,
    distribution.confirm,
    revocation.note_and_control,
    canary.ask,
    revocation.hold,
    revocation.fence,
    revocation.revoke,
    revocation.prove,
    ending.judge,
)
