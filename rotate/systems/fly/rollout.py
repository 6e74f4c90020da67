"""The rolling update that lets an app of Fly.io run with what is stored: Machine after Machine, each waited for."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial

from rotate.address import Address
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.systems.fly.app_secret import versions
from rotate.systems.fly.machine import Machines
from rotate.systems.fly.system import client


class Rollout:
    """Implements `ports.Deployment`. The secrets of one app share one."""

    def __init__(self, address: Address, means: Means) -> None:
        machines = Machines(client(means), address.where)
        self.unit = machines.title
        self._machines, self._versions = machines, versions(means, address.where)
        self._queue = means.once(f"rollout of fly {address.where}", partial(Queue, machines))

    def ready(self) -> None:
        """See that the Machines can be read."""
        self._machines.all()

    def start(self) -> str:
        """Line up every Machine; the first look begins."""
        return self._queue.fill(self._versions.get("least", 0))

    def look(self, started: str) -> Deploy:
        """Go on with the next Machine once the one before is up."""
        del started
        return self._queue.step()


class Queue:
    """The Machines that are still to be updated, and the one that is."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._lock = threading.Lock()
        self._waiting: deque[str] = deque()
        self._moving: tuple[str, str, bool] | None = None
        self._least, self._all = 0, 0

    def fill(self, least: int) -> str:
        """Begin anew with all that there are."""
        with self._lock:
            self._waiting = deque(one.number for one in self._machines.all())
            self._moving, self._least, self._all = None, least, len(self._waiting)
            return f"secrets version {least}"

    def step(self) -> Deploy:
        """Say how far it is, and begin with the next where that is its turn."""
        with self._lock:
            while self._moving or self._waiting:
                if self._moving is None:
                    number = self._waiting.popleft()
                    self._moving = (number, *self._machines.update(number, self._least))
                number, instance, runs = self._moving
                stage = self._machines.one(number).stage(instance, runs=runs)
                if stage is not Stage.DONE:
                    return Deploy(stage, f"Machine {number} is not up with it (`fly machine status {number}` shows it)")
                self._moving = None
            return Deploy(Stage.DONE, f"{self._all} Machines are up with it")
