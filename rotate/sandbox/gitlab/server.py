"""A pretend GitLab: CI/CD variables with their flags and scopes, and tokens that reach some of their holders.

Behaviour after GitLab's documentation and sources (`doc/api/project_level_variables.md`, `lib/api/ci/variables.rb`,
`lib/api/helpers/variables_helpers.rb`, `app/models/concerns/ci/maskable.rb`): what is not sent is kept, a hidden value
is null, what the token may not see is 404, several of one key without a filter are 409.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.paging import slice_of

KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
MASKABLE = re.compile(r"[a-zA-Z0-9_+=/@:.~-]{8,}")
FILTER = "filter[environment_scope]"
INSTANCE = "instance"
FLAGS = ("value", "protected", "masked", "raw", "variable_type", "environment_scope", "description")
PAGE = 20


@dataclass(slots=True)
class Variable:
    """One variable, under the names of the API. Of a hidden one nobody is shown the value."""

    key: str
    value: str
    variable_type: str = "env_var"
    protected: bool = False
    masked: bool = False
    hidden: bool = False
    raw: bool = False
    environment_scope: str = "*"
    description: str | None = None


class GitLabServer:
    """Every holder has a path: a project's, a group's, or `instance`. A token reaches those that it was given."""

    name = "gitlab"
    bases = ("/api/v4",)

    def __init__(self, clock: Clock) -> None:
        """Start without holders."""
        self.clock = clock
        self.url = ""
        self.variables: dict[str, list[Variable]] = {}
        self.tokens: dict[str, set[str]] = {}
        routes: dict[str, Handler[str]] = {}
        for owner in ("/projects/{id}", "/groups/{id}", "/admin/ci"):
            routes[f"GET {owner}/variables"] = self._list
            routes[f"POST {owner}/variables"] = self._create
            routes[f"GET {owner}/variables/{{key}}"] = self._read
            routes[f"PUT {owner}/variables/{{key}}"] = self._update
        self._router = Router(routes)

    def add(self, holder: str, *variables: Variable) -> None:
        """Add a holder, or variables to it."""
        self.variables.setdefault(holder, []).extend(variables)

    def of(self, holder: str, key: str, scope: str = "*") -> Variable:
        """Give one variable. Raises `StopIteration` where there is none."""
        return next(one for one in self.variables[holder] if (one.key, one.environment_scope) == (key, scope))

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry GitLab's error body."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or value not in self.tokens:
            return Reply.of(401, {"message": "401 Unauthorized"})
        try:
            handler, params = self._router.find(request)
            return handler(Call(request, params, value))
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"message": refusal.message}, refusal.headers)

    def _holder(self, call: Call[str]) -> str:
        holder = call.params.get("id", INSTANCE)
        if holder not in self.variables or holder not in self.tokens[call.caller]:
            raise RefusalError(404, f"404 {'Group' if '/groups/' in call.request.path else 'Project'} Not Found")
        return holder

    def _list(self, call: Call[str]) -> Reply:
        holder = self._holder(call)
        rows: list[Json] = [_shape(one, holder) for one in self.variables[holder]]
        page, headers = slice_of(call.request, self.url, rows, usual=PAGE)
        return Reply.of(200, page, headers)

    def _read(self, call: Call[str]) -> Reply:
        return Reply.of(200, _shape(self._found(call), self._holder(call)))

    def _update(self, call: Call[str]) -> Reply:
        found, given = self._found(call), call.document()
        if "value" not in given:
            raise RefusalError(400, "value is missing")
        _check(found, given)
        for name in given.keys() & set(FLAGS):
            setattr(found, name, given[name])
        return Reply.of(200, _shape(found, self._holder(call)))

    def _create(self, call: Call[str]) -> Reply:
        holder, given = self._holder(call), call.document()
        key, scope = str(given.get("key", "")), str(given.get("environment_scope", "*"))
        if not KEY.fullmatch(key) or "value" not in given:
            raise RefusalError(400, "key, value are missing or invalid")
        if any((one.key, one.environment_scope) == (key, scope) for one in self.variables[holder]):
            raise RefusalError(400, f"({key}) has already been taken")
        new = Variable(key, str(given["value"]), environment_scope=scope)
        _check(new, given)
        for name in given.keys() & set(FLAGS):
            setattr(new, name, given[name])
        self.variables[holder].append(new)
        return Reply.of(201, _shape(new, holder))

    def _found(self, call: Call[str]) -> Variable:
        scope = call.request.query.get(FILTER)
        same = [one for one in self.variables[self._holder(call)] if one.key == call.params["key"]]
        found = [one for one in same if scope in (None, one.environment_scope)]
        if not found:
            raise RefusalError(404, "404 Variable Not Found")
        if len(found) > 1:
            raise RefusalError(409, f"There are multiple variables with provided parameters. Please use '{FILTER}'")
        return found[0]


def _check(found: Variable, given: dict[str, Json]) -> None:
    masked = given.get("masked", found.masked)
    if masked and not MASKABLE.fullmatch(str(given["value"])):
        raise RefusalError(400, "value is invalid")


def _shape(one: Variable, holder: str) -> dict[str, Json]:
    """Give a variable as it is answered; those of the instance have neither scope nor hiding."""
    row: dict[str, Json] = {**asdict(one), "value": None if one.hidden else one.value}
    missing = ("environment_scope", "hidden") if holder == INSTANCE else ()
    return {name: value for name, value in row.items() if name not in missing}
