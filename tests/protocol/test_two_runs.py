"""Two runs at once, every interleaving of their moves: safe with the lock, broken without it (the control)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

import pytest

from rotate.protocol.decisions.machine import decide as real_decide
from rotate.protocol.decisions.position import Step
from rotate.protocol.facts.model import Scope, Snapshot
from rotate.protocol.facts.moves import Finish, Move, Observe, Result
from rotate.protocol.facts.policy import Policy, RevokeWhen, Run
from rotate.protocol.facts.progress import Progress, learn
from tests.support.search.canonical import lineage
from tests.support.search.fates import Fate
from tests.support.search.invariants import Told, ViolationError, judge, tale
from tests.support.search.model_moves import perform
from tests.support.search.model_world import NOW, Outside, Process
from tests.support.search.sameness import Numbers, places
from tests.support.search.search import STALL, blank
from tests.support.search.setting import Setting, beginning, process_for

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]  # bounded by its loops; two busy cores can be slow

MOST_MOMENTS = 400_000
Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Half:
    """One of the two runs: what it knows, the moves of its batch still to do, and those done."""

    process: Process
    snapshot: Snapshot | None = None
    progress: Progress = field(default_factory=Progress)
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


def start(setting: Setting, pair: Pair) -> Both:
    """Two runs of different numbers, both begun with the value that is stored now."""
    outside = beginning(setting)
    first, second = (
        process_for(
            setting, outside, rotate=kind != "sweep", exposed=kind in ("exposed", "forced"), break_lock=kind == "forced"
        )
        for kind in pair
    )
    runs = (Run(7, 1, "aaaa"), Run(8, 1, "bbbb"))
    halves = [
        Half(replace(base, policy=replace(base.policy, run=run)))
        for base, run in zip((first, second), runs, strict=True)
    ]
    return Both(outside, (halves[0], halves[1]))


def explore(setting: Setting, *, faults: int, pair: Pair = ("rotate", "rotate")) -> int:
    """Walk every interleaving; give how many moments there were.

    A fault: one of the runs dies where it stands, or stalls beyond its lease between two batches and then goes on.
    """
    waiting, seen, numbers = [(start(setting, pair), faults)], set[int](), Numbers()
    while waiting:
        both, left = waiting.pop()
        known = hash((_number(numbers, both), left))
        if known in seen:
            continue
        seen.add(known)
        assert len(seen) < MOST_MOMENTS, "the search is bounded"
        if all(half.over for half in both.halves):
            alive = {one.key_id for one in lineage(both.outside)}
            if not set(both.outside.stored) <= alive | both.outside.burnt:
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


def _number(numbers: Numbers, both: Both) -> int:
    """Number the world, and how far each run is in it."""
    halves = [
        (
            numbers.of_snapshot(half.snapshot),
            numbers.of_holding(half.progress),
            places(both.outside, half.snapshot, half.progress, half.process.policy.destinations),
            half.queue,
            half.done,
            half.over,
            half.stalled,
        )
        for half in both.halves
    ]
    return hash((numbers.of_outside(both.outside), *halves))


def step(both: Both, turn: int, setting: Setting) -> Both:
    """Let one run decide, or do one move of what it decided."""
    half = both.halves[turn]
    if not half.queue:
        now = NOW + STALL if half.stalled else NOW
        decided = setting.decide(half.snapshot, half.progress, half.process.policy, now)
        if isinstance(decided, Finish):
            return put_back(both, turn, replace(half, over=True))
        return put_back(both, turn, replace(half, queue=decided, done=()))
    move, *rest = half.queue
    # A lock whose lease has ended may be broken just as that of a run which is over.
    breakable = frozenset(other.process.policy.run.run_id for other in both.halves if other.over or other.stalled)
    process = replace(half.process, over=breakable)
    seen = half.snapshot or blank()
    outside, snapshot, result = perform(move, Fate.FINE, both.outside, process, seen, half.progress)
    told = ((both.told, f"run {half.process.policy.run.run_id}:"), (move, Fate.FINE))
    judge(both.outside, outside, move, result, half.progress, told)
    done = (*half.done, (move, result))
    progress = half.progress
    if not rest:
        for performed, ended in done:
            progress = learn(progress, performed, ended)
    looked = snapshot if isinstance(move, Observe) else half.snapshot
    after = replace(half, snapshot=looked, progress=progress, queue=tuple(rest), done=done)
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


PAIRS = [
    ("rotate", "sweep"),
    ("rotate", "exposed"),
    ("exposed", "exposed"),
    ("exposed", "sweep"),
]


@pytest.mark.parametrize("when", [RevokeWhen.PRIMARY, RevokeWhen.ALL])
@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_the_lock_serialises_runs_of_every_kind(
    pair: Pair, when: RevokeWhen, capsys: pytest.CaptureFixture[str]
) -> None:
    setting = Setting(scope=Scope.ORGANIZATION, exposed=when)
    moments = explore(setting, faults=1, pair=pair)
    with capsys.disabled():
        print(f"\n  two runs, {' and '.join(pair)}, {when}: {moments} moments")
    assert moments > 100


def test_the_lock_serialises_two_runs_with_two_destinations(capsys: pytest.CaptureFixture[str]) -> None:
    moments = explore(Setting(destinations=2), faults=1)
    with capsys.disabled():
        print(f"\n  two runs, two destinations: {moments} moments")
    assert moments > 1000


@pytest.mark.parametrize("scope", [Scope.PERSONAL, Scope.ORGANIZATION])
def test_two_runs_without_a_lock_are_caught(scope: Scope) -> None:
    with pytest.raises(ViolationError, match="S1"):
        explore(Setting(scope=scope, notebook=False), faults=0)


def forgets_its_lease(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that takes a lock once and trusts it for ever."""
    return real_decide(snapshot, progress, policy, NOW)


def test_a_run_that_forgets_its_lease_is_caught() -> None:
    with pytest.raises(ViolationError, match=r"S[12]"):
        explore(Setting(decide=forgets_its_lease), faults=1)


FORCED = Setting(scope=Scope.ORGANIZATION, destinations=2, exposed=RevokeWhen.PRIMARY)


@pytest.mark.parametrize("when", list(RevokeWhen))
def test_a_kill_that_breaks_the_lock_of_a_run_at_work_ends_no_other_key(when: RevokeWhen) -> None:
    assert explore(replace(FORCED, exposed=when), faults=1, pair=("rotate", "forced")) > 100


def forgets_whose_lock_it_broke(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that goes on as if it were alone."""
    return real_decide(snapshot, replace(progress, forced=False), policy, now)


def test_a_kill_that_revokes_what_the_other_run_issued_is_caught() -> None:
    with pytest.raises(ViolationError, match=r"S[12]"):
        explore(replace(FORCED, decide=forgets_whose_lock_it_broke), faults=0, pair=("rotate", "forced"))
