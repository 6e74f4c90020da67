"""Issues of the pretend GitHub: list, create, edit, comment. A pull request is an issue too, and is listed as one.

Rules: GitHub's OpenAPI description of `/repos/{owner}/{repo}/issues` (npm @octokit/openapi 23.0.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from rotate.sandbox.clock import Clock, stamp
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply
from rotate.sandbox.github.records import Repository, Token
from rotate.sandbox.github.shapes import owner_shape
from rotate.sandbox.paging import slice_of

_BASE = "/repos/{owner}/{repo}/issues"
_LONGEST = 65536
_PLAYED = frozenset({"state", "sort", "direction", "per_page", "page", "creator"})


@dataclass(eq=False, slots=True)
class StoredIssue:
    """An issue and its comments. `app_id`: the App through which it was opened, if any."""

    number: int
    title: str
    body: str
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    pull_request: bool = False
    author: str = "ada"
    app_id: str = ""
    comments: list[str] = field(default_factory=list)

    def shape(self, repository: Repository, api: str) -> dict[str, Json]:
        """Tell it. GitHub OpenAPI issue."""
        home = f"{api}/repos/{repository.full_name}"
        url = f"{home}/issues/{self.number}"
        web = f"https://github.example.com/{repository.full_name}/issues/{self.number}"
        pull: dict[str, Json] = dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), web)
        return {
            "id": self.number,
            "node_id": f"I_{self.number}",
            "number": self.number,
            "title": self.title,
            "body": self.body,
            "state": self.state,
            "locked": False,
            "user": dict(author_shape(self.author, api)),
            "performed_via_github_app": _app_shape(self.app_id, self.author, api) if self.app_id else None,
            "labels": [],
            "assignee": None,
            "milestone": None,
            "comments": len(self.comments),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "closed_at": stamp(self.closed_at) if self.closed_at else None,
            "url": url,
            "html_url": web,
            "repository_url": home,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            **({"state_reason": self.state_reason} if self.state_reason else {}),
            **({"pull_request": pull} if self.pull_request else {}),
        }


class Settings(Protocol):
    """What the routes read from the server."""

    url: str

    def issues(self, full_name: str) -> list[StoredIssue]:
        """Give every issue of a repository, oldest first."""
        ...

    def add_issue(self, full_name: str, title: str, body: str, **changes: Any) -> StoredIssue:
        """Open an issue."""
        ...


class IssueRoutes:
    """GitHub OpenAPI /repos/{owner}/{repo}/issues."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the settings at each request."""
        self._settings = settings
        self._clock = clock

    @property
    def routes(self) -> Mapping[str, tuple[str, str, Callable[[Call[Token], Repository], Reply]]]:
        """Give route → permission, level, handler."""
        return {
            f"GET {_BASE}": ("issues", "read", self._list),
            f"POST {_BASE}": ("issues", "write", self._create),
            f"PATCH {_BASE}/{{number}}": ("issues", "write", self._edit),
            f"POST {_BASE}/{{number}}/comments": ("issues", "write", self._comment),
        }

    def _api(self, call: Call[Token]) -> str:
        return self._settings.url + call.request.base

    def _list(self, call: Call[Token], repository: Repository) -> Reply:
        query = call.request.query
        if set(query) - _PLAYED:
            raise RefusalError(422, f"the sandbox does not filter by {', '.join(set(query) - _PLAYED)}")
        wanted = query.get("state", "open")
        found = [one for one in self._settings.issues(repository.full_name) if wanted in ("all", one.state)]
        creator = query.get("creator", "").lower()
        found = [one for one in found if creator in ("", one.author.lower())]
        by_update = query.get("sort", "created") == "updated"
        found.sort(
            key=lambda one: (one.updated_at if by_update else one.created_at, one.number),
            reverse=query.get("direction", "desc") == "desc",
        )
        shapes: list[Json] = [one.shape(repository, self._api(call)) for one in found]
        page, headers = slice_of(call.request, self._api(call), shapes)
        return Reply.of(200, page, headers)

    def _create(self, call: Call[Token], repository: Repository) -> Reply:
        if not repository.has_issues:
            raise RefusalError(410, "Issues are disabled for this repo")
        body = call.document()
        title, text, who = _text(body, "title"), _text(body, "body", ""), call.caller
        made = self._settings.add_issue(repository.full_name, title, text, author=who.login, app_id=who.app_id)
        return Reply.of(201, made.shape(repository, self._api(call)))

    def _edit(self, call: Call[Token], repository: Repository) -> Reply:
        issue, body, now = self._find(call, repository), call.document(), self._clock.now()
        issue.title, issue.body = _text(body, "title", issue.title), _text(body, "body", issue.body)
        state = _text(body, "state", issue.state)
        if state not in ("open", "closed"):
            raise RefusalError(422, "state is open or closed")
        if state != issue.state:
            reason = body.get("state_reason") or ("completed" if state == "closed" else "reopened")
            issue.state, issue.state_reason = state, str(reason)
            issue.closed_at = now if state == "closed" else None
        issue.updated_at = now
        return Reply.of(200, issue.shape(repository, self._api(call)))

    def _comment(self, call: Call[Token], repository: Repository) -> Reply:
        issue, now = self._find(call, repository), self._clock.now()
        issue.comments.append(_text(call.document(), "body"))
        issue.updated_at = now
        number = len(issue.comments)
        url = f"{self._api(call)}/repos/{repository.full_name}/issues"
        shape: dict[str, Json] = {
            "id": number,
            "node_id": f"IC_{number}",
            "url": f"{url}/comments/{number}",
            "issue_url": f"{url}/{issue.number}",
            "html_url": f"https://github.example.com/{repository.full_name}/issues/{issue.number}#issuecomment-{number}",
            "user": dict(author_shape(call.caller.login, self._api(call))),
            "created_at": stamp(now),
            "updated_at": stamp(now),
            "body": issue.comments[-1],
        }
        return Reply.of(201, shape)

    def _find(self, call: Call[Token], repository: Repository) -> StoredIssue:
        for issue in self._settings.issues(repository.full_name):
            if str(issue.number) == call.params["number"]:
                return issue
        raise RefusalError(404, "Not Found")


def author_shape(login: str, api: str) -> dict[str, Json]:
    """Tell who opened or wrote it. An App's own account is a bot, in whose name stands what no person's may have."""
    return owner_shape(login, api, "Bot" if login.endswith("[bot]") else "User")


def _app_shape(app_id: str, login: str, api: str) -> dict[str, Json]:
    """Tell an App. GitHub OpenAPI integration."""
    slug = login.removesuffix("[bot]")
    return {
        "id": int(app_id),
        "client_id": f"Iv23li{app_id}",
        "node_id": f"A_{app_id}",
        "slug": slug,
        "name": slug,
        "owner": dict(owner_shape("octo-org", api, "Organization")),
        "description": None,
        "external_url": "https://github.example.com",
        "html_url": f"https://github.example.com/apps/{slug}",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "permissions": {"issues": "write"},
        "events": [],
    }


def _text(body: Mapping[str, Json], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise RefusalError(422, f"{name} is a text")
    if len(value) > _LONGEST:
        raise RefusalError(422, f"{name} is too long (maximum is {_LONGEST} characters)")
    return value
