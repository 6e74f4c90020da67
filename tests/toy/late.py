"""The toy, where whatever reads a box keeps the value until it is started anew: by a write to the box `<name>_START`.

How that went stands in the box `<name>_STATE` then.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.errors import DestinationError
from rotate.means import Means
from rotate.plain import plain
from rotate.ports import Deploy, Stage
from rotate.system import PickUp
from tests.toy.system import PARTS, Toy
from tests.toy.system import SYSTEM as TOY


class Consumers:
    """Implements `ports.Deployment`: all that reads the boxes of a shelf."""

    def __init__(self, address: Address, means: Means) -> None:
        self.unit = f"what reads the shelf {address.where}"
        self._toy = Toy(address, means)

    def ready(self) -> None:
        """It must be known how it went the last time."""
        if self._toy.read("STATE") is None:
            raise DestinationError("toy-asleep", "Nobody reads this shelf.", "Wake somebody.")

    def start(self) -> str:
        """Start all of them anew."""
        row = self._toy.ask("PUT", "START", {"value": "now"}).json()
        assert isinstance(row, dict)
        return str(row["written_at"])

    def look(self, started: str) -> Deploy:
        """Say how far they are."""
        state = self._toy.read("STATE")
        assert state is not None
        return Deploy(Stage[state[0]], f"the start of {started} {state[0]}")


LATE = PARTS._replace(kind="late", notebook=None, find="", deployment=Consumers)
SYSTEM = plain(LATE, TOY.traits._replace(picked_up=PickUp.RESTART), lambda: TOY.fields().of_destination)
# As it, but nobody can start anything.
STIFF = plain(
    LATE._replace(kind="stiff", deployment=None),
    TOY.traits._replace(picked_up=PickUp.RESTART),
    lambda: TOY.fields().of_destination,
)
