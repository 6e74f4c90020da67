"""A pretend Gitea, or Forgejo: Actions secrets of repositories and organizations.

Rules: go-gitea/gitea routers/api/v1/api.go (scopes, then owners, then the body), routers/api/v1/repo/action.go,
org/action.go, models/secret/secret.go (an update sets data and description, an insert alone `created_at`),
services/secrets/validation.go; Forgejo's of the same names, which know no description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

NAME, RESERVED = re.compile(r"[A-Z_][A-Z0-9_]*"), re.compile(r"GIT(EA|HUB)_.*")
USUAL_SIZE, LARGEST_SIZE, LONGEST_DESCRIPTION = 30, 50, 4096
NEEDS = {"repos": "repository", "orgs": "organization"}
OWNERS = {"repos": "user should be the owner of the repo", "orgs": "Must be an organization owner"}
Role = Literal["owner", "member"]


@dataclass(slots=True)
class ActionsSecret:
    """One secret. Nobody is shown the value."""

    data: str = field(repr=False)
    description: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, such as one with the scope `write:repository`, and what its holder is where."""

    scopes: set[str]
    places: dict[str, Role]


class GiteaServer:
    """`places`: by `repos/<owner>/<repository>` and `orgs/<organization>`, their secrets by name. `forgejo`: there are
    no descriptions, and a list has no order. `most`: so many secrets stand on a page, at most."""

    name = "gitea"
    bases = ("/api/v1", "/git/api/v1")

    def __init__(self, clock: Clock, *, forgejo: bool = False) -> None:
        """Start without repositories."""
        self.clock, self.forgejo, self.most = clock, forgejo, LARGEST_SIZE
        self.url = ""
        self.places: dict[str, dict[str, ActionsSecret]] = {}
        self.tokens: dict[str, Token] = {}
        routes: dict[str, Handler[Token]] = {
            "GET /user/repos": self._repositories,
            "GET /user/orgs": self._organizations,
        }
        for kind, path in (("repos", "/repos/{owner}/{name}"), ("orgs", "/orgs/{name}")):
            routes[f"GET {path}/actions/secrets"] = partial(self._list, kind)
            routes[f"PUT {path}/actions/secrets/{{secret}}"] = partial(self._put, kind)
            routes[f"DELETE {path}/actions/secrets/{{secret}}"] = partial(self._delete, kind)
        self._router: Router[Token] = Router(routes)

    def set(self, place: str, name: str, data: str, description: str = "") -> bool:
        """Write a secret without a request; say whether it was created."""
        found = self.places[place].get(name)
        created_at = found.created_at if found else self.clock.now()
        kept = "" if self.forgejo else description[:LONGEST_DESCRIPTION]
        self.places[place][name] = ActionsSecret(data, kept, created_at)
        return found is None

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry a message."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            body = {"message": refusal.message, "url": f"{self.url}/api/swagger"}
            return Reply.of(refusal.status, body, refusal.headers)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        token = self.tokens.get(value) if scheme.lower() in ("token", "bearer") else None
        if token is None:
            raise RefusalError(401, "token is required")
        return handler(Call(request, params, token))

    def _place(self, kind: str, call: Call[Token]) -> str:
        """Give the place, as one that the token may read or write."""
        level = "read" if call.request.method == "GET" else "write"
        allowed = {f"{one}:{NEEDS[kind]}" for one in (level, "write")}
        if not allowed & call.caller.scopes:
            raise RefusalError(403, f"token does not have at least one of required scope(s): [{level}:{NEEDS[kind]}]")
        place = "/".join(filter(None, (kind, call.params.get("owner"), call.params["name"])))
        if place not in self.places or place not in call.caller.places:
            raise RefusalError(404, "The target couldn't be found.")
        if call.caller.places[place] != "owner":
            raise RefusalError(403, OWNERS[kind])
        return place

    def _repositories(self, call: Call[Token]) -> Reply:
        rows: list[Json] = [
            {"full_name": place.removeprefix("repos/"), "permissions": {"admin": role == "owner", "pull": True}}
            for place, role in call.caller.places.items()
            if place.startswith("repos/")
        ]
        return self._page(call, rows)

    def _organizations(self, call: Call[Token]) -> Reply:
        names = [place.partition("/")[2] for place in call.caller.places if place.startswith("orgs/")]
        return self._page(call, [{"name": name, "username": name} for name in names])

    def _page(self, call: Call[Token], rows: list[Json]) -> Reply:
        query = call.request.query
        size = min(int(query.get("limit", USUAL_SIZE)), self.most)
        start = (int(query.get("page", 1)) - 1) * size
        return Reply.of(200, rows[start : start + size], {"X-Total-Count": str(len(rows))})

    def _list(self, kind: str, call: Call[Token]) -> Reply:
        found = self.places[self._place(kind, call)]
        names = list(found) if self.forgejo else sorted(found)
        return self._page(call, [self._shape(name, found[name]) for name in names])

    def _put(self, kind: str, call: Call[Token]) -> Reply:
        place, body = self._place(kind, call), call.document()
        data, name = body.get("data"), call.params["secret"].upper()
        if not isinstance(data, str) or not data:
            raise RefusalError(422, "[Data]: Required")
        if not NAME.fullmatch(name) or RESERVED.fullmatch(name):
            raise RefusalError(400, "invalid secret name")
        return Reply(201 if self.set(place, name, data, str(body.get("description", ""))) else 204)

    def _delete(self, kind: str, call: Call[Token]) -> Reply:
        found, name = self.places[self._place(kind, call)], call.params["secret"].upper()
        if name not in found:
            raise RefusalError(404, f"secret was not found [name: {name}]")
        del found[name]
        return Reply(204)

    def _shape(self, name: str, one: ActionsSecret) -> dict[str, Json]:
        shown: dict[str, Json] = {"name": name, "created_at": one.created_at.isoformat(timespec="seconds")}
        return shown if self.forgejo else {**shown, "description": one.description}
