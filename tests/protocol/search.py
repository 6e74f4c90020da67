"""Every way in which runs can go wrong, over the real decision function.

One run is explored from a state of the world: at each batch any set of its moves may have happened when the process
dies, each move may be refused, lose its reply, or fail to be read, and the run may stall beyond its lease.
The states in which runs end are made
canonical (ids renumbered, texts of dead runs replaced) and are where the next run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, product

from rotate.errors import RotateError
from rotate.protocol.cadence import Cadence
from rotate.protocol.holding import Holding, learn
from rotate.protocol.machine import decide as real_decide
from rotate.protocol.model import NoNotebook, Scope, Snapshot
from rotate.protocol.policy import Canary, Command, Exposure, OnFailure, Overlap, Policy, RevokeWhen, Run
from rotate.protocol.steps import (
    Finish,
    Move,
    Observe,
    Release,
    Revoke,
    Wait,
)
from rotate.protocol.view import Step
from tests.protocol.canonical import LINEAGE, OVER
from tests.protocol.invariants import ViolationError, judge, patient, tale
from tests.protocol.model_moves import Fate, perform
from tests.protocol.model_world import (
    BROKEN,
    FIRST,
    FOREIGN,
    MINTER,
    NOW,
    Outside,
    Process,
    fingerprint,
    key,
)

RUN = Run(7, 1, "aaaa")
MOST_BATCHES = 40
MOST_KEYS = 12  # out of reach: at the bound a run refuses, which test_guards shows
NEVER_DUE = timedelta(days=3650)
STALL = timedelta(hours=1)

Decide = Callable[[Snapshot | None, Holding, Policy, datetime], Step]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is searched: the scope, how many destinations, with a notebook or not, and the design."""

    scope: Scope = Scope.PERSONAL
    destinations: int = 1
    notebook: bool = True
    value_given: bool = True
    due: bool = True
    overlap: Overlap = field(default_factory=Overlap)
    canary: bool = False
    exposed: RevokeWhen | None = None
    on_failure: OnFailure = OnFailure.HOLD
    decide: Decide = real_decide


