"""A system from scratch, as `.github/CONTRIBUTING.md` adds one: shelves of boxes, `toy://<shelf>#<box>`."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rotate.address import Address
from rotate.errors import ConfigurationError, DestinationError, Outcome, Refused, RotateError
from rotate.fields import Field, Kind
from rotate.means import Means
from rotate.plain import Parts, plain
from rotate.ports import Hindered, Pages, Receipt
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.protocol.facts.model import NoNotebook
from rotate.secret import Secret
from rotate.system import PickUp, Proof, Traits
from rotate.wire.outcome import Answer, NoAnswerError

OK, MISSING, TAKEN = 200, 404, 409
URL, TOKEN = "TOY_URL", "TOY_TOKEN"


class Toy:
    """One shelf, over HTTP."""

    def __init__(self, address: Address, means: Means) -> None:
        self._api = means.api(means.environment[URL])
        self._token = Secret(means.environment[TOKEN])
        means.hide(self._token)
        self.shelf = address.where

    def ask(self, verb: str, box: str, body: object = None, *, again: bool = True) -> Answer:
        """Send one request. Raises `DestinationError` for what is neither found, missing nor taken."""
        try:
            answer = self._api.call(verb, f"/{self.shelf}/{box}".rstrip("/"), self._token, body, idempotent=again)
        except NoAnswerError as error:
            raise DestinationError("toy-silent", "The toy gave no answer.", "Wait.", outcome=error.outcome) from None
        if answer.status not in (OK, MISSING, TAKEN):
            message = f"The toy answers HTTP {answer.status}."
            raise DestinationError("toy-refused", message, "Look at the toy.", outcome=answer.outcome)
        return answer

    def read(self, box: str) -> tuple[str, datetime] | None:
        """Give what a box holds and when it was written; `None` where there is none."""
        row = self.ask("GET", box).json()
        return (row["value"], datetime.fromisoformat(row["written_at"])) if isinstance(row, dict) and row else None


class Box:
    """Implements `ports.Destination`: what stands there can be read back, and is compared."""

    def __init__(self, address: Address, means: Means) -> None:
        self.name = str(address)
        self._box = address.name
        self._toy = Toy(address, means)
        self._put: Secret | None = None

    def observe(self) -> DestinationFacts:
        """Say when it was written."""
        return DestinationFacts(self.written())

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Overwrite the value, unless `hindered` says why not."""
        if why := hindered and hindered():
            raise why
        self._put = secret
        row = self._toy.ask("PUT", self._box, {"value": secret.reveal()}).json()
        assert isinstance(row, dict)
        return Receipt(datetime.fromisoformat(row["written_at"]))

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> datetime:
        """Read it back, and compare."""
        held = self._toy.read(self._box)
        if held is None or self._put is None or not hmac.compare_digest(held[0], self._put.reveal()):
            message = f"{self.name} does not hold what was written to it."
            raise DestinationError("destination-overwritten", message, "Run it again.", outcome=Outcome.UNKNOWN)
        return held[1]

    def written(self) -> datetime | None:
        """Say when it was written."""
        held = self._toy.read(self._box)
        return held[1] if held else None


class Notes:
    """Implements `ports.Notebook` as two boxes, written only where they still read what was read."""

    shared = False

    def __init__(self, address: Address, means: Means) -> None:
        self._note, self._lock = f"{address.name}_NOTE", f"{address.name}_LOCK"
        self._toy = Toy(address, means)
        self.where = (f"The box {self._note} on {self._toy.shelf}", f"The box {self._lock} on {self._toy.shelf}")

    def read(self) -> Pages | NoNotebook:
        """Read both."""
        note, lock = self._toy.read(self._note), self._toy.read(self._lock)
        return Pages(note[0] if note else None, lock[0] if lock else None, lock[1] if lock else None)

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """Nobody knows of runs here."""
        return None

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Write it where nothing stands, or what stood there before."""
        if self._toy.ask("PUT", self._lock, {"value": text, "only_if": replacing}, again=False).status == TAKEN:
            raise Refused("lock-held", "Another run took the lock.", "Wait for it to end.")

    def release_lock(self, text: str) -> None:
        """Remove it where it is still ours."""
        self._toy.ask("DELETE", self._lock, {"only_if": text}, again=False)

    def write_note(self, text: str) -> None:
        """Overwrite it."""
        self._toy.ask("PUT", self._note, {"value": text})

    def put_aside(self, text: str) -> str:
        """Keep it beside."""
        self._toy.ask("PUT", f"{self._note}_BAD", {"value": text})
        return f"the box {self._note}_BAD"


def wrong(address: Address) -> str:
    """A shelf stands alone."""
    return "a shelf has no `/` in its name" if "/" in address.where else ""


def find(addresses: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret]:
    """Give the boxes of these names on the shelves, and those that hold a known key under another name."""
    for one in {address.where: address for address in addresses or (Address("toy", "attic"),)}.values():
        toy = Toy(one, means)
        rows = toy.ask("GET", "").json()
        assert isinstance(rows, dict)
        for name, at in rows.items():
            held = toy.read(name)
            value = Secret(held[0]) if held else None
            if value and wanted.takes(name, value.fingerprint):
                where = str(Address("toy", one.where, name=name))
                yield FoundSecret.at(where, name, written_at=datetime.fromisoformat(at), value=value)


def lacks(environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say which variables are missing."""
    return tuple(
        ConfigurationError("toy-unknown", f"The environment lacks {name}.", f"    env:\n      {name}: …")
        for name in (URL, TOKEN)
        if not environment.get(name)
    )


PARTS = Parts("toy", ("{shelf}",), (), wrong, Box, Notes, f"{__name__}:find")
SYSTEM = plain(
    PARTS,
    Traits(Proof.VALUE, PickUp.AT_READ, creates=True, compare_and_set=True),
    lambda: (Field("shelf", Kind.TEXT, "The shelf of the box"),),
    lacks,
)
