"""What a run would do: the same decisions, each move taken for applied. Nothing is contacted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rotate.errors import InvariantViolated, Outcome
from rotate.protocol.decisions.absent import is_absent
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.triggers import days
from rotate.protocol.facts.model import HolderFacts, LiveKey, Liveness, LockFacts, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import (
    Adopt,
    AskCanary,
    Confirm,
    Finish,
    Issue,
    Knock,
    Knocked,
    Lock,
    Move,
    Observe,
    Probe,
    Proof,
    ProveDead,
    Put,
    Result,
    Revoke,
    Verify,
    Wait,
    WriteNote,
)
from rotate.protocol.facts.note import PendingKey
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress, learned

MAX_BATCHES = 90
FUTURE_ID = 10**15


def foresee(snapshot: Snapshot, policy: Policy, now: datetime) -> tuple[tuple[Move, ...], Finish]:
    """Give the moves in order and the verdict they lead to. The key to come has the id `FUTURE_ID`."""
    progress = Progress()
    moves: list[Move] = []
    for _ in range(MAX_BATCHES):
        step = decide(snapshot, progress, policy, now)
        if isinstance(step, Finish):
            return tuple(moves), step
        results: list[tuple[Move, Result]] = []
        for move in step:
            if isinstance(move, Lock):
                snapshot = _locked(snapshot, policy, now)
            if isinstance(move, Observe):
                # What a plan looks at, it has looked at.
                snapshot = replace(snapshot, holders=snapshot.holders or HolderFacts())
            if isinstance(move, Confirm):
                snapshot = replace(snapshot, looked={**snapshot.looked, move.destination: now})
            if isinstance(move, Wait):
                now += move.span
            results.append((move, _applied(move, snapshot, policy, now)))
        progress = learned(progress, results)
        moves += [move for move in step if not isinstance(move, Observe)]
    raise InvariantViolated("no-end-in-sight", "The plan does not come to an end.")


def sentences(moves: tuple[Move, ...], seen: Snapshot) -> tuple[str, ...]:
    """Say each move as people would. `seen`: what tells whether a write creates or overwrites."""
    return tuple(_sentence(move, seen) for move in moves)


def _sentence(move: Move, seen: Snapshot) -> str:
    match move:
        case Lock(stale, forced):
            kind = "that" if forced else "the stale one"
            broken = f", breaking {kind} of run {stale.run_id}" if stale else ""
            return f"take the rotation lock{broken}"
        case Issue(name):
            return f"issue a key named {name}"
        case Adopt(key):
            return f"go on with key {key.key_id}, whose value is at hand; nothing is issued"
        case Verify():
            return "prove that it works, for the same principal and scope"
        case Put(destination):
            return f"{'create' if is_absent(seen.destinations.get(destination)) else 'overwrite'} {destination} with it"
        case Confirm(destination):
            return f"confirm the write to {destination}"
        case WriteNote(_, confirmed):
            return f"note it as {'confirmed' if confirmed else 'pending'}"
        case Wait(span):
            return f"wait for {days(span)}"
        case AskCanary(workflow, patience):
            return f"run the canary {workflow} and stay until it succeeds, {patience.total_seconds():.0f} s at most"
        case Probe():
            return "check that the previous value still answers 200"
        case Knock():
            return (
                "use the previous value, or leave it alone, in a random pattern, to see which key is its own "
                "(some 25 seconds, once); only that one is revoked"
            )
        case Revoke(key):
            return f"revoke key {key.label}"
        case ProveDead(_, _, previous, _):
            return "prove the end: " + ("previous value 401, " if previous else "") + "absent from the list"
        case _:
            return "release the lock"


def _locked(snapshot: Snapshot, policy: Policy, now: datetime) -> Snapshot:
    ours = LockFacts(policy.run.run_id, policy.run.attempt, policy.run.nonce, now + policy.lease)
    before = snapshot.notebook if isinstance(snapshot.notebook, NotebookFacts) else NotebookFacts(None, None)
    return replace(snapshot, notebook=replace(before, lock=ours))


def _applied(move: Move, snapshot: Snapshot, policy: Policy, now: datetime) -> Result:
    match move:
        case Lock():
            return Result(Outcome.APPLIED, lease=now + policy.lease)
        case Confirm():
            return Result(Outcome.APPLIED, stood=now)
        case Issue(name):
            return Result(Outcome.APPLIED, pending=PendingKey(FUTURE_ID, name, "to be known", now))
        case Probe():
            return Result(Outcome.APPLIED, liveness=Liveness.ALIVE)
        case Knock(_, pattern):
            follower = frozenset({policy.old_key_id or FUTURE_ID})
            seen = Knocked(pattern, tuple(follower if use else frozenset() for use in pattern))
            return Result(Outcome.APPLIED, liveness=Liveness.ALIVE, knocked=seen)
        case ProveDead(gone, _, previous, current):
            live: tuple[LiveKey, ...] = tuple(key for key in snapshot.live if key.key_id not in gone)
            dead, alive = (Liveness.DEAD if previous else None), (Liveness.ALIVE if current else None)
            return Result(Outcome.APPLIED, proof=Proof(dead, alive, live))
        case _:
            return Result(Outcome.APPLIED)
