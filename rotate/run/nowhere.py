"""No notebook, no runs and no canary: a check without a GitHub token asks Neon alone."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import InvariantViolated
from rotate.ports import Pages
from rotate.protocol.facts.model import LiveRun, NoNotebook

TOKENLESS = "No `github_token` was given, so the note was not read: whether this is the newest generation is not known."
PLACELESS = (
    "Nothing says which repository the key is stored in, so no note was read: whether this is the newest generation is "
    "not known."
)
REMEDY = "Give the `repository`, and a token that may read its variables, to have that checked too."


class Nowhere:
    """Implements `ports.Notebook` for a run that changes nothing, `Readers` and `Canary` where no system has them."""

    where = ("The note", "The lock")
    shared = False

    def __init__(self, why: str) -> None:
        """`why`: why there is no notebook."""
        self._why = why

    def alive(self) -> tuple[LiveRun, ...]:
        """Nobody runs here."""
        return ()

    def ask(self, workflow: str, patience: timedelta) -> str:
        """Never asked: the settings refuse a canary that nobody can run. Raises `InvariantViolated`."""
        raise _never(f"to ask {workflow} for {patience}")

    def read(self) -> Pages | NoNotebook:
        """There is nothing to read."""
        return NoNotebook(self._why, REMEDY)

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """Never asked where no lock was read. Raises `InvariantViolated`."""
        raise _never(f"to ask for run {run_id} of {repository}")

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Never asked of a run that changes nothing. Raises `InvariantViolated`."""
        raise _never(f"to take a lock of {len(text)} characters in place of {len(replacing or '')}")

    def release_lock(self, text: str) -> None:
        """Never asked of a run that changes nothing. Raises `InvariantViolated`."""
        raise _never(f"to release a lock of {len(text)} characters")

    def write_note(self, text: str) -> None:
        """Never asked of a run that changes nothing. Raises `InvariantViolated`."""
        raise _never(f"to write a note of {len(text)} characters")

    def put_aside(self, text: str) -> str:
        """Never asked of a run that changes nothing. Raises `InvariantViolated`."""
        raise _never(f"to keep a note of {len(text)} characters")


def _never(what: str) -> InvariantViolated:
    return InvariantViolated("no-notebook-to-write", f"A run without a notebook was {what}.")
