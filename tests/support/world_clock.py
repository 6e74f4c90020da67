"""The pretend world's own time, for a client in this process: waiting moves it, and takes no time of ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from rotate.ports import Hindered
from rotate.sandbox.world import World
from rotate.systems.github.wire.client import Body, GitHub
from rotate.wire.outcome import Answer

SOON = 0.05


class WorldClock:
    """Implements `ports.Clock`. Time moves on only when everybody who is at work waits, and to whoever is due first:
    no request under way is overtaken by it.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._turn = threading.Condition()
        self._own = threading.local()
        self._busy = 0
        self._due: list[float] = []
        self.slept = 0.0

    def now(self) -> datetime:
        """Give the world's time."""
        return self._world.clock.now()

    def monotonic(self) -> float:
        """Give it in seconds."""
        return self.now().timestamp()

    def hear(self, date: str, sent: float) -> None:
        """It is the world's time."""

    def ahead(self) -> timedelta | None:
        """By nothing."""
        return timedelta()

    def stopping(self) -> bool:
        """Nobody asks for it."""
        return False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let no time pass meanwhile, but where the work itself waits."""
        before = getattr(self._own, "depth", 0)
        self._own.depth = before + 1
        self._count(1 - min(before, 1))
        try:
            yield
        finally:
            self._own.depth = before
            self._count(min(before, 1) - 1)

    def sleep(self, seconds: float) -> None:
        """Wait for the others, or for the time to come."""
        with self.at_work(), self._turn:
            due = self.monotonic() + seconds
            self._due.append(due)
            self._busy -= 1
            self._pass()
            while self.monotonic() < due:
                self._turn.wait(SOON)
            self._due.remove(due)
            self._busy += 1

    def _count(self, change: int) -> None:
        with self._turn:
            self._busy += change
            self._pass()

    def _pass(self) -> None:
        if self._busy or not self._due:
            return
        gap = min(self._due) - self.monotonic()
        if gap > 0:
            self.slept += gap
            self._world.advance(gap)
        self._turn.notify_all()


class Timed(GitHub):
    """A connection whose calls are work for the world's clock."""

    def call(
        self,
        verb: str,
        path: str,
        body: Body | Callable[[], Body] | None = None,
        *,
        idempotent: bool = True,
        last: bool = False,
        hindered: Hindered | None = None,
    ) -> Answer:
        """Send one request."""
        assert isinstance(self._clock, WorldClock)
        with self._clock.at_work():
            return super().call(verb, path, body, idempotent=idempotent, last=last, hindered=hindered)
