"""Every way in which runs can go wrong, over the real decision function.

One run is explored from a state of the world: at each batch any set of its moves may have happened when the process
dies, each move may be refused, lose its reply, or fail to be read, and the run may stall beyond its lease.
The states in which runs end are made
canonical (ids renumbered, texts of dead runs replaced) and are where the next run begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, product

from rotate.errors import RotateError
from rotate.protocol.facts.model import NoNotebook, Snapshot
from rotate.protocol.facts.moves import (
    Adopt,
    Confirm,
    Finish,
    Knock,
    Lock,
    Move,
    Observe,
    Probe,
    ProveDead,
    Release,
    Revoke,
    Verify,
    Wait,
)
from rotate.protocol.facts.progress import Progress, learn
from tests.support.search.adversary import rewritings
from tests.support.search.fates import Fate, Luck, fates_of
from tests.support.search.invariants import Told, ViolationError, judge, patient, tale
from tests.support.search.model_moves import perform
from tests.support.search.model_world import BROKEN, FIRST, NOW, Outside, Process
from tests.support.search.sameness import Numbers, places
from tests.support.search.setting import Setting

MOST_BATCHES = 40
STALL = timedelta(hours=1)
HARMLESS = (Observe, Adopt, Verify, Confirm, Probe, Knock, ProveDead)


@dataclass(frozen=True, slots=True)
class Moment:
    """One run between two batches."""

    outside: Outside
    snapshot: Snapshot | None = None
    progress: Progress = field(default_factory=Progress)
    spent: int = 0
    batches: int = 0
    told: Told = None
    now: datetime = NOW


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a run left the world, what it cost in faults, and how it ended; `None` when it died."""

    outside: Outside
    spent: int
    finish: Finish | None
    told: Told
    now: datetime = NOW


class Explorer:
    """Explores every ending of one run. `states` counts the moments seen, each once and with the fewest faults."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.states = 0

    def run(self, outside: Outside, process: Process, budget: int) -> Iterator[Ended]:
        """Give every way in which this run can end with at most `budget` faults, the fewest first."""
        layers: list[list[Moment]] = [[] for _ in range(budget + 1)]
        layers[0].append(Moment(outside))
        numbers, seen, told = Numbers(), set[int](), set[tuple[Outside, datetime, object]]()
        for layer in layers:
            while layer:
                moment = layer.pop()
                known = self._number(numbers, moment, process)
                if known in seen:
                    continue
                seen.add(known)
                self.states += 1
                for after in self._next(moment, process, budget):
                    if isinstance(after, Moment):
                        layers[after.spent].append(after)
                    elif (after.outside, after.now, after.finish and after.finish.status) not in told:
                        told.add((after.outside, after.now, after.finish and after.finish.status))
                        yield after

    def _number(self, numbers: Numbers, moment: Moment, process: Process) -> int:
        outside, snapshot, progress = moment.outside, moment.snapshot, moment.progress
        return hash(
            (
                numbers.of_outside(outside),
                numbers.of_snapshot(snapshot),
                numbers.of_holding(progress),
                places(outside, snapshot, progress, process.policy.destinations),
                moment.now,
            )
        )

    def _next(self, moment: Moment, process: Process, budget: int) -> Iterator[Moment | Ended]:
        if moment.batches > MOST_BATCHES:
            raise ViolationError(f"S5: the run does not end\n{tale(moment.told)}")
        step = self.setting.decide(moment.snapshot, moment.progress, process.policy, moment.now)
        if isinstance(step, Finish):
            yield Ended(moment.outside, moment.spent, step, moment.told, moment.now)
            return
        self._never_blind(moment, step)
        if moment.spent < budget:
            yield from self._deaths(moment, step, process)
            yield from self._troubles(moment, step)
            yield from self._meddling(moment, step)
        yield from self._successors(moment, step, process, budget)

    def _troubles(self, moment: Moment, batch: tuple[Move, ...]) -> Iterator[Moment]:
        """What befalls a run between two batches: it stalls beyond its lease, or it is asked to stop.

        It may stall anywhere; only before something that changes the world does it make a difference.
        """
        spent, idle = moment.spent + 1, all(isinstance(move, HARMLESS) for move in batch)
        if self.setting.broad and moment.now == NOW and moment.progress.lock is not None and not idle:
            yield replace(moment, now=NOW + STALL, spent=spent, told=(moment.told, "stalled beyond the lease"))
        if self.setting.adversary and any(isinstance(move, Observe | Lock) for move in batch):
            for told, outside in rewritings(moment.outside):
                yield replace(moment, outside=outside, spent=spent, told=(moment.told, told))
        if self.setting.signals and not moment.progress.stopping:
            stopping = replace(moment.progress, stopping=True)
            yield replace(moment, progress=stopping, spent=spent, told=(moment.told, "was asked to stop"))

    def _meddling(self, moment: Moment, batch: tuple[Move, ...]) -> Iterator[Moment]:
        """Somebody writes another valid key of the lineage into a destination, or empties it, between any two batches
        but for the last look and the revoke after it: what comes between those nobody can see.

        The primary is never emptied: a run would have no value at hand. Nor is any before a key is confirmed.
        """
        outside = moment.outside
        if not outside.written or any(isinstance(move, Revoke) for move in batch):
            return
        known = {one for one in (FIRST, *outside.stored) if outside.alive(one)}
        ours = outside.note is not None and outside.note.confirmed is not None
        for place, held in enumerate(outside.stored):
            for value in (known | ({0} if ours and place else set())) - {held}:
                told = (moment.told, f"somebody writes {value} to d{place}")
                yield replace(moment, outside=outside.put(place, value), spent=moment.spent + 1, told=told)

    def _successors(self, moment: Moment, batch: tuple[Move, ...], process: Process, budget: int) -> Iterator[Moment]:
        for fates in product(*(fates_of(move, process, broad=self.setting.broad) for move in batch)):
            cost = sum(fate is not Fate.FINE for fate in fates)
            if moment.spent + cost <= budget:
                yield self._after(moment, tuple(zip(batch, fates, strict=True)), process, cost)

    def _deaths(self, moment: Moment, batch: tuple[Move, ...], process: Process) -> Iterator[Ended]:
        effects = [move for move in batch if not isinstance(move, HARMLESS)]
        for size in range(len(effects) + 1):
            for done in combinations(effects, size):
                after = self._after(moment, tuple((move, Fate.FINE) for move in done), process, 1)
                yield Ended(after.outside, after.spent, None, (after.told, "died"), after.now)

    def _after(self, moment: Moment, moves: tuple[tuple[Move, Luck], ...], process: Process, cost: int) -> Moment:
        outside, progress, told = moment.outside, moment.progress, moment.told
        snapshot, now = moment.snapshot or blank(), moment.now
        for move, fate in moves:
            before = outside
            outside, snapshot, result = perform(move, fate, outside, process, snapshot, progress)
            told = (told, (move, fate))
            judge(before, outside, move, result, progress, told)
            if isinstance(move, Revoke) and process.policy.exposure is None:
                patient(before, outside, move, progress, moment.now, told)
            if isinstance(move, Wait):
                now += move.span
            progress = learn(progress, move, result)
        seen = snapshot if moment.snapshot or moves else None
        return Moment(outside, seen, progress, moment.spent + cost, moment.batches + 1, told, now)

    def _never_blind(self, moment: Moment, batch: tuple[Move, ...]) -> None:
        """S9: nothing is changed while a reading that the decision rests on is missing."""
        snapshot = moment.snapshot
        if snapshot is None or moment.progress.committed:
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
