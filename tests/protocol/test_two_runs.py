"""Two runs at once, every interleaving of their moves: safe with the lock, broken without it (the control)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from rotate.protocol.holding import Holding, learn
from rotate.protocol.machine import decide as real_decide
from rotate.protocol.model import Scope, Snapshot
from rotate.protocol.policy import Policy, Run
from rotate.protocol.steps import Finish, Move, Observe, Result
from rotate.protocol.view import Step
from tests.protocol.canonical import lineage
from tests.protocol.invariants import Told, ViolationError, judge, tale
from tests.protocol.model_moves import Fate, perform
from tests.protocol.model_world import NOW, Outside, Process
from tests.protocol.search import STALL, Setting, beginning, blank, process_for

pytestmark = pytest.mark.timeout(600)  # bounded by its loops; two busy cores can be slow

MOST_MOMENTS = 400_000


@dataclass(frozen=True)
class Half:
    """One of the two runs: what it knows, the moves of its batch still to do, and those done."""

    process: Process
    snapshot: Snapshot | None = None
    holding: Holding = field(default_factory=Holding)
    queue: tuple[Move, ...] = ()
    done: tuple[tuple[Move, Result], ...] = ()
    over: bool = False
    stalled: bool = False


@dataclass(frozen=True)
class Both:
    """Both runs and the world between them."""

    outside: Outside
    halves: tuple[Half, Half]
    told: Told = None


def start(setting: Setting) -> Both:
    """Two runs of different numbers, both begun with the value that is stored now."""
    outside = beginning(setting)
    first, second = (
        replace(base, policy=replace(base.policy, run=Run(number, 1, nonce)))
        for base, number, nonce in (
            (process_for(setting, outside), 7, "aaaa"),
            (process_for(setting, outside), 8, "bbbb"),
        )
    )
    return Both(outside, (Half(first), Half(second)))


def explore(setting: Setting, *, faults: int) -> int:
    """Walk every interleaving; give how many moments there were.

    A fault: one of the runs dies where it stands, or stalls beyond its lease between two batches and then goes on.
    """
    waiting, seen = [(start(setting), faults)], set()
    while waiting:
        both, left = waiting.pop()
        known = hash(repr((both.outside, both.halves, left)))
        if known in seen:
            continue
        seen.add(known)
        assert len(seen) < MOST_MOMENTS, "the search is bounded"
        if all(half.over for half in both.halves):
            alive = {one.key_id for one in lineage(both.outside)}
            if not set(both.outside.stored) <= alive:
                raise ViolationError(f"S1: a destination holds a dead key\n{tale(both.told)}")
            continue
        for turn in (0, 1):
            if not both.halves[turn].over:
                waiting.append((step(both, turn, setting), left))
                half = both.halves[turn]
                if left and half.snapshot is not None:
                    waiting.append((put_back(both, turn, replace(half, over=True)), left - 1))
                    if not half.queue:
                        waiting.append((put_back(both, turn, replace(half, stalled=True)), left - 1))
    return len(seen)


def step(both: Both, turn: int, setting: Setting) -> Both:
    """Let one run decide, or do one move of what it decided."""
    half = both.halves[turn]
    if not half.queue:
        now = NOW + STALL if half.stalled else NOW
        decided = setting.decide(half.snapshot, half.holding, half.process.policy, now)
        if isinstance(decided, Finish):
            return put_back(both, turn, replace(half, over=True))
        return put_back(both, turn, replace(half, queue=decided, done=()))
    move, *rest = half.queue
    # A lock whose lease has ended may be broken just as that of a run which is over.
    breakable = frozenset(other.process.policy.run.run_id for other in both.halves if other.over or other.stalled)
    process = replace(half.process, over=breakable)
    pending = half.holding.pending.key_id if half.holding.pending else None
    seen = half.snapshot or blank()
    outside, snapshot, result = perform(move, Fate.FINE, both.outside, process, seen, pending)
    told = ((both.told, f"run {half.process.policy.run.run_id}:"), (move, Fate.FINE))
    judge(both.outside, outside, move, result, half.holding, told)
    done = (*half.done, (move, result))
    holding = half.holding
    if not rest:
        for performed, ended in done:
            holding = learn(holding, performed, ended)
    looked = snapshot if isinstance(move, Observe) else half.snapshot
    after = replace(half, snapshot=looked, holding=holding, queue=tuple(rest), done=done)
    return put_back(replace(both, outside=outside, told=told), turn, after)


def put_back(both: Both, turn: int, half: Half) -> Both:
    """Put one run back beside the other."""
    return replace(both, halves=(half, both.halves[1]) if turn == 0 else (both.halves[0], half))


@pytest.mark.parametrize("scope", [Scope.PERSONAL, Scope.ORGANIZATION])
def test_the_lock_serialises_two_runs_even_if_one_dies(scope: Scope, capsys: pytest.CaptureFixture[str]) -> None:
    moments = explore(Setting(scope=scope), faults=2)
    with capsys.disabled():
        print(f"\n  two runs, {scope}: {moments} moments")
    assert moments > 1000


@pytest.mark.parametrize("scope", [Scope.PERSONAL, Scope.ORGANIZATION])
def test_two_runs_without_a_lock_are_caught(scope: Scope) -> None:
    with pytest.raises(ViolationError, match="S1"):
        explore(Setting(scope=scope, notebook=False), faults=0)


def forgets_its_lease(snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime) -> Step:
    """The design that takes a lock once and trusts it for ever."""
    return real_decide(snapshot, holding, policy, NOW)


def test_a_run_that_forgets_its_lease_is_caught() -> None:
    with pytest.raises(ViolationError, match=r"S[12]"):
        explore(Setting(decide=forgets_its_lease), faults=1)
