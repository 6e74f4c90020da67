"""A pretend CircleCI: contexts of organizations with their variables and restrictions, and projects with variables.

Behaviour after the official description (api/openapi.yaml) and CircleCI's own client (circleci-cli
internal/apiclient/context.go, project.go): both writes create or overwrite, no value is told, a list has
`next_page_token`. What a token does not see is 404.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

PAGE = 20
TOKEN = "Circle-Token"  # the header's name


@dataclass(slots=True)
class Variable:
    """One variable. Nobody is shown the value; of a project's the last four characters."""

    value: str = field(repr=False)
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Holder:
    """A context (with an id, and restrictions) or a project."""

    name: str
    variables: dict[str, Variable] = field(default_factory=dict)
    number: str = field(default_factory=lambda: str(uuid.uuid4()))
    restrictions: list[dict[str, Json]] = field(default_factory=list)


class CircleCIServer:
    """`contexts`: by the organization's slug. `projects`: by theirs. A token sees the owners in `tokens`, and may write
    where it is not one of the `readers`."""

    name = "circleci"
    bases = ("/api/v2", "/api/v1.1")

    def __init__(self, clock: Clock) -> None:
        """Start without organizations."""
        self.clock = clock
        self.url = ""
        self.contexts: dict[str, list[Holder]] = {}
        self.projects: dict[str, Holder] = {}
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        routes: dict[str, Handler[str]] = {
            "GET /me/collaborations": self._collaborations,
            "GET /projects": self._followed,
            "GET /context": self._contexts,
            "GET /context/{id}/environment-variable": self._of_context,
            "PUT /context/{id}/environment-variable/{name}": self._put,
            "GET /project/{slug}/envvar": self._of_project,
            "POST /project/{slug}/envvar": self._post,
            "GET /project/{slug}/envvar/{name}": self._masked,
        }
        self._router = Router(routes)

    def set(self, holder: Holder, name: str, value: str) -> None:
        """Write a variable without a request."""
        now = self.clock.now()
        before = holder.variables.get(name)
        holder.variables[name] = Variable(value, before.created_at if before else now, now)

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry a message."""
        token = request.headers.get(TOKEN, "")
        if token not in self.tokens:
            return Reply.of(401, {"message": "You must log in first."})
        if token in self.readers and request.method != "GET":
            return Reply.of(403, {"message": "Permission denied."})
        try:
            handler, params = self._router.find(request)
            return handler(Call(request, params, token))
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"message": refusal.message}, refusal.headers)

    def _collaborations(self, call: Call[str]) -> Reply:
        rows: list[Json] = [
            {"vcs-type": "github", "slug": slug, "name": slug.rpartition("/")[2], "avatar_url": "", "id": None}
            for slug in sorted(self.tokens[call.caller])
        ]
        return Reply.of(200, rows)

    def _followed(self, call: Call[str]) -> Reply:
        """List, as API v1.1 does, what somebody follows: here, all that the token sees."""
        rows: list[Json] = []
        for slug in self.projects:
            vcs, owner, name = slug.split("/")
            if slug.rpartition("/")[0] in self.tokens[call.caller]:
                url = f"//circleci.com/{owner}/{name}"
                bare: dict[str, Json] = {"vcs_type": vcs, "username": "Octo", "reponame": "p", "vcs_url": url}
                named: dict[str, Json] = {"vcs_type": "github", "username": owner, "reponame": name}
                rows.append({**bare, **named} if vcs == "gh" else bare)
        return Reply.of(200, rows)

    def _contexts(self, call: Call[str]) -> Reply:
        owner = call.request.query.get("owner-slug", "")
        if owner not in self.tokens[call.caller]:
            raise RefusalError(404, "Organization not found")
        rows: list[Json] = [
            {"id": one.number, "name": one.name, "created_at": "2026-01-01T00:00:00.000Z"}
            for one in self.contexts.get(owner, [])
        ]
        return _page(call, rows)

    def _context(self, call: Call[str]) -> Holder:
        for owner in self.tokens[call.caller]:
            for one in self.contexts.get(owner, []):
                if one.number == call.params["id"]:
                    return one
        raise RefusalError(404, "Context not found")

    def _of_context(self, call: Call[str]) -> Reply:
        found = self._context(call)
        rows: list[Json] = [_shape(found, name, one) for name, one in sorted(found.variables.items())]
        return _page(call, rows)

    def _put(self, call: Call[str]) -> Reply:
        found, name = self._context(call), call.params["name"]
        self.set(found, name, _text(call, "value"))
        return Reply.of(200, _shape(found, name, found.variables[name]))

    def _project(self, call: Call[str]) -> Holder:
        slug = call.params["slug"]
        if slug not in self.projects or slug.rpartition("/")[0] not in self.tokens[call.caller]:
            raise RefusalError(404, "Project not found")
        return self.projects[slug]

    def _of_project(self, call: Call[str]) -> Reply:
        found = self._project(call)
        rows: list[Json] = [_mask(name, one) for name, one in sorted(found.variables.items())]
        return _page(call, rows)

    def _post(self, call: Call[str]) -> Reply:
        found, name = self._project(call), _text(call, "name")
        self.set(found, name, _text(call, "value"))
        return Reply.of(201, _mask(name, found.variables[name]))

    def _masked(self, call: Call[str]) -> Reply:
        found, name = self._project(call), call.params["name"]
        if name not in found.variables:
            raise RefusalError(404, "Environment variable not found.")
        return Reply.of(200, _mask(name, found.variables[name]))


def _text(call: Call[str], name: str) -> str:
    text = call.document().get(name)
    if not isinstance(text, str) or not text:
        raise RefusalError(400, f"{name} is missing")
    return text


def _page(call: Call[str], rows: list[Json]) -> Reply:
    start = int(call.request.query.get("page-token") or 0)
    more = start + PAGE if len(rows) > start + PAGE else None
    return Reply.of(200, {"items": rows[start : start + PAGE], "next_page_token": str(more) if more else None})


def _shape(holder: Holder, name: str, one: Variable) -> dict[str, Json]:
    times = {"created_at": _said(one.created_at), "updated_at": _said(one.updated_at)}
    return {"variable": name, "context_id": holder.number, **times}


def _mask(name: str, one: Variable) -> dict[str, Json]:
    return {"name": name, "value": f"xxxx{one.value[-4:]}", "created-at": _said(one.created_at)}


def _said(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
