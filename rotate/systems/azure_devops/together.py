"""What the variables of one group have in common within a run: each write sends the whole group."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Together:
    """One for each group in a run. `lock`: from the read of a group to the read after its write nobody else of this run
    reads or writes it. `names`: the variables that this run writes, in small letters, which are no neighbours of each
    other."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    names: set[str] = field(default_factory=set)
    _last: str = ""
    _strange: int = 0

    def wrote(self) -> None:
        """Expect another time of the group: what is read next is this run's own write."""
        self._last = ""

    def version(self, modified: str) -> str:
        """Count the changes of the group that were not this run's, by the time that it tells of the last one."""
        self._strange += bool(self._last) and self._last != modified
        self._last = modified
        return str(self._strange)
