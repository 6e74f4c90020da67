"""Given the snapshot and what this run holds, the next batch of moves, or the verdict.

The routine rotation, by its numbers (protocol.md, *Routine rotation*):

 0  Preflight: observe everything; every guard is heard; with nothing to do the run ends here.
 1  Lock, and observe again what decisions rest on.
 2  Issue the pending key under a fresh marker (or adopt the value at hand, R1).
 3  Verify it. Note pending goes out with the first put.
 4  Put: the primary first, then the rest at once; one failing does not stop the others.
 5  Confirm each from its receipt.
 6  Note confirmed.
 8  Probe the previous value, in the same batch as 6 and as the fence (is the lock still ours?).
 9  Revoke every older key.
10  Prove it.
11  Release, tell.

Step 7 (overlap and drain) has length zero here: what it holds back would stand between `_fence` and `_revoke`.
A pure function of its arguments: a run that died needs no special path, the next one observes and asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from rotate.errors import Incomplete, InvariantViolated, Outcome, Refused
from rotate.protocol import ending, guards, health
from rotate.protocol.holding import Holding
from rotate.protocol.marker import Marker
from rotate.protocol.model import (
    NotebookFacts,
    Policy,
    Snapshot,
)
from rotate.protocol.recovery import assess
from rotate.protocol.steps import (
    EVERYTHING,
    Adopt,
    Aspect,
    Confirm,
    Issue,
    Lock,
    Move,
    Observe,
    Probe,
    ProveDead,
    Put,
    Revoke,
    Status,
    Verify,
    WriteNote,
)
from rotate.protocol.view import MAX_REVOKE_TRIES, Step, View

MAX_ISSUES = 3
LEASE_MARGIN = timedelta(minutes=1)
NO_NOTEBOOK = "no-notebook"


def decide(snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime) -> Step:
    """Give the next batch of independent moves, or the verdict.

    Raises:
        InvariantViolated: no clause had an answer: a bug, never a state of the world.
    """
    if snapshot is None:
        return (Observe(EVERYTHING),)
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
    if view.holding.committed or view.trigger or view.situation.older:
        return None
    return health.nothing_to_do(view)


def _lock(view: View) -> Step | None:
    holding, held = view.holding, view.snapshot.lock
    if holding.committed or not isinstance(view.snapshot.notebook, NotebookFacts):
        return None
    if holding.lock is None:
        return (Lock(held),)
    if holding.lock is Outcome.NO_EFFECT:
        refusal = holding.errors[-1]
        return None if refusal.reason == NO_NOTEBOOK else ending.refuse(view, (refusal,))
    if not holding.surveyed:
        return (Observe(frozenset({Aspect.KEYS, Aspect.NOTEBOOK})),)
    return None if _lock_is_ours(view) else ending.refuse(view, (_lock_lost(Refused),))


def _adopt_or_issue(view: View) -> Step | None:
    holding = view.holding
    if holding.pending is not None or not view.policy.rotates:
        return None
    if not holding.tried:
        if view.situation.finish_with:
            return (Adopt(view.situation.finish_with),)
        return (_issue(view),) if view.trigger and not holding.committed else None
    if holding.issue is Outcome.NO_EFFECT or holding.stopping or holding.revoke_tries:
        return ending.give_up(view)
    if holding.unresolved:
        return (Observe(frozenset({Aspect.KEYS})),)
    if not view.keys_readable or len(holding.tried) >= MAX_ISSUES:
        return ending.give_up(view)
    return (_issue(view),)


def _issue(view: View) -> Issue:
    run, serial = view.policy.run, len(view.holding.tried) + 1
    return Issue(Marker(view.policy.lineage, run.run_id, run.attempt, run.nonce, serial).name())


def _verify(view: View) -> Step | None:
    pending = view.holding.pending
    if pending is None or view.holding.verified:
        return None
    if view.holding.verified is None and not view.holding.stopping:
        return (Verify(pending),)
    return ending.give_up(view)


def _put(view: View) -> Step | None:
    pending, put = view.holding.pending, view.holding.put
    if pending is None or len(put) == len(view.policy.destinations):
        return None
    if view.holding.stopping:
        return ending.give_up(view)
    if view.holding.abandoned or (view.holding.locked and not _lease_lasts(view)):
        return ending.give_up(view, _lock_lost(Incomplete))
    primary, *rest = view.policy.destinations
    if primary not in put:
        note = WriteNote(view.note_to_write(pending=pending), confirmed=False)
        moves: tuple[Move, ...] = (Put(primary, pending),)
        return (*moves, note) if view.notebook and not view.holding.adopted else moves
    confirm = (Confirm(primary),) if put[primary] is not Outcome.NO_EFFECT else ()
    return (*(Put(name, pending) for name in rest), *confirm)


def _confirm(view: View) -> Step | None:
    holding = view.holding
    if holding.pending is None:
        return None
    written = [name for name, outcome in holding.put.items() if outcome is not Outcome.NO_EFFECT]
    waiting = tuple(Confirm(name) for name in written if name not in holding.confirmed)
    if waiting:
        return waiting
    return None if view.standing else ending.give_up(view)


def _note_and_fence(view: View) -> Step | None:
    holding, standing = view.holding, view.standing
    moves: list[Move] = []
    if holding.pending and standing and view.notebook and holding.noted_confirmed is None:
        moves.append(WriteNote(view.note_to_write(confirmed=standing), confirmed=True))
    if holding.pending and view.doomed and not holding.revoke_tries and not holding.stopping:
        if view.expects_previous_dead and holding.control is None:
            moves.append(Probe())
        if holding.locked and not holding.fenced:
            moves.append(Observe(frozenset({Aspect.NOTEBOOK})))
    return tuple(moves) or None


def _revoke(view: View) -> Step | None:
    doomed, holding, standing = view.doomed, view.holding, view.standing
    if not doomed or standing is None:
        return None
    if holding.stopping:
        return ending.cancelled(view)
    if holding.unresolved:
        return (Observe(frozenset({Aspect.KEYS}), view.authority),)
    if holding.locked and not (_lock_is_ours(view) and _lease_lasts(view)):
        return ending.conclude(view, Status.INCOMPLETE, "the lock was lost", (_lock_lost(Incomplete),))
    due = [key for key in doomed if holding.revoke_tries.get(key.key_id, 0) < MAX_REVOKE_TRIES]
    moves = tuple(Revoke(key, view.authority, standing) for key in due)
    return moves or ending.unfinished_revoke(view)


def _prove(view: View) -> Step | None:
    if view.holding.proof is not None:
        return None
    gone = frozenset(view.holding.revoke_tries)
    return (ProveDead(gone, view.authority, view.expects_previous_dead, view.holds_standing_value),)


def _lock_is_ours(view: View) -> bool:
    return view.policy.run.holds(view.snapshot.lock)


def _lease_lasts(view: View) -> bool:
    return view.snapshot.lock is not None and view.now < view.snapshot.lock.expires_at - LEASE_MARGIN


def _lock_lost(kind: type[Refused | Incomplete]) -> Refused | Incomplete:
    return kind(
        "lock-lost",
        "The rotation lock is no longer this run's: another run broke it, or its lease ended.",
        "Let the other run end, then run this one again: it finishes what is left. "
        "Give the workflow a `concurrency:` group with `cancel-in-progress: false`.",
    )


CLAUSES: tuple[Callable[[View], Step | None], ...] = (
    _check,
    _refuse,
    _nothing_to_do,
    _lock,
    _adopt_or_issue,
    _verify,
    _put,
    _confirm,
    _note_and_fence,
    _revoke,
    _prove,
    ending.judge,
)
