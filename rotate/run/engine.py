"""The one loop with effects: observe, decide, act, tell.

It knows no rule: what comes next is `protocol.machine.decide`. Moves of one batch are performed side by side. There is
nothing to decide before the first look, so rules and moves are loaded after it: the first request need not wait for
them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from rotate.errors import InvariantViolated, Outcome, counted
from rotate.ports import Keeper, Listener, Reporter
from rotate.protocol.facts.aspects import EVERYTHING, EVIDENCE, Aspect
from rotate.protocol.facts.policy import Command, Policy
from rotate.run.look import Observer
from rotate.run.world import World
from rotate.wire.clock import time_of
from rotate.wire.together import each, value_of

if TYPE_CHECKING:
    from rotate.protocol.facts.events import Event
    from rotate.protocol.facts.moves import Finish, Move, Result
    from rotate.protocol.facts.progress import Progress
    from rotate.protocol.story.report import Report
    from rotate.run.act import Performer

MOST_BATCHES = 90


class Engine:
    """Runs one credential through the protocol."""

    def __init__(
        self, world: World, policy: Policy, reporters: Sequence[Reporter], keepers: Sequence[Keeper] = ()
    ) -> None:
        self._world = world
        self._policy = policy
        self._listeners: tuple[Listener, ...] = (*keepers, *reporters)
        self._keepers = keepers
        self._observer = Observer(world, policy)
        self._performer: Performer
        self._progress: Progress
        self._events: list[Event] = []
        self._trigger = ""

    def run(self) -> Report:
        """Do what the policy's command asks and give the report. Reporters hear each move; closing them is the
        caller's. Keepers conclude here.

        A bug ends in a report too, with the steps that were done before it.
        """
        started = self._world.clock.monotonic()
        try:
            finish, plan = self._foresee() if self._policy.command is Command.PLAN else (self._rotate(), ())
        except Exception as error:
            from rotate.protocol.facts.moves import Finish, Status

            bug = InvariantViolated.of(error)
            finish, plan = Finish(Status.FAILED, bug.message, (bug,)), ()
        finally:
            self._world.close()
        return self._kept(self._report(finish, plan, started).warned(*self._world.given.cautions()))

    def _kept(self, report: Report) -> Report:
        """Let each keeper conclude. A bug in one is said beside the verdict, which stands."""
        for keeper in self._keepers:
            try:
                report = keeper.conclude(report)
            except Exception as error:
                report = report.warned(InvariantViolated.of(error))
        return report

    def _report(self, finish: Finish, plan: tuple[str, ...], began: float) -> Report:
        from rotate.protocol.story.fold import fold
        from rotate.protocol.story.report import without_contact

        started, now = time_of(self._world.clock, began), self._world.clock.now()
        first, last = self._observer.first, self._observer.last
        if first is None or last is None:
            return without_contact(finish.problems, started, now)
        report = fold(finish, (first, last), self._progress, self._policy, tuple(self._events), (started, now))
        trigger = self._trigger if plan or self._progress.tried else ""
        matrix = self._world.matrix() if self._policy.foresees else ""
        return replace(report, plan=plan, trigger=trigger, matrix=matrix)

    def _rotate(self) -> Finish:
        self._look()
        from rotate.protocol.decisions.machine import decide
        from rotate.protocol.facts.moves import Finish

        for _ in range(MOST_BATCHES):
            if self._world.stop.is_set():
                self._progress = replace(self._progress, stopping=True)
            step = decide(self._observer.last, self._progress, self._policy, self._world.clock.now())
            if isinstance(step, Finish):
                return step
            self._warn(step)
            self._do(step)
            if not self._progress.committed:
                self._remember_why()
        raise InvariantViolated("no-end-in-sight", "The run does not come to an end.")

    def _warn(self, batch: Sequence[Move]) -> None:
        from rotate.protocol.story.cautions import before

        first = self._observer.first or self._observer.seen()
        warning = before(batch, self._events, first, self._policy, self._world.clock.now())
        if warning:
            self._tell(warning)

    def _foresee(self) -> tuple[Finish, tuple[str, ...]]:
        self._look()
        from rotate.protocol.decisions import holders, shadowing
        from rotate.protocol.facts.moves import Finish, Observe, Status
        from rotate.protocol.story.plan import foresee, sentences

        seen = self._observer.seen()
        if self._policy.lasting <= self._policy.time_limit and len(seen.destinations) < len(self._policy.destinations):
            self._do((Observe(frozenset({Aspect.DESTINATIONS})),))
        if seen.runs is None and seen.note and any(one.drain for one in seen.note.previous):
            self._do((Observe(EVIDENCE),))
        if self._policy.lasting <= self._policy.time_limit:
            self._look_closer()
        moves, finish = foresee(self._observer.seen(), self._policy, self._world.clock.now())
        if finish.status is not Status.ROTATED:
            return finish, ()
        minutes = math.ceil(self._policy.lasting / timedelta(minutes=1))
        least = f"all of it takes {counted(minutes, 'minute')} at least: the services that hold the key limit requests"
        pace = (least,) if minutes else ()
        why = "nothing was changed; the steps below are what `rotate` would do"
        seen = self._observer.seen()
        costs = (*holders.cost(seen), *shadowing.cost(seen.shadows))
        return Finish(Status.PLANNED, why), (*sentences(moves, seen, self._policy), *pace, *costs)

    def _look_closer(self) -> None:
        """Look at what only a first rotation rests on, as that would beside its lock."""
        from rotate.protocol.decisions.holders import closer
        from rotate.protocol.decisions.position import Position
        from rotate.protocol.decisions.recovery import assess
        from rotate.protocol.facts.moves import Observe

        seen, policy = self._observer.seen(), self._policy
        aspects = closer(Position(seen, self._progress, policy, self._world.clock.now(), assess(seen, policy)))
        if aspects:
            self._do((Observe(aspects),))

    def _look(self) -> None:
        """Look first. After an exposure the lock is taken beside that; a plan takes none, whatever is exposed."""
        locks = self._policy.exposure is not None and self._policy.command is Command.ROTATE
        before = self._world.clock.monotonic()
        if not locks:
            self._observer.look(EVERYTHING, self._world.issuer)
        seconds = self._world.clock.monotonic() - before
        from rotate.protocol.decisions.key_guards import settled
        from rotate.protocol.facts.moves import Lock, Observe, Result
        from rotate.protocol.facts.progress import Progress, learned
        from rotate.run.act import Performer

        self._performer, self._progress = Performer(self._world, self._policy, self._observer), Progress()
        if locks:
            self._do((Observe(EVERYTHING), Lock()))
        else:
            looked, seen = Observe(EVERYTHING), Result(Outcome.APPLIED)
            self._progress = learned(self._progress, [(looked, seen)])
            self._describe(looked, seen, self._world.clock.now(), seconds)
        policy = replace(self._policy, lasting=timedelta(seconds=self._world.given.lasting()))
        note, shared = self._observer.seen().note, self._world.notebook.shared
        self._policy = settled(policy, self._world.given.lineage(), note, shared=shared)
        if self._policy.old_key_name:
            from rotate.protocol.decisions.first_key_guards import by_name

            self._policy = by_name(self._policy, self._observer.seen())
        self._remember_why()

    def _remember_why(self) -> None:
        """Keep the reason as it was before the first effect: what this run does then changes what it sees."""
        from rotate.protocol.decisions.recovery import assess
        from rotate.protocol.decisions.triggers import why_rotate

        snapshot = self._observer.seen()
        trigger = why_rotate(snapshot, assess(snapshot, self._policy), self._policy, self._world.clock.now())
        self._trigger = trigger.sentence if trigger and self._policy.rotates else ""

    def _do(self, batch: Sequence[Move]) -> None:
        """Perform a batch, and tell of each move while those after it go on: a batch may last for hours."""
        from rotate.protocol.facts.progress import learned

        results: list[tuple[Move, Result]] = []
        try:
            with closing(each([partial(self._timed, move) for move in batch])) as performed:
                for move, reading in zip(batch, performed, strict=True):
                    result, seconds, ended = value_of(reading)
                    results.append((move, result))
                    self._describe(move, result, ended, seconds)
        finally:
            self._progress = learned(self._progress, results)

    def _timed(self, move: Move) -> tuple[Result, float, datetime]:
        clock = self._world.clock
        before = clock.monotonic()
        result = self._performer.perform(move)
        return result, clock.monotonic() - before, clock.now()

    def _describe(self, move: Move, result: Result, ended: datetime, seconds: float) -> None:
        from rotate.protocol.facts.events import describe

        self._tell(describe(move, result, ended, seconds))

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        for listener in self._listeners:
            listener.tell(event)
