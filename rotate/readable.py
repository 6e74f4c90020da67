"""A destination whose value can be read back: what was written is proven by comparing it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from rotate.errors import DestinationError, Outcome
from rotate.ports import Hide, Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Held
from rotate.secret import Secret


class Readable(ABC):
    """Implements `ports.Destination` over reading and writing one value. It needs no time of a write: a value that is
    another tells as much."""

    def __init__(self, name: str, hide: Hide) -> None:
        """`name`: its address. `hide` hears every value that is read before anything else is done with it."""
        self.name = name
        self._hide = hide
        self._put: Secret | None = None

    @abstractmethod
    def read(self) -> Secret | None:
        """Give what stands there; `None` where nothing does. Raises `RotateError` where that cannot be known."""

    @abstractmethod
    def write(self, secret: Secret, hindered: Hindered | None) -> Receipt:
        """Overwrite the value in place, but send nothing while `hindered` says why not. Raises `RotateError`, with what
        is known of the effect."""

    def observe(self) -> DestinationFacts:
        """Say whose value stands there."""
        return DestinationFacts(None, holds=self.written())

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Write it, unless `hindered` says why not."""
        self._put = secret
        return self.write(secret, hindered)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Held:
        """Read it back, and compare; whether the reply to the write came does not matter.

        Raises:
            DestinationError: another value stands there (unknown outcome), or it could not be read.
        """
        del before, receipt
        held = self._look()
        if held is None or held != self._put:
            message = f"{self.name} does not hold what was written to it: somebody else wrote there, or it was lost."
            raise DestinationError("destination-overwritten", message, "Run it again.", outcome=Outcome.UNKNOWN)
        return Held(held.fingerprint)

    def written(self) -> Held | None:
        """Say whose value stands there: the last look."""
        held = self._look()
        return Held(held.fingerprint) if held else None

    def _look(self) -> Secret | None:
        held = self.read()
        if held:
            self._hide(held)
        return held