@dataclass(frozen=True, slots=True)
class Moment:
    """One run between two batches."""

    outside: Outside
    snapshot: Snapshot | None = None
    holding: Holding = field(default_factory=Holding)
    spent: int = 0
    batches: int = 0
    told: tuple[str, ...] = ()
    now: datetime = NOW


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a run left the world, what it cost in faults, and how it ended; `None` when it died."""

    outside: Outside
    spent: int
    finish: Finish | None
    told: tuple[str, ...]
    now: datetime = NOW


def beginning(setting: Setting) -> Outside:
    """Give the world before the first rotation: every destination holds key 3."""
    keys = (key(FOREIGN, "laptop"), key(MINTER, "minter"), key(FIRST, "made by hand"))
    heard = False if setting.canary else None
    return Outside(keys, (FIRST,) * setting.destinations, None, None, FIRST + 1, setting.notebook, heard=heard)


def process_for(
    setting: Setting,
    outside: Outside,
    *,
    rotate: bool = True,
    late: int | None = None,
    scheduled: bool = False,
    exposed: bool = False,
) -> Process:
    """Start a run now: it reads what the primary destination holds (or, if it was queued before, held: `late`).

    Started by hand it rotates whatever the age; `scheduled`, only a key that is due; `exposed`, after an exposure.
    """
    value = late or outside.stored[0]
    self_rotation = setting.scope is Scope.PERSONAL
    at_hand = value if self_rotation or setting.value_given else None
    policy = Policy(
        command=Command.ROTATE if rotate else Command.SWEEP,
        scope=setting.scope,
        lineage=LINEAGE,
        destinations=tuple(f"d{number}" for number in range(setting.destinations)),
        run=RUN,
        self_rotation=self_rotation,
        org_id=None if self_rotation else "org-a",
        value_at_hand=None if at_hand is None else fingerprint(at_hand),
        old_key_id=FIRST,
        cadence=Cadence(NEVER_DUE if scheduled and not setting.due else None),
        overlap=setting.overlap,
        canary=Canary("check-neon-key.yml") if setting.canary else None,
        exposure=Exposure(setting.exposed) if exposed and setting.exposed else None,
        on_failure=setting.on_failure,
        max_live_keys=MOST_KEYS,
    )
    return Process(policy, at_hand, value if self_rotation else MINTER, frozenset({OVER}))


class Explorer:
    """Explores every ending of one run. `states` counts the moments seen."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.states = 0

    def run(self, outside: Outside, process: Process, budget: int) -> Iterator[Ended]:
        """Give every way in which this run can end with at most `budget` faults."""
        waiting = [Moment(outside)]
        while waiting:
            moment = waiting.pop()
            self.states += 1
            if moment.batches > MOST_BATCHES:
                raise ViolationError(f"S5: the run does not end\n{tale(moment.told)}")
            step = self.setting.decide(moment.snapshot, moment.holding, process.policy, moment.now)
            if isinstance(step, Finish):
                yield Ended(moment.outside, moment.spent, step, moment.told, moment.now)
                continue
            self._never_blind(moment, step)
            if moment.spent < budget:
                yield from self._deaths(moment, step, process)
                if moment.now == NOW and moment.snapshot is not None:
                    told = (*moment.told, "stalled beyond the lease")
                    waiting.append(replace(moment, now=NOW + STALL, spent=moment.spent + 1, told=told))
            waiting += self._successors(moment, step, process, budget)

    def _successors(self, moment: Moment, batch: tuple[Move, ...], process: Process, budget: int) -> Iterator[Moment]:
        for fates in product(Fate, repeat=len(batch)):
            cost = sum(fate is not Fate.FINE for fate in fates)
            if moment.spent + cost <= budget:
                yield self._after(moment, tuple(zip(batch, fates, strict=True)), process, cost)

    def _deaths(self, moment: Moment, batch: tuple[Move, ...], process: Process) -> Iterator[Ended]:
        for size in range(len(batch) + 1):
            for done in combinations(batch, size):
                after = self._after(moment, tuple((move, Fate.FINE) for move in done), process, 1)
                yield Ended(after.outside, after.spent, None, (*after.told, "died"), after.now)

    def _after(self, moment: Moment, moves: tuple[tuple[Move, Fate], ...], process: Process, cost: int) -> Moment:
        outside, holding, told = moment.outside, moment.holding, moment.told
        snapshot, now = moment.snapshot or blank(), moment.now
        pending = moment.holding.pending.key_id if moment.holding.pending else None
        for move, fate in moves:
            before = outside
            outside, snapshot, result = perform(move, fate, outside, process, snapshot, pending)
            told = (*told, f"{words(move)} [{fate.value}]")
            judge(before, outside, move, result, holding, told)
            if isinstance(move, Revoke) and process.policy.exposure is None:
                patient(before, outside, move, holding, moment.now, told)
            if isinstance(move, Wait):
                now += move.span
            holding = learn(holding, move, result)
        seen = snapshot if moment.snapshot or moves else None
        return Moment(outside, seen, holding, moment.spent + cost, moment.batches + 1, told, now)

    def _never_blind(self, moment: Moment, batch: tuple[Move, ...]) -> None:
        """S9: nothing is changed while a reading that the decision rests on is missing."""
        snapshot = moment.snapshot
        if snapshot is None or moment.holding.committed:
            return
        readings = (
            snapshot.issuer,
            snapshot.previous,
            snapshot.keys,
            *snapshot.destinations.values(),
            snapshot.notebook,
        )
        blind = any(isinstance(reading, RotateError) for reading in readings)
        if blind and not all(isinstance(move, Observe | Release) for move in batch):
            raise ViolationError(f"S9: acts on what could not be read\n{tale(moment.told)}")


def blank() -> Snapshot:
    """Give what a run knows before it looked: nothing."""
    return Snapshot(BROKEN, None, BROKEN, {}, NoNotebook("", ""))


def words(move: Move) -> str:
    """Tell a move in a line."""
    return str(move)[:120]
