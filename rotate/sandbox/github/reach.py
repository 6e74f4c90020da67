"""What a token of the pretend GitHub reaches: lists of repositories, custom properties, files of the default branch.

A person's token has `/user/repos`, an installation's `/installation/repositories`; each is refused the other's. Rules:
GitHub OpenAPI and facts, GitHub §2.5.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Protocol

from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply
from rotate.sandbox.github.records import Organization, Repository, Token
from rotate.sandbox.github.shapes import full_repository, owner_shape
from rotate.sandbox.paging import page_of, slice_of

_CONTENTS = "GET /repos/{owner}/{repo}/contents"
DEEPEST = 6


class World(Protocol):
    """What the world knows of repositories."""

    url: str

    def every_repository(self) -> list[Repository]:
        """Give all of them."""
        ...

    def organization(self, login: str) -> Organization:
        """Give an organization. Raises `KeyError` when there is none."""
        ...

    def repositories_of(self, login: str) -> list[Repository]:
        """Give its repositories."""
        ...


class ReachRoutes:
    """GitHub OpenAPI /user, /user/repos, /installation/repositories, /orgs/{org}/properties/values, …/contents."""

    def __init__(self, world: World) -> None:
        """Read the world at each request."""
        self._world = world

    @property
    def routes(self) -> Mapping[str, Handler[Token]]:
        """Give route → handler, for what is no single repository's."""
        return {
            "GET /user": self._person,
            "GET /user/repos": self._of_person,
            "GET /installation/repositories": self._of_installation,
            "GET /orgs/{org}/properties/values": self._properties,
        }

    @property
    def guarded(self) -> Mapping[str, tuple[str, str, Callable[[Call[Token], Repository], Reply]]]:
        """Give route → permission, level, handler, for a repository's files."""
        ends = ["".join(f"/{{at{level}}}" for level in range(depth)) for depth in range(1, DEEPEST)]
        return {_CONTENTS + end: ("contents", "read", self._contents) for end in ends}

    def _api(self, call: Call[Token]) -> str:
        return self._world.url + call.request.base

    def _seen(self, call: Call[Token]) -> list[Json]:
        seen = [one for one in self._world.every_repository() if call.caller.sees(one.full_name)]
        return [{**full_repository(one, self._api(call), admin=False), "has_downloads": True} for one in seen]

    def _person(self, call: Call[Token]) -> Reply:
        if call.caller.kind != "pat":
            raise RefusalError(403, "Resource not accessible by integration")
        person = owner_shape(call.caller.login, self._api(call))
        counts: dict[str, Json] = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        since = "2020-01-01T00:00:00Z"
        return Reply.of(200, {**person, **counts, "created_at": since, "updated_at": since})

    def _of_person(self, call: Call[Token]) -> Reply:
        if call.caller.kind != "pat":
            raise RefusalError(403, "Resource not accessible by integration")
        page, headers = slice_of(call.request, self._api(call), self._seen(call))
        return Reply.of(200, page, headers)

    def _of_installation(self, call: Call[Token]) -> Reply:
        if call.caller.kind == "pat":
            message = "You must authenticate with an installation access token in order to list repositories"
            raise RefusalError(403, message)
        return page_of(call.request, self._api(call), "repositories", self._seen(call))

    def _properties(self, call: Call[Token]) -> Reply:
        login = call.params["org"]
        allowed = call.caller.manages(login, "organization_custom_properties", "read")
        try:
            self._world.organization(login)
        except KeyError:
            raise RefusalError(404, "Not Found") from None
        if not allowed:
            raise RefusalError(404 if allowed is None else 403, "Resource not accessible by personal access token")
        shapes: list[Json] = [_properties_of(one) for one in self._world.repositories_of(login)]
        page, headers = slice_of(call.request, self._api(call), shapes)
        return Reply.of(200, page, headers)

    def _contents(self, call: Call[Token], repository: Repository) -> Reply:
        path = "/".join(call.params[f"at{level}"] for level in range(len(call.params) - 2))
        api = f"{self._api(call)}/repos/{repository.full_name}"
        if path in repository.files:
            return Reply.of(200, {**_file(path, repository, api), **_content(repository.files[path])})
        inside = [name for name in repository.files if name.rpartition("/")[0] == path]
        if not inside:
            raise RefusalError(404, "Not Found")
        return Reply.of(200, [_file(name, repository, api) for name in inside])


def _properties_of(repository: Repository) -> dict[str, Json]:
    """GitHub OpenAPI org-repo-custom-property-values."""
    told: list[Json] = [
        {"property_name": name, "value": value if isinstance(value, str) else list(value)}
        for name, value in repository.properties.items()
    ]
    return {
        "repository_id": repository.repository_id,
        "repository_name": repository.full_name.partition("/")[2],
        "repository_full_name": repository.full_name,
        "properties": told,
    }


def _content(text: str) -> dict[str, Json]:
    return {"encoding": "base64", "content": base64.encodebytes(text.encode()).decode()}


def _file(path: str, repository: Repository, api: str) -> dict[str, Json]:
    """GitHub OpenAPI content-file, content-directory."""
    text, sha = repository.files[path], hashlib.sha256(path.encode()).hexdigest()[:40]
    own, blob = f"{api}/contents/{path}?ref=main", f"{api}/git/blobs/{sha}"
    page = f"https://github.example.com/{repository.full_name}/blob/main/{path}"
    return {
        "type": "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(text.encode()),
        "url": own,
        "git_url": blob,
        "html_url": page,
        "download_url": page,
        "_links": {"self": own, "git": blob, "html": page},
    }
