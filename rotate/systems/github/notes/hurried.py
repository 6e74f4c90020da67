"""The note after an exposure: what the exposed key's death does not need, it does not wait for."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from rotate.errors import DestinationError, Outcome
from rotate.systems.github.notes.notebook import GitHubVariables
from rotate.systems.github.wire.words import TRY_AGAIN
from rotate.wire.together import begin_for, value_of

PATIENCE = 5.0
LATE = f"GitHub took no note of the new key within {PATIENCE:g} seconds, and after an exposure nothing waits longer."


class HurriedVariables(GitHubVariables):
    """The same variables; a note of a pending key is waited for some seconds only.

    Such a note serves to finish with the value at hand later, and releases no key. Should it still be on its way when
    the next note is written or the lock is given back, that waits for its end: it never lands on top of a later note,
    nor after the lock has gone.
    """

    _late: Callable[[], object] | None = None

    def write_note(self, text: str) -> None:
        """Write it; of a pending key's, say after some seconds that its end is not known.

        Raises:
            RotateError: it could not be written, or that is not known.
        """
        self._settle()
        if not json.loads(text).get("pending"):
            super().write_note(text)
            return
        ended, late = begin_for(PATIENCE, partial(super().write_note, text))
        if not ended:
            self._late = late
            raise DestinationError("github-unreachable", LATE, TRY_AGAIN, outcome=Outcome.UNKNOWN)
        value_of(late())

    def release_lock(self, text: str) -> None:
        """Remove the lock if it is still ours.

        Raises:
            RotateError: it could not be read or removed; its lease ends by itself.
        """
        self._settle()
        super().release_lock(text)

    def _settle(self) -> None:
        """Wait for the end of a note that is on its way, however it ends."""
        late, self._late = self._late, None
        if late:
            late()
