"""The whole pretend world: both servers on loopback, their clocks, one fault script, one ledger."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Protocol, Self

from rotate.sandbox.clock import Beside, Clock
from rotate.sandbox.exchange import Server
from rotate.sandbox.faults import Faults
from rotate.sandbox.github.server import GitHubServer
from rotate.sandbox.ledger import Ledger
from rotate.sandbox.listener import LOOPBACK, Listener
from rotate.sandbox.neon.server import NeonServer


class Beyond(Server, Protocol):
    """Another system's server, which is told where it is reached."""

    url: str


SLOWEST_START = 10.0
LAST_TURNS = 0.01


class World:
    """Open it with `with World() as world:`; the servers live in a thread of their own.

    `latency` is added to every reply (seconds). `victim` is the process (pid) that the deaths in the fault script
    kill. `mishaps` are exceptions inside the sandbox itself: leaving the world raises the first of them, so that a
    broken simulator never passes for a strange server.
    """

    def __init__(self, *, neon_port: int = 0, github_port: int = 0, latency: float = 0.0) -> None:
        """Prepare a world; port 0 lets the system choose."""
        self.clock = Clock()
        self.faults = Faults()
        self.ledger = Ledger()
        self.latency = latency
        self.victim: int | None = None
        self.mishaps: list[Exception] = []
        self.neon_clock = Beside(self.clock)
        self.neon = NeonServer(self.neon_clock)
        self.github = GitHubServer(self.clock)
        self._listeners = [Listener(self.neon, self, neon_port), Listener(self.github, self, github_port)]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        """Start both servers.

        Raises:
            OSError: a port that was asked for is taken.
        """
        self._thread.start()
        neon, github = self._listeners
        try:
            self._wait_for(neon.open())
            self._wait_for(github.open())
        except OSError:
            self._close()
            raise
        self.neon.url = f"http://{LOOPBACK}:{neon.port}/api/v2"
        self.github.url = f"http://{LOOPBACK}:{github.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both servers and raise what went wrong inside them, unless something else is being raised."""
        self._close()
        if error is None and self.mishaps:
            raise self.mishaps[0]

    def serve(self, server: Beyond) -> None:
        """Let another system answer beside both, under the same faults, ledger and time, until the world is left."""
        listener = Listener(server, self)
        self._wait_for(listener.open())
        self._listeners.append(listener)
        server.url = f"http://{LOOPBACK}:{listener.port}"

    def advance(self, seconds: float) -> None:
        """Move the world's time forward."""
        self.clock.advance(seconds)

    def reset(self) -> None:
        """Forget everything but the addresses."""
        self.clock.reset()
        self.neon_clock.reset()
        self.faults.reset()
        self.ledger.reset()
        self.neon.reset()
        self.github.reset()
        self.victim = None

    def _close(self) -> None:
        for listener in self._listeners:
            self._wait_for(listener.close())
        # A dropped connection's socket is closed in a later turn of the loop.
        self._wait_for(asyncio.sleep(LAST_TURNS))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SLOWEST_START)
        self._loop.close()

    def _wait_for(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(SLOWEST_START)
