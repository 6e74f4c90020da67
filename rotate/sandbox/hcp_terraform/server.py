"""A pretend HCP Terraform: workspaces and variable sets of organizations, with their variables.

Behaviour after HashiCorp's documentation (cloud-docs/api-docs: index, workspaces, workspace-variables, variable-sets)
and go-tfe: what a token may not see is 404, a sensitive value is null, what is not sent stays, each write changes
`version-id`, a key may exist once for each category, and more than 30 requests in a second are 429.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.rate import Rate

CATEGORIES = ("env", "terraform")
FLAGS = ("key", "value", "description", "category", "hcl", "sensitive")
PAGE = 20


@dataclass(slots=True)
class Variable:
    """One variable, under the names of the API."""

    key: str
    value: str = field(repr=False)
    category: str = "env"
    sensitive: bool = False
    hcl: bool = False
    description: str | None = None
    number: str = field(default_factory=lambda: f"var-{secrets.token_hex(8)}")
    version: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(slots=True)
class Holder:
    """A workspace or a variable set of an organization."""

    kind: str
    organization: str
    name: str
    number: str
    variables: list[Variable] = field(default_factory=list)


class HCPTerraformServer:
    """A token reaches the organizations in `tokens`, and only reads where it is one of the `readers`."""

    name = "hcp-terraform"
    bases = ("/api/v2",)

    def __init__(self, clock: Clock) -> None:
        """Start without organizations."""
        self.clock = clock
        self.url = ""
        self.holders: list[Holder] = []
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        self.rate = Rate()
        self._ids = itertools.count(1)
        routes: dict[str, Handler[str]] = {
            "GET /organizations": self._organizations,
            "GET /organizations/{organization}/workspaces": self._workspaces,
            "GET /organizations/{organization}/workspaces/{name}": self._workspace,
            "GET /organizations/{organization}/varsets": self._varsets,
        }
        for path in ("/workspaces/{id}/vars", "/varsets/{id}/relationships/vars"):
            routes[f"GET {path}"] = self._list
            routes[f"POST {path}"] = self._create
            routes[f"PATCH {path}/{{var}}"] = self._update
        self._router = Router(routes)

    def add(self, kind: str, organization: str, name: str) -> Holder:
        """Add a `workspace` or a `varset`."""
        found = Holder(kind, organization, name, f"{'ws' if kind == 'workspace' else kind}-{next(self._ids):06}")
        self.holders.append(found)
        return found

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals are lists of errors, as JSON:API has them."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            return _errors(401, "unauthorized")
        if self.rate.until_room(token, self.clock.now().timestamp()):
            return _errors(429, "You have exceeded the API's rate limit.")
        try:
            handler, params = self._router.find(request)
            if token in self.readers and request.method != "GET":
                return _errors(404, "not found")
            return handler(Call(request, params, token))
        except RefusalError as refusal:
            return _errors(refusal.status, refusal.message)

    def _organizations(self, call: Call[str]) -> Reply:
        names = sorted(self.tokens[call.caller])
        return _paged(call, [{"id": name, "type": "organizations", "attributes": {"name": name}} for name in names])

    def _workspaces(self, call: Call[str]) -> Reply:
        wanted = ("workspace", call.params["organization"])
        found = [one for one in self._seen(call) if (one.kind, one.organization) == wanted]
        return _paged(call, [{"id": one.number, "type": "workspaces", **_named(one, {})} for one in found])

    def _workspace(self, call: Call[str]) -> Reply:
        wanted = ("workspace", call.params["organization"], call.params["name"])
        for one in self._seen(call):
            if (one.kind, one.organization, one.name) == wanted:
                may = {"can-read-variable": True, "can-update-variable": call.caller not in self.readers}
                return _whole(200, {"id": one.number, "type": "workspaces", **_named(one, may)})
        raise RefusalError(404, "not found")

    def _varsets(self, call: Call[str]) -> Reply:
        organization, part = call.params["organization"], call.request.query.get("q", "")
        if organization not in self.tokens[call.caller]:
            raise RefusalError(404, "not found")
        may = {"can-update": call.caller not in self.readers}
        sets = [one for one in self._seen(call) if (one.kind, one.organization) == ("varset", organization)]
        found = [{"id": one.number, "type": "varsets", **_named(one, may)} for one in sets if part in one.name]
        return _paged(call, found)

    def _seen(self, call: Call[str]) -> list[Holder]:
        return [one for one in self.holders if one.organization in self.tokens[call.caller]]

    def _holder(self, call: Call[str]) -> Holder:
        found = next((one for one in self._seen(call) if one.number == call.params["id"]), None)
        if found is None:
            raise RefusalError(404, "not found")
        return found

    def _list(self, call: Call[str]) -> Reply:
        found = self._holder(call)
        rows = [_shape(one) for one in found.variables]
        return _whole(200, rows) if found.kind == "workspace" else _paged(call, rows)

    def _create(self, call: Call[str]) -> Reply:
        found, given = self._holder(call), _attributes(call)
        new = Variable(str(given.get("key", "")), "", str(given.get("category", "")))
        if not new.key or new.category not in CATEGORIES:
            raise RefusalError(422, "key or category is invalid")
        if any((one.key, one.category) == (new.key, new.category) for one in found.variables):
            raise RefusalError(422, "Key has already been taken")
        found.variables.append(_changed(new, given))
        return _whole(201, _shape(new))

    def _update(self, call: Call[str]) -> Reply:
        found = next((one for one in self._holder(call).variables if one.number == call.params["var"]), None)
        if found is None:
            raise RefusalError(404, "not found")
        given = _attributes(call)
        if found.sensitive and given.get("sensitive") is False:
            raise RefusalError(422, "Sensitive can't be changed")
        return _whole(200, _shape(_changed(found, given)))


def _attributes(call: Call[str]) -> dict[str, Json]:
    if call.request.headers.get("Content-Type") != "application/vnd.api+json":
        raise RefusalError(415, "unsupported media type")
    data = call.document().get("data")
    attributes = data.get("attributes") if isinstance(data, dict) else None
    if not isinstance(attributes, dict):
        raise RefusalError(400, "bad request")
    return attributes


def _changed(one: Variable, given: dict[str, Json]) -> Variable:
    for name in given.keys() & set(FLAGS):
        setattr(one, name, given[name])
    one.version = secrets.token_hex(16)
    return one


def _shape(one: Variable) -> dict[str, Json]:
    attributes: dict[str, Json] = {name: getattr(one, name) for name in FLAGS}
    told: dict[str, Json] = {"value": None if one.sensitive else one.value, "version-id": one.version}
    return {"id": one.number, "type": "vars", "attributes": attributes | told}


def _named(one: Holder, may: dict[str, bool]) -> dict[str, Json]:
    return {"attributes": {"name": one.name, "permissions": dict[str, Json](may)}}


def _paged(call: Call[str], rows: list[dict[str, Json]]) -> Reply:
    size, number = (
        int(call.request.query.get(f"page[{name}]", usual)) for name, usual in (("size", PAGE), ("number", 1))
    )
    pages = max(1, -(-len(rows) // size))
    after = number + 1 if number < pages else None
    pagination: dict[str, Json] = {"current-page": number, "next-page": after, "total-pages": pages}
    return _whole(200, rows[(number - 1) * size : number * size], {"meta": {"pagination": pagination}})


def _whole(status: int, data: object, more: dict[str, Json] | None = None) -> Reply:
    return Reply.of(status, {"data": data, **(more or {})}, {"Content-Type": "application/vnd.api+json"})


def _errors(status: int, title: str) -> Reply:
    errors: list[Json] = [{"status": str(status), "title": title}]
    return Reply.of(status, {"errors": errors}, {"Content-Type": "application/vnd.api+json"})
