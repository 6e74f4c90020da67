"""A destination of a service that shows what it stores: overwritten in place, read back, compared, flags as they were.

An adapter gives `read` and `write`. Where a value cannot be read back, an accepted write and the flags are all the
proof that there is. Where the service tells the time of a write (`Stored.at`), that tells one from another; else what
is held does (`protocol.facts.destination`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import ClassVar, NamedTuple

from rotate.errors import DestinationError, InvariantViolated, Outcome, Refused, RotateError
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Held, Mark, later
from rotate.secret import Secret

# Reads may lag behind writes.
CONFIRM_WAITS = (0.0, 0.5, 1.0, 2.0)
# `Date` tells whole seconds.
WITHIN = timedelta(seconds=1)
# So many characters does a service show at the end of a value that it masks, where the value has them.
SHOWN = 4
# The mark of a value that is hidden, and known not to be this run's.
ANOTHERS = "another's"
# Shorter values are no credentials, and to hide them would make a log unreadable.
SHORTEST_HIDDEN = 8


@dataclass(frozen=True, slots=True)
class Stored:
    """What a service shows of one value. `value`: `None` where it cannot be read back. `flags`: what a write must leave
    as it is, by the service's own names. `refers`: what is used in its place, where it is a reference. `at`: when it
    was written, where that is told. `version`: for the service's own check that nothing changed meanwhile. `tail`: the
    last characters, where no more of the value is shown; of a value that is too short for that, it may be empty.
    `None`: not even they are."""

    value: Secret | None
    flags: Mapping[str, object] = field(default_factory=dict)
    refers: str = ""
    at: datetime | None = None
    version: str = ""
    tail: str | None = None

    @property
    def mark(self) -> Mark:
        """Give what tells this write from another."""
        return self.at or self.held

    @property
    def held(self) -> Held:
        """Give what is held, as far as it can be read."""
        return Held(self.value.fingerprint if self.value else "")


class Taken(NamedTuple):
    """What an answer to a write told: when the service made it, by its own clock, and the version that it made."""

    at: datetime | None = None
    version: str = ""


class Readable(ABC):
    """Implements `ports.Destination` on two verbs of an adapter. `name`: its canonical address. `waits`: the seconds
    before each look for what was written."""

    waits: ClassVar[tuple[float, ...]] = CONFIRM_WAITS

    def __init__(self, name: str, means: Means) -> None:
        self.name = name
        self._means = means
        self._observed = False
        self._before: Stored | None = None
        self._kept: Stored | None = None
        self._put: Secret | None = None
        self._taken = Taken()

    @abstractmethod
    def read(self) -> Stored | None:
        """Read what stands there; `None` is a proven absence. Raises `RotateError`s alone."""

    @abstractmethod
    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken | None:
        """Overwrite the value in what was just read, with every flag; create it where nothing was (`over` is `None`).
        Where the value cannot be read back, give what the answer told.

        Raises `RotateError`s alone, each with its outcome.
        """

    def observe(self) -> DestinationFacts:
        """Read it. Raises `Refused` where a reference stands in place of a value."""
        self._before = stored = self._look()
        self._observed = True
        if stored is None:
            return DestinationFacts(None)
        return DestinationFacts(stored.at, holds=None if stored.at else stored.held)

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Read it once more, since minutes may have passed, and overwrite it in place.

        What was there at the first look and is gone is not created again. An empty value is never written.
        """
        if not self._observed or not secret:
            raise InvariantViolated("put-too-early", f"{self.name} was to be written before it was observed.")
        try:
            over = self._look()
        except RotateError as error:
            raise DestinationError(error.reason, error.message, error.remedy) from None
        if over is None and self._before is not None:
            raise DestinationError(
                "destination-absent",
                f"{self.name} was there when this run began, and is not any more. It was not created again.",
                "Find out who deleted it. Create it again by hand if it is still needed, then run this again.",
            )
        self._put, self._kept = secret, over
        self._taken = self.write(secret, over, hindered) or Taken()
        return Receipt(None, created=over is None)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Read it back until it is what was written; then compare the flags.

        Raises:
            DestinationError: something else stands there, it is gone, it cannot be read back and no reply told that it
                was taken, or a flag changed.
        """
        del before  # what was seen right before the write is newer
        found: Stored | None = None
        for wait in self.waits:
            self._means.clock.sleep(wait)
            found = self.read()
            if found and self._ours(found, taken=receipt is not None):
                self._same_flags(found)
                return found.mark
        raise self._not_confirmed(found, taken=receipt is not None)

    def written(self) -> Mark | None:
        """Say what stands there now, and no more. What this run can tell from its own write is another's."""
        found = self.read()
        if found and self._put and not found.at and not found.value and not self._ours(found, taken=True):
            return Held(ANOTHERS)
        return found.mark if found else None

    def shown(self) -> Secret | None:
        """Read the value, where it is read back whole. Raises `Refused` where a reference stands in place of one."""
        stored = self._look()
        return stored.value if stored else None

    def _ours(self, found: Stored, *, taken: bool) -> bool:
        """Say whether what was found is what this run wrote, by the strongest means that there is. `taken`: a reply
        told that the write was taken, without which a value that cannot be read whole is anybody's."""
        put = self._put or Secret("")
        if found.value is not None:
            return found.value == put
        fits = found.tail is None or _ends(put, found.tail)
        before = self._kept.at if self._kept else None
        moved = found.at is None or (later(found.at, before) and found.at <= (self._taken.at or found.at) + WITHIN)
        return taken and fits and moved and self._taken.version in ("", found.version)

    def _look(self) -> Stored | None:
        """Read it, hide the value that is being replaced, and refuse to overwrite a reference."""
        stored = self.read()
        if stored and stored.refers:
            raise Refused(
                "destination-refers",
                f"{self.name} holds no value of its own: it refers to {stored.refers}. Nothing was changed there.",
                f"Make {stored.refers} the destination: what uses this place then has the new key too.",
            )
        if stored and stored.value and len(stored.value.reveal()) >= SHORTEST_HIDDEN:
            self._means.hide(stored.value)
        return stored

    def _same_flags(self, found: Stored) -> None:
        kept = self._kept.flags if self._kept else {}
        changed = sorted(name for name, flag in kept.items() if found.flags.get(name) != flag)
        if changed:
            raise DestinationError(
                "destination-flags-changed",
                f"{self.name} holds the new value, but this is not as it was before the write: {', '.join(changed)}.",
                "Find out who changed it meanwhile, set it right, and run this again. Nothing is revoked until then.",
                outcome=Outcome.UNKNOWN,
            )

    def _not_confirmed(self, found: Stored | None, *, taken: bool) -> DestinationError:
        reason = "write-not-confirmed"
        if found is None:
            why = "nothing stands there any more"
        elif not (found.value or taken):
            why = "its value cannot be read back, and no reply told that it was taken"
        elif self._kept and _shown(found) == _shown(self._kept):
            why = "the value that stood there before still does"
        else:
            reason, why = "destination-overwritten", "another value than the one that this run wrote stands there"
        message = f"The write of {self.name} is not confirmed: {why}."
        remedy = "Find out who else writes there, then run it again: it writes the key once more before any is revoked."
        return DestinationError(reason, message, remedy, outcome=Outcome.UNKNOWN)


def _ends(secret: Secret, tail: str) -> bool:
    """Say whether a service shows just this of the value."""
    return compare_digest(secret.reveal()[-SHOWN:].encode(), tail.encode(errors="replace"))


def _shown(stored: Stored) -> tuple[object, ...]:
    return stored.value, stored.tail, stored.at, stored.version
