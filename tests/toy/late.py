"""The toy, where whatever reads a box keeps the value until it is started anew."""

from __future__ import annotations

from rotate.plain import plain
from rotate.system import PickUp
from tests.toy.system import PARTS
from tests.toy.system import SYSTEM as TOY

LATE = PARTS._replace(kind="late", notebook=None, find=None)
SYSTEM = plain(LATE, TOY.traits._replace(picked_up=PickUp.RESTART), lambda: TOY.fields().of_destination)
