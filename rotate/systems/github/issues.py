"""Issues of a repository, found again by who opened them and how their body begins, never by a title.

In a public repository everybody may open an issue that begins as ours do, and close it again: only those count that the
account of our own token opened, or our App. A person's token is told whose it is (GitHub OpenAPI `/user`); an App's is
not, and its issues are a bot's, whose name no person can have. No other App opens issues that an outsider may close.

GitHub OpenAPI: `/repos/{owner}/{repo}/issues`, `…/{issue_number}` and `…/{issue_number}/comments`. Labels are not used:
GitHub drops them without a word where the token's owner may not set them.
"""

from __future__ import annotations

from rotate.errors import DestinationError, RotateError
from rotate.protocol.story.alert import OpenIssue
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pace import refused_for
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

PAGE = 100
MOST_PAGES = 10
DENIED = frozenset({"github-token-invalid", "github-permission-missing", "github-repository-not-found"})
PERMISSION = "the repository permission **Issues: read and write**"
DISABLED = 410
# What an App's token is answered where a person is asked for.
NO_PERSON = 403
NEEDS = (
    "To be alerted, give the token in `github_token` the permission **Issues: Read and write** for {repository}; to do "
    "without, set in the policy file:\n\n    alert_issue: false"
)
TURNED_OFF = (
    "Issues are turned off in {repository}: turn them on (Settings → General → Features), or set in the policy "
    "file:\n\n    alert_issue: false"
)


class RepositoryIssues:
    """The issues of one repository (`owner/name`). Every failure is a `DestinationError` with the reason
    `alert-not-raised`."""

    def __init__(self, github: GitHub, repository: str) -> None:
        self._github = github
        self._repository = repository
        self._path = f"/repos/{repository}/issues"

    def beginning_with(self, marker: str) -> tuple[OpenIssue, ...]:
        """Give the open issues of our own whose body begins with `marker`, the oldest first.

        The thousand that were touched last are looked at; an alert that goes on is touched by every run. Of a person's
        token, they are those that this person opened.
        """
        found: list[OpenIssue] = []
        login = self._person()
        by = f"&creator={login}" if login else ""
        for page in range(1, MOST_PAGES + 1):
            query = f"state=open&sort=updated&direction=desc&per_page={PAGE}&page={page}{by}"
            answer = self._call("GET", f"{self._path}?{query}", "list the issues")
            rows = answer.json()
            if not isinstance(rows, list):
                raise self._refused("list the issues", answer)
            ours = [_issue(row) for row in rows if _opened_by(row, login, answer.app)]
            found += [one for one in ours if one and one.body.startswith(marker)]
            if len(rows) < PAGE:
                break
        return tuple(sorted(found, key=lambda one: one.number))

    def _person(self) -> str:
        """Give the login of the person whose token this is; nothing for an App's, which GitHub does not tell."""
        doing = "ask whose token this is"
        answer = self._call("GET", "/user", doing, refused=NO_PERSON)
        row = answer.json()
        if answer.status == NO_PERSON:
            return ""
        login = row.get("login") if isinstance(row, dict) else None
        if not isinstance(login, str) or not login:
            raise self._refused(doing, answer)
        return login

    def create(self, title: str, body: str) -> int:
        """Open an issue and give its number. Never repeated when the reply is lost: the next run finds it."""
        answer = self._call("POST", self._path, "open an issue", {"title": title, "body": body}, idempotent=False)
        made = _issue(answer.json())
        if made is None:
            raise self._refused("open an issue", answer)
        return made.number

    def edit(self, number: int, **changes: object) -> None:
        """Change an issue's title, body or state."""
        self._call("PATCH", f"{self._path}/{number}", f"edit issue #{number}", changes)

    def comment(self, number: int, text: str) -> None:
        """Add a comment, which tells everybody who follows the issue."""
        doing = f"comment on issue #{number}"
        self._call("POST", f"{self._path}/{number}/comments", doing, {"body": text}, idempotent=False)

    def close(self) -> None:
        self._github.close()

    def _call(
        self,
        verb: str,
        path: str,
        doing: str,
        body: dict[str, object] | None = None,
        *,
        idempotent: bool = True,
        refused: int = 0,
    ) -> Answer:
        """Make a request. `refused`: a status that is an answer too, unless it stands for a rate limit."""
        try:
            answer = self._github.call(verb, path, body, idempotent=idempotent)
        except NoAnswerError as error:
            message = f"Could not {doing} in {self._repository}: GitHub did not answer ({error.said})."
            raise DestinationError("alert-not-raised", message, words.unreachable(doing, error).remedy) from None
        except RotateError as error:
            message = f"Could not {doing} in {self._repository}: {error.message}"
            raise DestinationError("alert-not-raised", message, error.remedy) from None
        told = answer.status == refused and refused_for(answer, 0.0) is None
        if answer.status not in SUCCESS and not told:
            raise self._refused(doing, answer)
        return answer

    def _refused(self, doing: str, answer: Answer) -> DestinationError:
        found = words.refusal(doing, self._repository, PERMISSION, answer)
        remedy = found.remedy
        if answer.status == DISABLED:
            remedy = TURNED_OFF.format(repository=self._repository)
        elif found.reason in DENIED:
            remedy = NEEDS.format(repository=self._repository)
        message = f"Could not {doing} in {self._repository}: GitHub answers {words.quote(answer)}."
        return DestinationError("alert-not-raised", message, remedy)


def _opened_by(row: object, login: str, app: str) -> bool:
    """Say whether this person opened it; for an App's token, a bot: `app`, where we know which App we are."""
    user = row.get("user") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(user, dict):
        return False
    if login:
        return str(user.get("login")).lower() == login.lower()
    through = row.get("performed_via_github_app")
    known = {str(through.get(name)) for name in ("id", "client_id")} if isinstance(through, dict) else {app}
    return user.get("type") == "Bot" and (not app or app in known)


def _issue(row: object) -> OpenIssue | None:
    """Read an issue; `None` for a pull request, which GitHub lists as one, and for what is no issue."""
    number = row.get("number") if isinstance(row, dict) and "pull_request" not in row else None
    if not isinstance(row, dict) or not isinstance(number, int):
        return None
    return OpenIssue(number, str(row.get("body") or ""))
