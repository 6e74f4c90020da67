"""The number of a repository, which it keeps when it is renamed or given to somebody else."""

from __future__ import annotations

from rotate.systems.github.wire.client import GitHub


class Number:
    """Knows the number of one repository as the runner told it, or once GitHub was asked."""

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
