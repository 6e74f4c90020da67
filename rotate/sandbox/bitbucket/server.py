"""A pretend Bitbucket: Pipelines variables of workspaces, of repositories and of their deployment environments.

Behaviour after the official description (api.bitbucket.org/swagger.json): a list has `values`, and `next` or `size` or
neither where it goes on (jira.atlassian.com BCLOUD-13806, BCLOUD-20796); the value of a secured variable is not told, a
key that is there is 409. What a PUT does with a field that it lacks is not documented: here it takes the worst, an
empty value and no `secured`. `X-OAuth-Scopes` tells a token's scopes, and what it lacks is told as Bitbucket does
(hashicorp/terraform-provider-bitbucket#53). A slash at the end of a path makes no difference. More than the limit of
requests is 429.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlencode

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.rate import Rate

USUAL, MOST = 10, 100
EDIT = "pipeline:variable"


def number() -> str:
    """Give a new one, in braces as Bitbucket has them."""
    return f"{{{uuid.uuid4()}}}"


@dataclass(slots=True)
class Variable:
    """One variable, under the names of the API."""

    key: str
    value: str = field(repr=False)
    secured: bool = False
    uuid: str = field(default_factory=number)


@dataclass(slots=True)
class Holder:
    """What has variables: a workspace (`name` alone), a repository, or one of its environments."""

    workspace: str
    name: str
    variables: list[Variable] = field(default_factory=list)
    environments: list[Holder] = field(default_factory=list)
    uuid: str = field(default_factory=number)


Numbered = TypeVar("Numbered", Holder, Variable)


class BitbucketServer:
    """`tokens`: the scopes of each. `sees`: the workspaces that tokens see. `people`: whose token goes with an e-mail
    address, and which. `pages`: what a page tells of the others."""

    name = "bitbucket"
    bases = ("/2.0",)

    def __init__(self, clock: Clock) -> None:
        """Start without workspaces."""
        self.clock = clock
        self.url = ""
        self.workspaces: dict[str, Holder] = {}
        self.repositories: dict[tuple[str, str], Holder] = {}
        self.tokens: dict[str, list[str]] = {}
        self.people: dict[str, str] = {}
        self.sees: set[str] = set()
        self.pages = {"next"}
        self.rate = Rate(seconds=3600.0)
        repository = "/repositories/{workspace}/{repository}"
        routes: dict[str, Handler[str]] = {f"GET {repository}/environments": self._environments}
        for path in (
            "/workspaces/{workspace}/pipelines-config/variables",
            f"{repository}/pipelines_config/variables",
            f"{repository}/deployments_config/environments/{{environment}}/variables",
        ):
            routes |= {f"GET {path}": self._list, f"POST {path}": self._create, f"PUT {path}/{{uuid}}": self._update}
        self._router = Router(routes)

    def add_workspace(self, workspace: str) -> Holder:
        """Add a workspace, which every token sees."""
        self.sees.add(workspace)
        return self.workspaces.setdefault(workspace, Holder(workspace, ""))

    def add_repository(self, workspace: str, name: str, *environments: str) -> Holder:
        """Add a repository with deployment environments."""
        found = Holder(workspace, name, environments=[Holder(workspace, one) for one in environments])
        self.repositories[workspace, name] = found
        return found

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry a message in `error`."""
        token = self._token(request.headers.get("Authorization", ""))
        if token not in self.tokens:
            return _error(401, "Token is invalid, expired, or not supported for this endpoint.")
        if self.rate.until_room(token, self.clock.now().timestamp()):
            return _error(429, "Rate limit for this resource has been exceeded")
        scopes = self.tokens[token]
        if request.method != "GET" and EDIT not in scopes:
            return _error(403, "Your credentials lack one or more required privilege scopes.")
        try:
            handler, params = self._router.find(replace(request, path=request.path.rstrip("/")))
            return handler(Call(request, params, token)).with_headers({"X-OAuth-Scopes": ", ".join(scopes)})
        except RefusalError as refusal:
            return _error(refusal.status, refusal.message)

    def _token(self, header: str) -> str:
        scheme, _, text = header.partition(" ")
        if scheme == "Bearer":
            return "" if text in self.people else text
        email, _, token = base64.b64decode(text).decode().partition(":")
        return token if self.people.get(token) == email else ""

    def _holder(self, call: Call[str]) -> Holder:
        workspace, name = call.params["workspace"], call.params.get("repository")
        found = self.workspaces.get(workspace) if name is None else self.repositories.get((workspace, name))
        if found is None or workspace not in self.sees:
            raise RefusalError(404, f"There is no API hosted at this URL, or {name or workspace} is not there.")
        if "environment" in call.params:
            return _one(found.environments, call.params["environment"], "environment")
        return found

    def _environments(self, call: Call[str]) -> Reply:
        rows: list[Json] = [
            {"type": "deployment_environment", "uuid": one.uuid, "name": one.name, "slug": one.name.lower()}
            for one in self._holder(call).environments
        ]
        return self._page(call, rows)

    def _list(self, call: Call[str]) -> Reply:
        rows: list[Json] = [_shape(one) for one in self._holder(call).variables]
        return self._page(call, rows)

    def _create(self, call: Call[str]) -> Reply:
        holder, new = self._holder(call), _given(call)
        if any(one.key == new.key for one in holder.variables):
            raise RefusalError(409, "A variable with the key provided already exists")
        holder.variables.append(new)
        return Reply.of(201, _shape(new))

    def _update(self, call: Call[str]) -> Reply:
        found, new = _one(self._holder(call).variables, call.params["uuid"], "variable"), _given(call)
        found.key, found.value, found.secured = new.key, new.value, new.secured
        return Reply.of(200, _shape(found))

    def _page(self, call: Call[str], rows: list[Json]) -> Reply:
        size, page = (int(call.request.query.get(name, usual)) for name, usual in (("pagelen", USUAL), ("page", 1)))
        start, size = (page - 1) * min(size, MOST), min(size, MOST)
        whole: dict[str, Json] = {"values": rows[start : start + size], "page": page, "pagelen": size}
        if "size" in self.pages:
            whole["size"] = len(rows)
        if "next" in self.pages and len(rows) > start + size:
            query = urlencode({"pagelen": size, "page": page + 1})
            whole["next"] = f"https://api.bitbucket.org/2.0{call.request.path}?{query}"
        return Reply.of(200, whole)


def _one(found: Iterable[Numbered], uuid: str, what: str) -> Numbered:
    for one in found:
        if one.uuid == uuid:
            return one
    raise RefusalError(404, f"The {what} with the UUID provided was not found")


def _given(call: Call[str]) -> Variable:
    given = call.document()
    if not given.get("key"):
        raise RefusalError(400, "key is missing")
    return Variable(str(given["key"]), str(given.get("value", "")), given.get("secured") is True)


def _shape(one: Variable) -> dict[str, Json]:
    shown: dict[str, Json] = {"type": "pipeline_variable", "uuid": one.uuid, "key": one.key, "secured": one.secured}
    return shown if one.secured else {**shown, "value": one.value}


def _error(status: int, message: str) -> Reply:
    return Reply.of(status, {"type": "error", "error": {"message": message}})
