"""A pretend Woodpecker: secrets of repositories, organizations and the server.

Rules: woodpecker-ci/woodpecker@a4cb541 server/router/api.go and server/router/middleware/session (who may do what; a
repository that a user may not push to has no secrets for him), server/api/repo_secret.go, org_secret.go,
global_secret.go (a PATCH changes what it names), server/model/secret.go (what is no secret). Refusals are plain text,
or nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Literal

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

PAGE = 50
EVENTS = {
    *("push", "pull_request", "pull_request_closed", "pull_request_metadata", "tag", "release", "deployment"),
    *("cron", "manual"),
}
LEVELS = ("pull", "push", "admin")
Level = Literal["pull", "push", "admin"]
REFUSED = "User not authorized"


@dataclass(slots=True)
class Secret:
    """One secret. Nobody is shown the value."""

    id: int
    name: str
    value: str = field(repr=False)
    images: list[str]
    events: list[str]
    note: str = ""


@dataclass(slots=True)
class Owner:
    """A repository, an organization, or the server (number 0), with its secrets by name."""

    number: int
    secrets: dict[str, Secret] = field(default_factory=dict)


@dataclass(slots=True)
class User:
    """Who a token belongs to, and what he may do where (`repos/octo/payments`, `orgs/octo`). `admin`: of the server."""

    levels: dict[str, Level] = field(default_factory=dict)
    admin: bool = False


class WoodpeckerServer:
    """`owners`: by `repos/<full name>`, `orgs/<name>` and `secrets` (the server). `users`: by their tokens. All are
    private: whoever may nothing there does not see them."""

    name = "woodpecker"
    bases = ("/api", "/ci/api")

    def __init__(self, clock: Clock) -> None:
        """Start without repositories."""
        self.clock = clock
        self.url = ""
        self.owners: dict[str, Owner] = {"secrets": Owner(0)}
        self.users: dict[str, User] = {}
        self._ids = itertools.count(101)
        routes: dict[str, Handler[User]] = {
            "GET /user": self._user,
            "GET /user/repos": self._repositories,
            "GET /repos": partial(self._everything, "repos"),
            "GET /orgs": partial(self._everything, "orgs"),
        }
        for kind, name in (("repos", "{a}"), ("repos", "{a}/{b}"), ("repos", "{a}/{b}/{c}"), ("orgs", "{a}")):
            routes[f"GET /{kind}/lookup/{name}"] = partial(self._lookup, kind)
        for kind, path in (("repos", "/repos/{id}/secrets"), ("orgs", "/orgs/{id}/secrets"), ("secrets", "/secrets")):
            routes[f"GET {path}"] = partial(self._list, kind)
            routes[f"POST {path}"] = partial(self._create, kind)
            routes[f"GET {path}/{{secret}}"] = partial(self._one, kind)
            routes[f"PATCH {path}/{{secret}}"] = partial(self._patch, kind)
            routes[f"DELETE {path}/{{secret}}"] = partial(self._delete, kind)
        self._router: Router[User] = Router(routes)

    def add(self, name: str) -> Owner:
        """Open a repository (`repos/octo/payments`) or an organization (`orgs/octo`)."""
        self.owners[name] = Owner(next(self._ids))
        return self.owners[name]

    def set(self, owner: Owner, name: str, value: str, events: Iterable[str] = ("push",)) -> Secret:
        """Write a secret without a request."""
        if name in owner.secrets:
            owner.secrets[name].value = value
        else:
            owner.secrets[name] = Secret(next(self._ids), name, value, [], sorted(events))
        return owner.secrets[name]

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            kind = {"Content-Type": "text/plain; charset=utf-8"} if refusal.message else {}
            return Reply(refusal.status, refusal.message.encode(), kind)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        user = self.users.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            raise RefusalError(401, REFUSED)
        return handler(Call(request, params, user))

    def _user(self, call: Call[User]) -> Reply:
        return Reply.of(200, {"id": 1, "login": "octo", "admin": call.caller.admin})

    def _repositories(self, call: Call[User]) -> Reply:
        """Show what the user may push to, on one page."""
        places = [one for one in self.owners if one.startswith("repos/") and self._may(call.caller, one, "push")]
        return Reply.of(200, [self._row(place) for place in places])

    def _everything(self, kind: str, call: Call[User]) -> Reply:
        if not call.caller.admin:
            raise RefusalError(403, REFUSED)
        size = min(int(call.request.query.get("perPage", PAGE)), PAGE)
        start = (int(call.request.query.get("page", 1)) - 1) * size
        places = [one for one in self.owners if one.startswith(f"{kind}/")]
        return Reply.of(200, [self._row(place) for place in places[start : start + size]])

    def _row(self, place: str) -> Json:
        kind, _, name = place.partition("/")
        row: dict[str, Json] = {"id": self.owners[place].number, "name": name.rpartition("/")[2]}
        if kind == "orgs":
            return row
        owner = name.rpartition("/")[0]
        organization = self.owners.get(f"orgs/{owner}")
        return {**row, "full_name": name, "owner": owner, "org_id": organization.number if organization else 0}

    def _lookup(self, kind: str, call: Call[User]) -> Reply:
        name = "/".join(call.params.values())
        place = f"{kind}/{name}"
        if place not in self.owners or not self._may(call.caller, place, "pull"):
            raise RefusalError(404, "")
        row: dict[str, Json] = {"id": self.owners[place].number, "name": name.rpartition("/")[2]}
        return Reply.of(200, row | ({"full_name": name} if kind == "repos" else {"is_user": False}))

    def _may(self, user: User, place: str, level: Level) -> bool:
        given = user.levels.get(place)
        return user.admin or (given is not None and LEVELS.index(level) <= LEVELS.index(given))

    def _owner(self, kind: str, call: Call[User]) -> Owner:
        """Give whose secrets the request is about, where its user may do that."""
        if kind == "secrets":
            if call.request.method != "GET" and not call.caller.admin:
                raise RefusalError(403, REFUSED)
            return self.owners[kind]
        for place, one in self.owners.items():
            if place.startswith(f"{kind}/") and str(one.number) == call.params["id"]:
                if self._may(call.caller, place, "push" if kind == "repos" else "admin"):
                    return one
                raise RefusalError(404, "") if kind == "repos" else RefusalError(403, "user not authorized")
        raise RefusalError(404, "")

    def _found(self, kind: str, call: Call[User]) -> Secret:
        found = self._owner(kind, call).secrets.get(call.params["secret"])
        if found is None:
            raise RefusalError(404, "")
        return found

    def _list(self, kind: str, call: Call[User]) -> Reply:
        owner, query = self._owner(kind, call), call.request.query
        size = min(int(query.get("perPage", PAGE)), PAGE)
        start = (int(query.get("page", 1)) - 1) * size
        rows = [_shape(kind, owner, one) for _, one in sorted(owner.secrets.items())]
        return Reply.of(200, rows[start : start + size])

    def _one(self, kind: str, call: Call[User]) -> Reply:
        return Reply.of(200, _shape(kind, self._owner(kind, call), self._found(kind, call)))

    def _create(self, kind: str, call: Call[User]) -> Reply:
        owner, body = self._owner(kind, call), call.document()
        made = Secret(next(self._ids), str(body.get("name", "")), str(body.get("value", "")), [], [])
        _change(made, body)
        _validate(made)
        if made.name in owner.secrets:
            raise RefusalError(500, f'Error inserting secret "{made.name}". UNIQUE constraint failed')
        owner.secrets[made.name] = made
        return Reply.of(200, _shape(kind, owner, made))

    def _patch(self, kind: str, call: Call[User]) -> Reply:
        owner, found, body = self._owner(kind, call), self._found(kind, call), call.document()
        changed = Secret(**asdict(found))
        _change(changed, body)
        _validate(changed)
        owner.secrets[found.name] = changed
        return Reply.of(200, _shape(kind, owner, changed))

    def _delete(self, kind: str, call: Call[User]) -> Reply:
        del self._owner(kind, call).secrets[self._found(kind, call).name]
        return Reply(204)


def _change(one: Secret, body: dict[str, Json]) -> None:
    """Take over what a body names; an empty value is none."""
    one.value = str(body.get("value") or one.value)
    images, events, note = body.get("images"), body.get("events"), body.get("note")
    one.images = list(map(str, images)) if isinstance(images, list) else one.images
    one.events = sorted(map(str, events)) if isinstance(events, list) else one.events
    one.note = note if isinstance(note, str) else one.note


def _validate(one: Secret) -> None:
    wrong = "no event specified" if not one.events else ""
    wrong = wrong or next((f"invalid webhook event: {event}" for event in one.events if event not in EVENTS), "")
    wrong = wrong or ("empty image in images" if "" in one.images else "")
    wrong = wrong or ("empty name" if not one.name else "") or ("empty value" if not one.value else "")
    if wrong:
        raise RefusalError(422, f"Error inserting secret. {wrong}")


def _shape(kind: str, owner: Owner, one: Secret) -> dict[str, Json]:
    """Give its JSON: all but the value."""
    shown = {name: told for name, told in asdict(one).items() if name != "value"}
    repo, org = (owner.number if kind == of else 0 for of in ("repos", "orgs"))
    return {**shown, "repo_id": repo, "org_id": org}
