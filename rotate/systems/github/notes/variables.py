"""Actions variables of a repository or an organization: create (409 = somebody holds it), read, overwrite, delete.

GitHub OpenAPI: `/repos/{owner}/{repo}/actions/variables`, `/orgs/{org}/actions/variables`, and `…/{name}`. Creating one
is atomic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from rotate.errors import DestinationError, RotateError
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import asked, moment
from rotate.wire.outcome import SUCCESS, Answer

PERMISSION = "the repository permission **Variables: read and write**"
OF_ORGANIZATION = "the organization permission **Variables: read and write**"
# No workflow reads note or lock.
NOBODY = {"visibility": "selected", "selected_repository_ids": list[int]()}


@dataclass(frozen=True, slots=True)
class Variable:
    """What is stored, and since when by GitHub's clock (`None` where the answer does not tell)."""

    text: str
    created_at: datetime | None


class Variables:
    """The Actions variables of one repository (`owner/name`) or organization (its login). Note and lock are what a run
    leaves in order, so requests go whatever else GitHub has no patience for."""

    def __init__(self, github: GitHub, owner: str) -> None:
        self._github = github
        self.owner = owner
        self.permission = PERMISSION if "/" in owner else OF_ORGANIZATION
        self._path = f"/{'repos' if '/' in owner else 'orgs'}/{owner}/actions/variables"

    def denied(self) -> str | None:
        """Say why variables cannot be read here, in GitHub's words; `None` when they can.

        A single variable's 404 means "absent" only where this says `None`.

        Raises:
            RotateError: the token is wrong, or no usable answer.
        """
        doing = f"list the variables of {self.owner}"
        answer = asked(self._github, "GET", f"{self._path}?per_page=1", doing, last=True)
        if answer.status in SUCCESS and isinstance(answer.json(), dict):
            return None
        if answer.status in (words.FORBIDDEN, words.NOT_FOUND):
            found = self._refusal(doing, answer)
            if not isinstance(found, DestinationError):
                return found.message
        raise self._refusal(doing, answer)

    def read(self, name: str) -> str | None:
        """Give a variable's text, or `None` for a 404. Raises `RotateError` as `look_up` does."""
        found = self.look_up(name)
        return found.text if found else None

    def look_up(self, name: str) -> Variable | None:
        """Give a variable, or `None` for a 404.

        Raises:
            RotateError: anything else: what cannot be read is unknown, not absent.
        """
        doing = f"read the variable {name} of {self.owner}"
        answer = asked(self._github, "GET", f"{self._path}/{name}", doing, last=True)
        if answer.status == words.NOT_FOUND:
            return None
        row = answer.json()
        if answer.status not in SUCCESS or not isinstance(row, dict) or not isinstance(row.get("value"), str):
            raise self._refusal(doing, answer)
        return Variable(row["value"], moment(row, "created_at"))

    def create(self, name: str, value: str) -> bool:
        """Create a variable; `False` when one of that name exists. Never repeated when the reply is lost.

        Raises:
            DestinationError: refused (no effect), or no usable answer (unknown).
        """
        doing = f"create the variable {name} of {self.owner}"
        body: dict[str, object] = {"name": name, "value": value, **({} if "/" in self.owner else NOBODY)}
        answer = asked(self._github, "POST", self._path, doing, body, idempotent=False, last=True)
        if answer.status == HTTPStatus.CONFLICT:
            return False
        self._expect(HTTPStatus.CREATED, doing, answer)
        return True

    def update(self, name: str, value: str) -> bool:
        """Overwrite a variable; `False` when there is none of that name.

        Raises:
            DestinationError: refused (no effect), or no usable answer (unknown).
        """
        return self._change("PATCH", name, {"name": name, "value": value})

    def delete(self, name: str) -> bool:
        """Remove a variable; `False` when there is none of that name.

        Raises:
            DestinationError: refused (no effect), or no usable answer (unknown).
        """
        return self._change("DELETE", name, None)

    def _change(self, verb: str, name: str, body: dict[str, object] | None) -> bool:
        doing = f"change the variable {name} of {self.owner}"
        answer = asked(self._github, verb, f"{self._path}/{name}", doing, body, last=True)
        if answer.status == words.NOT_FOUND:
            return False
        self._expect(HTTPStatus.NO_CONTENT, doing, answer)
        return True

    def _expect(self, status: int, doing: str, answer: Answer) -> None:
        """Believe only the one status that GitHub documents: a proxy's page says 200 and nothing happened."""
        if answer.status != status:
            raise words.write_refusal(doing, self.owner, self.permission, answer)

    def _refusal(self, doing: str, answer: Answer) -> RotateError:
        return words.refusal(doing, self.owner, self.permission, answer)
