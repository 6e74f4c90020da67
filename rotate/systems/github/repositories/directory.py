"""How many repositories of one owner stand, from an organization's list in place of one request for each.

GitHub OpenAPI `/orgs/{org}/repos`: a page tells of a hundred, so a destination takes four requests and not five.
"""

from __future__ import annotations

import threading

from rotate.errors import RotateError
from rotate.systems.github.repositories.discovery import METADATA, Repository, described, repository
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import rows

# So many pages may be read, in vain perhaps, for each repository that is asked for.
PAGES_EACH = 0.1


class Directory:
    """Tells how each repository of one owner stands, to those who ask at the same time too.

    The first is asked for by itself, since a run that finds nothing due asks for no more; it tells whether its owner is
    an organization, which alone has a list.
    """

    def __init__(self, github: GitHub, owner: str, asked: int) -> None:
        """`asked`: how often somebody will want to know, if all is looked at."""
        self._github = github
        self._owner = owner
        self._most = int(asked * PAGES_EACH)
        self._asked = asked
        self._lock = threading.Lock()
        self._known: dict[str, Repository] = {}
        self._begun = self._tried = self._of_organization = False

    @property
    def spared(self) -> int:
        """Say how many requests it spares at least, as far as that is known: none before the first answer."""
        return self._asked - 1 - self._most if self._of_organization else 0

    def repository(self, name: str) -> Repository:
        """Look one up. What the list does not tell, an earlier name above all, is asked for by itself.

        Raises:
            Refused: it does not exist for this token. DestinationError: no usable answer.
        """
        with self._lock:
            if not self._begun:
                self._begun = True
                found = repository(self._github, name)
                self._known[found.full_name.lower()] = found
                self._of_organization = found.of_organization
                return found
            if not self._tried and self.spared:
                self._known |= self._list()
            self._tried = True
        return self._known.get(name.lower()) or repository(self._github, name)

    def _list(self) -> dict[str, Repository]:
        """Without a list, or with one that is too long, each is asked for by itself."""
        doing = f"list the repositories of {self._owner}"
        try:
            every = rows(self._github, f"/orgs/{self._owner}/repos", "", self._owner, METADATA, most=self._most)
            # That these two are told is promised of one repository, and not of those in a list.
            told = (described(row, doing) for row in every if {"archived", "disabled"} <= row.keys())
            return {one.full_name.lower(): one for one in told}
        except RotateError:
            return {}
