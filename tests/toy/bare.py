"""The toy without all that a system may lack: it keeps no note, lists nothing, and tells no time of a write."""

from __future__ import annotations

from rotate.address import Address
from rotate.means import Means
from rotate.plain import plain
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service.readable import Readable, Stored
from tests.toy.system import PARTS, Toy
from tests.toy.system import SYSTEM as TOY


class Drawer(Readable):
    """A box of which nobody knows when it was written."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._box, self._toy = address.name, Toy(address, means)

    def read(self) -> Stored | None:
        """Give what it holds."""
        held = self._toy.read(self._box)
        return Stored(Secret(held[0])) if held else None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Overwrite it, unless something speaks against it."""
        if why := hindered and hindered():
            raise why
        self._toy.ask("PUT", self._box, {"value": secret.reveal()})


BARE = PARTS._replace(kind="bare", options=("side", "colour"), destination=Drawer, notebook=None, find="")
SYSTEM = plain(BARE, TOY.traits, lambda: TOY.fields().of_destination)
