"""The toy without all that a system may lack: it keeps no note, and lists nothing."""

from __future__ import annotations

from rotate.plain import plain
from tests.toy.system import PARTS
from tests.toy.system import SYSTEM as TOY

BARE = PARTS._replace(kind="bare", options=("side", "colour"), notebook=None, find=None)
SYSTEM = plain(BARE, TOY.traits, lambda: TOY.fields().of_destination)
