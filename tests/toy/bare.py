"""The toy without all that a system may lack: it keeps no note, lists nothing, and tells no time of a write."""

from __future__ import annotations

from rotate.address import Address
from rotate.means import Means
from rotate.plain import plain
from rotate.ports import Hindered, Receipt
from rotate.readable import Readable
from rotate.secret import Secret
from tests.toy.system import PARTS, Toy
from tests.toy.system import SYSTEM as TOY


class Drawer(Readable):
    """A box of which nobody knows when it was written."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means.hide)
        self._box, self._toy = address.name, Toy(address, means)

    def read(self) -> Secret | None:
        """Give what it holds."""
        held = self._toy.read(self._box)
        return Secret(held[0]) if held else None

    def write(self, secret: Secret, hindered: Hindered | None) -> Receipt:
        """Overwrite it, unless something speaks against it."""
        if why := hindered and hindered():
            raise why
        self._toy.ask("PUT", self._box, {"value": secret.reveal()})
        return Receipt(None)


BARE = PARTS._replace(kind="bare", options=("side", "colour"), destination=Drawer, notebook=None, find=None)
SYSTEM = plain(BARE, TOY.traits, lambda: TOY.fields().of_destination)
