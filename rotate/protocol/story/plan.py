"""What a run would do: the same decisions, each move taken for applied. Nothing is contacted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rotate.errors import InvariantViolated, Outcome
from rotate.protocol.decisions.absent import is_absent
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.triggers import days
from rotate.protocol.facts import moves
from rotate.protocol.facts.destination import will_show
from rotate.protocol.facts.model import HolderFacts, LiveKey, Liveness, LockFacts, NotebookFacts, Snapshot
from rotate.protocol.facts.note import PendingKey
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress, learned

MAX_BATCHES = 90
FUTURE_ID = 10**15


def foresee(snapshot: Snapshot, policy: Policy, now: datetime) -> tuple[tuple[moves.Move, ...], moves.Finish]:
    """Give the moves in order and the verdict they lead to. The key to come has the id `FUTURE_ID`."""
    progress = Progress()
    planned: list[moves.Move] = []
    for _ in range(MAX_BATCHES):
        step = decide(snapshot, progress, policy, now)
        if isinstance(step, moves.Finish):
            return tuple(planned), step
        results: list[tuple[moves.Move, moves.Result]] = []
        for move in step:
            if isinstance(move, moves.Lock):
                snapshot = _locked(snapshot, policy, now)
            if isinstance(move, moves.Observe):
                # What a plan looks at, it has looked at.
                snapshot = replace(snapshot, holders=snapshot.holders or HolderFacts())
            if isinstance(move, moves.Confirm):
                snapshot = replace(snapshot, looked={**snapshot.looked, move.destination: now})
            if isinstance(move, moves.Wait):
                now += move.span
            results.append((move, _applied(move, snapshot, policy, now)))
        progress = learned(progress, results)
        planned += [move for move in step if not isinstance(move, moves.Observe)]
    raise InvariantViolated("no-end-in-sight", "The plan does not come to an end.")


def sentences(planned: tuple[moves.Move, ...], seen: Snapshot, policy: Policy) -> tuple[str, ...]:
    """Say each move as people would. `seen`: what tells whether a write creates or overwrites."""
    return tuple(_sentence(move, seen, policy) for move in planned)


def _sentence(move: moves.Move, seen: Snapshot, policy: Policy) -> str:
    match move:
        case moves.Lock(stale, forced):
            kind = "that" if forced else "the stale one"
            broken = f", breaking {kind} of run {stale.run_id}" if stale else ""
            return f"take the rotation lock{broken}"
        case moves.Issue(name):
            return f"issue a key named {name}"
        case moves.Adopt(key):
            return f"go on with key {key.key_id}, whose value is at hand; nothing is issued"
        case moves.Verify():
            return "prove that it works, for the same principal and scope"
        case moves.Put(destination):
            return f"{'create' if is_absent(seen.destinations.get(destination)) else 'overwrite'} {destination} with it"
        case moves.Confirm(destination):
            proof = will_show(seen.destinations.get(destination))
            anew = ", start anew what runs with it, and wait for that" if destination in policy.redeploys else ""
            return f"confirm the write to {destination}{proof and f' ({proof})'}{anew}"
        case moves.WriteNote(_, confirmed):
            return f"note it as {'confirmed' if confirmed else 'pending'}"
        case moves.Wait(span):
            return f"wait for {days(span)}"
        case moves.AskCanary(workflow, patience):
            return f"run the canary {workflow} and stay until it succeeds, {patience.total_seconds():.0f} s at most"
        case moves.Probe():
            return "check that the previous value still answers 200"
        case moves.Knock():
            return (
                "use the previous value, or leave it alone, in a random pattern, to see which key is its own "
                "(some 25 seconds, once); only that one is revoked"
            )
        case moves.Revoke(key):
            return f"revoke key {key.label}"
        case moves.ProveDead(_, _, previous, _):
            return "prove the end: " + ("previous value 401, " if previous else "") + "absent from the list"
        case _:
            return "release the lock"


def _locked(snapshot: Snapshot, policy: Policy, now: datetime) -> Snapshot:
    ours = LockFacts(policy.run.run_id, policy.run.attempt, policy.run.nonce, now + policy.lease)
    before = snapshot.notebook if isinstance(snapshot.notebook, NotebookFacts) else NotebookFacts(None, None)
    return replace(snapshot, notebook=replace(before, lock=ours))


def _applied(move: moves.Move, snapshot: Snapshot, policy: Policy, now: datetime) -> moves.Result:
    match move:
        case moves.Lock():
            return moves.Result(Outcome.APPLIED, lease=now + policy.lease)
        case moves.Confirm():
            return moves.Result(Outcome.APPLIED, stood=now)
        case moves.Issue(name):
            return moves.Result(Outcome.APPLIED, pending=PendingKey(FUTURE_ID, name, "to be known", now))
        case moves.Probe():
            return moves.Result(Outcome.APPLIED, liveness=Liveness.ALIVE)
        case moves.Knock(_, pattern):
            follower = frozenset({policy.old_key_id or FUTURE_ID})
            seen = moves.Knocked(pattern, tuple(follower if use else frozenset() for use in pattern))
            return moves.Result(Outcome.APPLIED, liveness=Liveness.ALIVE, knocked=seen)
        case moves.ProveDead(gone, _, previous, current):
            live: tuple[LiveKey, ...] = tuple(key for key in snapshot.live if key.key_id not in gone)
            dead, alive = (Liveness.DEAD if previous else None), (Liveness.ALIVE if current else None)
            return moves.Result(Outcome.APPLIED, proof=moves.Proof(dead, alive, live))
        case _:
            return moves.Result(Outcome.APPLIED)
