"""A pretend Doppler: secrets of configs, compare-and-swap, and the log-in of a job.

Rules: Doppler's API description (core.json): `change_requests` are processed only if what they expect is found. That a
mismatch is 400, what a refusal says, and that a restricted value reads as null is inferred: the description has none.
"""

from __future__ import annotations

import math
from dataclasses import replace

from rotate.sandbox.clock import Clock
from rotate.sandbox.doppler.state import DopplerState, Place, Secret
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

Caller = dict[Place, str]
DopplerCall = Call[Caller]


class DopplerServer(DopplerState):
    """Doppler's behaviour."""

    name = "doppler"
    bases = ("/v3",)

    def __init__(self, clock: Clock) -> None:
        """Start without configs."""
        super().__init__()
        self.clock = clock
        routes: dict[str, Handler[Caller]] = {
            "GET /projects": self._projects,
            "GET /configs": self._configs,
            "GET /configs/config": self._config,
            "GET /configs/config/secret": self._one,
            "GET /configs/config/secrets": self._list,
            "GET /configs/config/secrets/names": self._names,
            "POST /configs/config/secrets": self._update,
            "POST /auth/oidc": self._login,
        }
        self._router: Router[Caller] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            body: dict[str, Json] = {"messages": [refusal.message], "success": False}
            return Reply.of(refusal.status, body, refusal.headers)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        caller = {} if request.path == "/auth/oidc" else self.access(given)
        if caller is None:
            raise RefusalError(401, "Invalid Auth token")
        if wait := self.rate.until_room(given, self.clock.now().timestamp()):
            raise RefusalError(429, "Too many requests", {"Retry-After": str(math.ceil(wait))})
        return handler(Call(request, params, caller))

    def _login(self, call: DopplerCall) -> Reply:
        token = self.identities.get(str(call.document().get("identity")))
        if token is None:
            raise RefusalError(401, "Unable to authenticate the identity")
        return Reply.of(200, {"token": token, "expires_at": "2030-01-01T00:00:00.000Z"})

    def _place(self, call: DopplerCall, named: dict[str, Json], *, writes: bool = False) -> Place:
        place = (str(named.get("project")), str(named.get("config")))
        access = call.caller.get(place)
        if place not in self.configs or access not in ("read", "read/write"):
            raise RefusalError(404, "Could not find requested config")
        if writes and access != "read/write":
            raise RefusalError(403, "This token does not have write access to the requested config")
        return place

    def _projects(self, call: DopplerCall) -> Reply:
        names = dict.fromkeys(project for (project, _), access in call.caller.items() if access)
        return _page(call, "projects", [{"id": name, "slug": name, "name": name} for name in names])

    def _configs(self, call: DopplerCall) -> Reply:
        project = call.request.query.get("project", "")
        names = [config for (of, config), access in call.caller.items() if of == project and access]
        if not names:
            raise RefusalError(404, "Could not find requested project")
        return _page(call, "configs", [{"name": name, "project": project} for name in names])

    def _config(self, call: DopplerCall) -> Reply:
        place = self._place(call, dict(call.request.query))
        config = self.configs[place]
        inherits: list[Json] = [{"project": project, "config": name} for project, name in config.inherits]
        shown: dict[str, Json] = {"name": place[1], "root": config.root, "locked": False, "project": place[0]}
        return Reply.of(200, {"config": {**shown, "environment": config.environment, "inherits": inherits}})

    def _list(self, call: DopplerCall) -> Reply:
        wanted = call.request.query.get("secrets", "").split(",")
        seen = self.seen(self._place(call, dict(call.request.query)))
        return Reply.of(200, {"secrets": {k: one.shape() for k, one in seen.items() if wanted == [""] or k in wanted}})

    def _one(self, call: DopplerCall) -> Reply:
        name = call.request.query.get("name", "")
        found = self.seen(self._place(call, dict(call.request.query))).get(name)
        if found is None:
            raise RefusalError(404, "Could not find requested secret")
        return Reply.of(200, {"name": name, "value": found.shape()})

    def _names(self, call: DopplerCall) -> Reply:
        return Reply.of(200, {"names": list(self.seen(self._place(call, dict(call.request.query))))})

    def _update(self, call: DopplerCall) -> Reply:
        body = call.document()
        place, changes = self._place(call, body, writes=True), body.get("change_requests")
        if not isinstance(changes, list):
            raise RefusalError(400, "Either secrets or change_requests is required")
        rows = [row for row in changes if isinstance(row, dict)]
        made = {str(row.get("name")): self._changed(place, row) for row in rows}
        if not self.approvals:
            self.configs[place].secrets |= made
        seen = self.seen(place)
        return Reply.of(200, {"secrets": {name: seen[name].shape() for name in made if name in seen}})

    def _changed(self, place: Place, row: dict[str, Json]) -> Secret:
        old = self.seen(place).get(str(row.get("name")))
        expected = (("originalValue", old and old.raw), ("originalVisibility", old and old.visibility))
        if any(name in row and row[name] != found for name, found in expected):
            raise RefusalError(400, "The secret does not have the original value")
        if (row.get("originalName") is None) != (old is None):
            raise RefusalError(400, "The secret does not have the original name")
        value, visibility = str(row.get("value")), row.get("visibility")
        new = replace(old, raw=value) if old else Secret(value)
        return replace(new, visibility=visibility) if isinstance(visibility, str) else new


def _page(call: DopplerCall, name: str, rows: list[Json]) -> Reply:
    """Give one of the numbered pages of a list."""
    page, size = (int(call.request.query.get(key, usual)) for key, usual in (("page", "1"), ("per_page", "20")))
    return Reply.of(200, {name: rows[(page - 1) * size : page * size], "page": page})
