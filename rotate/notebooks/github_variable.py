"""Two Actions variables of the repository whose workflow runs: the note, and the lock by atomic create."""

from __future__ import annotations

from functools import partial

from rotate.errors import DestinationError, Outcome, Refused
from rotate.github_api import runs
from rotate.github_api.client import GitHub
from rotate.github_api.identity import Number
from rotate.github_api.variables import PERMISSION, RepositoryVariables
from rotate.github_api.wording import TRY_AGAIN, token_remedy
from rotate.ports import Pages
from rotate.protocol.model import NoNotebook
from rotate.wire.together import begin, value_of

NO_PERMISSION = frozenset({"github-permission-missing", "github-repository-not-found", "github-role-missing"})


class GitHubVariables:
    """Implements `ports.Notebook` as `<CREDENTIAL>_ROTATION` and `<CREDENTIAL>_ROTATION_LOCK`."""

    def __init__(self, github: GitHub, repository: str, credential: str, number: Number | None = None) -> None:
        """`number`: the repository's, which is learnt beside the first read."""
        self._number = number
        self._github = github
        self._repository = repository
        self._variables = RepositoryVariables(github, repository)
        self._note = f"{credential}_ROTATION"
        self._lock = f"{credential}_ROTATION_LOCK"
        self._bad = f"{credential}_ROTATION_BAD"
        self._noted = False

    @property
    def where(self) -> tuple[str, str]:
        """Name the note and the lock, for people."""
        place = f"of {self._repository}"
        return f"The variable {self._note} {place}", f"The variable {self._lock} {place}"

    def read(self) -> Pages | NoNotebook:
        """Read both, beside a control that tells an absent variable from one that may not be read (S9)."""
        denied = begin(self._variables.denied)
        note = begin(partial(self._variables.read, self._note))
        lock = begin(partial(self._variables.look_up, self._lock))
        number = begin(self._number.learn) if self._number and not self._number.known else None
        # All are waited for before any is judged: nothing goes on behind the run's back.
        denial, noted, locked, numbered = denied(), note(), lock(), number() if number else 0
        value_of(numbered)
        why = value_of(denial)
        if why is not None:
            return NoNotebook(
                f"{why} Without variables there is no lock and no note: two runs at once could break each other.",
                token_remedy(self._repository, PERMISSION),
            )
        held = value_of(locked)
        pages = Pages(value_of(noted), held.text if held else None, held.created_at if held else None)
        self._noted = pages.note is not None
        return pages

    def run_completed(self, run_id: int) -> bool | None:
        """Say whether a workflow run is over; `None` when that cannot be known."""
        return runs.completed(self._github, self._repository, run_id)

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Create the lock. A stale one is removed first, if it still reads `replacing`: of two runs that found the same
        stale lock, the slower must not remove the quicker one's.

        Raises:
            Refused: somebody holds it. DestinationError: `no-notebook` without permission, or an unknown outcome.
        """
        try:
            free = replacing is None or (
                self._variables.read(self._lock) == replacing and self._variables.delete(self._lock)
            )
            mine = free and self._variables.create(self._lock, text)
        except DestinationError as error:
            if error.reason in NO_PERMISSION:
                raise DestinationError("no-notebook", error.message, error.remedy) from None
            raise
        if not mine:
            raise Refused(
                "lock-held",
                "Another run took the rotation lock a moment ago.",
                "Wait for it to end and run this one again. Give the workflow a `concurrency:` group.",
            )

    def release_lock(self, text: str) -> None:
        """Remove the lock if it is still ours.

        Raises:
            RotateError: it could not be read or removed; its lease ends by itself.
        """
        if self._variables.read(self._lock) == text:
            self._variables.delete(self._lock)

    def write_note(self, text: str) -> None:
        """Overwrite the note, or create it, whichever the last look promises to work.

        Raises:
            RotateError: it could not be written, or that is not known.
        """
        ways = (self._update_note, self._create_note) if self._noted else (self._create_note, self._update_note)
        if not any(way(text) for way in ways):
            raise DestinationError(
                "github-unexpected-answer",
                f"{self.where[0]} neither exists nor can be created: somebody else changes it at the same time.",
                TRY_AGAIN,
            )

    def put_aside(self, text: str) -> str:
        """Keep what stood in the note's place as another variable, in place of what was put aside before.

        Raises:
            RotateError: it could not be kept.
        """
        if not self._variables.create(self._bad, text):
            self._variables.update(self._bad, text)
        return f"the variable {self._bad} of {self._repository}"

    def _update_note(self, text: str) -> bool:
        return self._variables.update(self._note, text)

    def _create_note(self, text: str) -> bool:
        """Create the note. If the reply is lost it is looked at, not repeated."""
        try:
            self._noted = self._variables.create(self._note, text)
        except DestinationError as error:
            if error.outcome is not Outcome.UNKNOWN or self._variables.read(self._note) != text:
                raise
            self._noted = True
        return self._noted
