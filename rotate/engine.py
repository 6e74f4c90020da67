"""The one loop with effects: observe, decide, act, tell.

It knows no rule: what comes next is `protocol.machine.decide`. Moves of one batch are performed side by side. There is
nothing to decide before the first look, so the rules are loaded after it: the first request need not wait for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from rotate.errors import InvariantViolated
from rotate.hands import Hands
from rotate.ports import Keeper, Listener, Reporter, World
from rotate.protocol.holding import Holding, learn
from rotate.protocol.policy import Command, Policy
from rotate.protocol.steps import Finish, Move, Result, Status, first_look
from rotate.wire.together import together, value_of

if TYPE_CHECKING:
    from rotate.protocol.events import Event
    from rotate.protocol.summary import Report

MOST_BATCHES = 60


class Engine:
    """Runs one credential through the protocol."""

    def __init__(
        self, world: World, policy: Policy, reporters: Sequence[Reporter], keepers: Sequence[Keeper] = ()
    ) -> None:
        self._world = world
        self._policy = policy
        self._listeners: tuple[Listener, ...] = (*keepers, *reporters)
        self._keepers = keepers
        self._hands = Hands(world, policy)
        self._holding = Holding()
        self._events: tuple[Event, ...] = ()
        self._trigger = ""

    def run(self) -> Report:
        """Do what the policy's command asks and give the report. Reporters hear each move; closing them is the
        caller's. Keepers conclude here.

        A bug ends in a report too, with the steps that were done before it.
        """
        started = self._world.clock.now()
        try:
            finish, plan = self._foresee() if self._policy.command is Command.PLAN else (self._rotate(), ())
        except Exception as error:
            bug = InvariantViolated.of(error)
            finish, plan = Finish(Status.FAILED, bug.message, (bug,)), ()
        finally:
            self._world.close()
        return self._kept(self._report(finish, plan, started))

    def _kept(self, report: Report) -> Report:
        """Let each keeper conclude. A bug in one is said beside the verdict, which stands."""
        for keeper in self._keepers:
            try:
                report = keeper.conclude(report)
            except Exception as error:
                report = report.warned(InvariantViolated.of(error))
        return report

    def _report(self, finish: Finish, plan: tuple[str, ...], started: datetime) -> Report:
        from rotate.protocol.summary import fold, without_contact

        now = self._world.clock.now()
        first, last = self._hands.eyes.first, self._hands.eyes.last
        if first is None or last is None:
            return without_contact(finish.problems, started, now)
        report = fold(finish, (first, last), self._holding, self._policy, self._events, (started, now))
        trigger = self._trigger if plan or self._holding.tried else ""
        return replace(report, plan=plan, trigger=trigger)

    def _rotate(self) -> Finish:
        self._look()
        from rotate.protocol.machine import decide

        for _ in range(MOST_BATCHES):
            if self._world.stop.is_set():
                self._holding = replace(self._holding, stopping=True)
            step = decide(self._hands.eyes.last, self._holding, self._policy, self._world.clock.now())
            if isinstance(step, Finish):
                return step
            self._do(step)
            if not self._holding.committed:
                self._remember_why()
        raise InvariantViolated("no-end-in-sight", "The run does not come to an end.")

    def _foresee(self) -> tuple[Finish, tuple[str, ...]]:
        self._look()
        from rotate.protocol.foresight import foresee, sentences

        moves, finish = foresee(self._hands.eyes.seen(), self._policy, self._world.clock.now())
        if finish.status is not Status.ROTATED:
            return finish, ()
        lasting = self._world.least_seconds
        pace = (f"all of it takes {lasting / 60:.0f} minutes at least: GitHub limits requests",) if lasting else ()
        why = "nothing was changed; the steps below are what `rotate` would do"
        return Finish(Status.PLANNED, why), (*sentences(moves), *pace)

    def _look(self) -> None:
        """Look first. A plan takes no lock, whatever is exposed."""
        self._do(first_look(exposure=self._policy.exposure is not None and self._policy.command is Command.ROTATE))
        self._remember_why()

    def _remember_why(self) -> None:
        """Keep the reason as it was before the first effect: what this run does then changes what it sees."""
        from rotate.protocol.recovery import assess
        from rotate.protocol.triggers import why_rotate

        snapshot = self._hands.eyes.seen()
        trigger = why_rotate(snapshot, assess(snapshot, self._policy), self._policy, self._world.clock.now())
        self._trigger = trigger.sentence if trigger and self._policy.rotates else ""

    def _do(self, batch: Sequence[Move]) -> None:
        performed = together(*(partial(self._timed, move) for move in batch))
        for move, reading in zip(batch, performed, strict=True):
            result, event = value_of(reading)
            self._holding = learn(self._holding, move, result)
            self._events = (*self._events, event)
            for listener in self._listeners:
                listener.tell(event)

    def _timed(self, move: Move) -> tuple[Result, Event]:
        clock = self._world.clock
        before = clock.monotonic()
        result = self._hands.perform(move)
        from rotate.protocol.events import describe

        return result, describe(move, result, clock.now(), clock.monotonic() - before)
