"""What a run would do: the same decisions, each move taken for applied. Nothing is contacted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rotate.errors import InvariantViolated, Outcome
from rotate.protocol.machine import decide
from rotate.protocol.model import LiveKey, Liveness, LockFacts, NotebookFacts, PendingKey, Policy, Snapshot
from rotate.protocol.steps import Finish, Holding, Issue, Lock, Move, Observe, Probe, Proof, ProveDead, Result, learn

MAX_BATCHES = 50
FUTURE_ID = 10**15


def foresee(snapshot: Snapshot, policy: Policy, now: datetime) -> tuple[tuple[Move, ...], Finish]:
    """Give the moves in order and the verdict they lead to. The key to come has the id `FUTURE_ID`."""
    holding = Holding()
    moves: list[Move] = []
    for _ in range(MAX_BATCHES):
        step = decide(snapshot, holding, policy, now)
        if isinstance(step, Finish):
            return tuple(moves), step
        for move in step:
            if isinstance(move, Lock):
                snapshot = _locked(snapshot, policy, now)
            holding = learn(holding, move, _applied(move, snapshot, now))
        moves += [move for move in step if not isinstance(move, Observe)]
    raise InvariantViolated("no-end-in-sight", "The plan does not come to an end.")


def _locked(snapshot: Snapshot, policy: Policy, now: datetime) -> Snapshot:
    ours = LockFacts(policy.run.run_id, policy.run.attempt, policy.run.nonce, now + policy.lease)
    return replace(snapshot, notebook=NotebookFacts(snapshot.note, ours))


def _applied(move: Move, snapshot: Snapshot, now: datetime) -> Result:
    match move:
        case Issue(name):
            return Result(Outcome.APPLIED, pending=PendingKey(FUTURE_ID, name, "to be known", now))
        case Probe():
            return Result(Outcome.APPLIED, liveness=Liveness.ALIVE)
        case ProveDead(gone, _, previous, current):
            live: tuple[LiveKey, ...] = tuple(key for key in snapshot.live if key.key_id not in gone)
            dead, alive = (Liveness.DEAD if previous else None), (Liveness.ALIVE if current else None)
            return Result(Outcome.APPLIED, proof=Proof(dead, alive, live))
        case _:
            return Result(Outcome.APPLIED)
