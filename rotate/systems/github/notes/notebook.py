"""Two Actions variables of the repository whose workflow runs: the note, and the lock by atomic create.

Where the secret is an organization's, several repositories may rotate it. Then both belong with the organization, so
that their runs see each other, if the token may write its variables; a note that the repository kept moves there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.ports import Pages
from rotate.protocol.facts.model import NoNotebook
from rotate.systems.github import runs
from rotate.systems.github.notes.variables import Variables
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.words import TRY_AGAIN, token_remedy
from rotate.wire.together import begin, begin_for, together, value_of

NO_PERMISSION = frozenset({"github-permission-missing", "github-repository-not-found", "github-role-missing"})
PATIENCE = 5.0
LATE = f"GitHub took no note of the new key within {PATIENCE:g} seconds, and after an exposure nothing waits longer."


class Number:
    """Knows the number of one repository, which a rename does not change: the runner told it, or GitHub is asked."""

    def __init__(self, github: GitHub, repository: str, told: int = 0) -> None:
        """`told`: the number, where it is known; else 0."""
        self._github = github
        self._repository = repository
        self.known = told

    def learn(self) -> int:
        """Ask GitHub for it.

        Raises:
            RotateError: the repository does not exist for this token, or no usable answer.
        """
        from rotate.systems.github.repositories.discovery import repository

        self.known = repository(self._github, self._repository).repository_id
        return self.known


class GitHubVariables:
    """Implements `ports.Notebook` as `<CREDENTIAL>_ROTATION` and `<CREDENTIAL>_ROTATION_LOCK`."""

    def __init__(
        self,
        github: GitHub,
        repository: str,
        credential: str,
        number: Number | None = None,
        shared: Variables | None = None,
    ) -> None:
        """`number`: the repository's, which is learnt beside the first read. `shared`: those of the organization."""
        self._number = number
        self._github = github
        self._repository = repository
        self._own = Variables(github, repository)
        self._books = (shared, self._own) if shared else (self._own,)
        self._variables = self._books[0]
        self._moves = False
        self._note = f"{credential}_ROTATION"
        self._lock = f"{credential}_ROTATION_LOCK"
        self._bad = f"{credential}_ROTATION_BAD"
        self._noted = False

    @property
    def where(self) -> tuple[str, str]:
        """Name the note and the lock, for people."""
        place = f"of {self._variables.owner}"
        return f"The variable {self._note} {place}", f"The variable {self._lock} {place}"

    @property
    def shared(self) -> bool:
        """Whether other repositories find both there too."""
        return self._variables is not self._own

    def read(self) -> Pages | NoNotebook:
        """Read both, beside a control that tells an absent variable from one that may not be read (S9)."""
        looks = [begin(partial(self._look, book)) for book in self._books]
        number = begin(self._number.learn) if self._number and not self._number.known else None
        # All are waited for before any is judged: nothing goes on behind the run's back.
        found: list[Pages | NoNotebook | RotateError] = [look() for look in looks]
        value_of(number() if number else 0)
        # Where the organization's may not be used, the repository's own are, as ever.
        own = found[-1]
        first = own if isinstance(found[0], NoNotebook) else found[0]
        if isinstance(first, RotateError):
            raise first
        self._variables = self._own if first is own else self._books[0]
        return first if isinstance(first, NoNotebook) else self._settled(first, own)

    def _look(self, book: Variables) -> Pages | NoNotebook:
        denied = begin(book.denied)
        note, lock = begin(partial(book.read, self._note)), begin(partial(book.look_up, self._lock))
        denial, noted, locked = denied(), note(), lock()
        why = value_of(denial)
        if why is not None:
            return NoNotebook(
                f"{why} Without variables there is no lock and no note: two runs at once could break each other.",
                token_remedy(book.owner, book.permission),
            )
        held = value_of(locked)
        return Pages(value_of(noted), held.text if held else None, held.created_at if held else None)

    def _settled(self, pages: Pages, own: Pages | NoNotebook | RotateError) -> Pages:
        """Take over the note that the repository kept, where the organization has none yet."""
        self._noted = pages.note is not None
        if not self.shared:
            return pages
        self._moves = not self._noted and isinstance(own, Pages) and own.note is not None
        return replace(pages, note=own.note) if self._moves and isinstance(own, Pages) else pages

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """Say whether a workflow run is over; `None` when that cannot be known, also where another repository's run is
        none that this token may see."""
        elsewhere = repository.lower() not in ("", self._repository.lower())
        whose = repository if elsewhere else self._repository
        return runs.completed(self._github, whose, run_id, elsewhere=elsewhere)

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
        update = partial(self._variables.update, self._note)
        ways = (update, self._create_note) if self._noted else (self._create_note, update)
        written = any(way(text) for way in ways)
        if written and self._moves:
            self._moves = False
            together(partial(self._own.delete, self._note))  # one that stays is never read again
        if not written:
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
        return f"the variable {self._bad} of {self._variables.owner}"

    def _create_note(self, text: str) -> bool:
        """Create the note. If the reply is lost it is looked at, not repeated."""
        try:
            self._noted = self._variables.create(self._note, text)
        except DestinationError as error:
            if error.outcome is not Outcome.UNKNOWN or self._variables.read(self._note) != text:
                raise
            self._noted = True
        return self._noted


class HurriedVariables(GitHubVariables):
    """The same after an exposure: what the exposed key's death does not need, a note of a pending key, it does not wait
    for but some seconds.

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
        """Remove the lock, once no note is on its way any more."""
        self._settle()
        super().release_lock(text)

    def _settle(self) -> None:
        """Wait for the end of a note that is on its way, however it ends."""
        late, self._late = self._late, None
        if late:
            late()
