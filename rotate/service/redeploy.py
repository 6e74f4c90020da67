"""A destination whose write stands only once what runs with the value was started anew, and has begun with it.

    written ──▶ confirmed ──▶ started anew ──▶ succeeded             ──▶ stands
                                           ├─▶ did not succeed       ──▶ does not stand: the previous key stays
                                           └─▶ not known in its time ──▶ does not stand: the previous key stays

It is a part of the confirmation, which comes before anything that lets a routine rotation revoke, and after the kill of
an exposed key. So nothing of it is written down: a run that died on the way confirmed nothing, and the next one writes,
and starts anew, once more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from rotate.errors import DestinationError, Outcome
from rotate.means import Means
from rotate.ports import Deploy, Deployment, Destination, Hindered, Receipt, Stage, TakesKeyId
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
AGAIN = "Then run this again: it writes the key and starts all anew once more, before any other key goes."


class Redeployed:
    """Implements `ports.Destination` over one that only takes the value. `patience`: how long the start may take."""

    def __init__(self, inner: Destination, deployment: Deployment, patience: timedelta, means: Means) -> None:
        self.name = inner.name
        self._inner, self._deployment, self._patience, self._clock = inner, deployment, patience, means.clock
        self._unit = means.once(f"unit {deployment.unit}", partial(Unit, deployment))
        self._number = 0

    def observe(self) -> DestinationFacts:
        """Read it, and see whether it could be started anew."""
        facts = self._inner.observe()
        self._deployment.ready()
        return facts

    def take_key_id(self, key_id: int) -> None:
        """Pass it on, where that is stored."""
        if isinstance(self._inner, TakesKeyId):
            self._inner.take_key_id(key_id)

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Overwrite it. The start waits until all is written: so what uses several values starts once."""
        try:
            return self._inner.put(secret, hindered)
        finally:
            self._number = self._unit.wrote()

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Establish that the write stands, then start anew what runs with it, and wait for that.

        Raises:
            DestinationError: as the destination itself does, or it could not be started, did not succeed, or took
                longer than it may.
        """
        mark = self._inner.confirm(before, receipt)
        for pause in (0.0, *_pauses(self._patience)):
            self._clock.sleep(pause)
            started = self._unit.newest(self._number)
            deploy = self._deployment.look(started)
            if deploy.stage is Stage.DONE:
                return mark
            if deploy.stage is Stage.FAILED and self._unit.newest(self._number) == started:
                raise self._failed(deploy)
            if self._clock.stopping():
                break
        raise self._unfinished()

    def written(self) -> Mark | None:
        """Say what stands there now."""
        return self._inner.written()

    def _failed(self, deploy: Deploy) -> DestinationError:
        return DestinationError(
            "redeploy-failed",
            f"{self.name} holds the new value, but {self._deployment.unit} was not started with it: {deploy.told}. "
            "What runs there may have the value before.",
            f"Mend what stopped it. {AGAIN}",
            outcome=Outcome.UNKNOWN,
        )

    def _unfinished(self) -> DestinationError:
        why = (
            "this run was asked to stop"
            if self._clock.stopping()
            else f"{self._patience.total_seconds():.0f} s have passed"
        )
        return DestinationError(
            "redeploy-unfinished",
            f"{self.name} holds the new value. Whether {self._deployment.unit} starts with it is not known yet: {why}.",
            f"Look at it, and give it longer if it needs that:\n\n    redeploy_wait: 30m\n\n{AGAIN}",
            outcome=Outcome.UNKNOWN,
        )


class Unit:
    """What is started anew as one, whichever of its values were written: never before all of them were."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._lock = threading.Lock()
        self._writes, self._covers, self._started = 0, 0, ""

    def wrote(self) -> int:
        """Count a write, and give its number."""
        with self._lock:
            self._writes += 1
            return self._writes

    def newest(self, number: int) -> str:
        """Give the newest start, which is later than the write of this number: if none is, there is one now."""
        with self._lock:
            if self._covers < number:
                covers = self._writes
                self._started = self._deployment.start()
                self._covers = covers
            return self._started


def _pauses(patience: timedelta) -> Iterator[float]:
    """Give the seconds between two looks, longer each time, for as long as the start may take."""
    left, pause = patience.total_seconds(), FIRST_PAUSE
    while left > 0:
        yield min(pause, left)
        left -= pause
        pause = min(2 * pause, LONGEST_PAUSE)
