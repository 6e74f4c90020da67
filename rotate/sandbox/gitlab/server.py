"""A pretend GitLab: the CI/CD variables of projects, groups and the instance.

Rules: gitlabhq/gitlabhq lib/api/ci/variables.rb, lib/api/group_variables.rb, lib/api/admin/ci/variables.rb,
lib/api/helpers/variables_helpers.rb, app/models/concerns/ci/maskable.rb, app/models/concerns/ci/hidable_variable.rb.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qsl

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.gitlab.state import PLACE_OF_INSTANCE, GitLabState, Role, Token, Variable
from rotate.sandbox.paging import slice_of

MASKABLE = re.compile(r"[a-zA-Z0-9_+=/@:.~-]{8,}")
KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
USUAL_SIZE = 20
ROLES = {"project": ("maintainer", "owner"), "group": ("owner",), PLACE_OF_INSTANCE: ("admin",)}
# doc/api/access_requests.md, "Valid access levels"; an administrator may all.
LEVELS: dict[Role, int] = {"reporter": 20, "maintainer": 40, "owner": 50, "admin": 60}
NAMES = {"project": "404 Project Not Found", "group": "404 Group Not Found"}
MISSING = {"project": "404 Variable Not Found", "group": "404 GroupVariable Not Found"}
TEXTS = ("value", "variable_type", "environment_scope", "description")
TRUTHS = ("protected", "masked", "raw")
FILTER = "filter[environment_scope]"

GitLabCall = Call[Token]


class InvalidError(Exception):
    """A validation failed: 400 with the messages by field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field)
        self.body: dict[str, Json] = {"message": {field: [message]}}


class GitLabServer(GitLabState):
    """GitLab's behaviour. What a token does not see is 404; what it sees and may not do is 403."""

    name = "gitlab"
    bases = ("/api/v4", "/gitlab/api/v4")

    def __init__(self, clock: Clock) -> None:
        """Start without projects."""
        super().__init__()
        self.clock = clock
        routes: dict[str, Handler[Token]] = {
            "GET /personal_access_tokens/self": self._self,
            "GET /projects": partial(self._owners, "project", "path_with_namespace"),
            "GET /groups": partial(self._owners, "group", "full_path"),
        }
        for kind, path in (("project", "/projects/{id}"), ("group", "/groups/{id}"), (PLACE_OF_INSTANCE, "/admin/ci")):
            listed, one = f"{path}/variables", f"{path}/variables/{{key}}"
            routes |= {
                f"GET {listed}": partial(self._list, kind),
                f"POST {listed}": partial(self._create, kind),
                f"GET {one}": partial(self._read, kind),
                f"PUT {one}": partial(self._update, kind),
                f"DELETE {one}": partial(self._delete, kind),
            }
        self._router: Router[Token] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"message": refusal.message}, refusal.headers)
        except InvalidError as invalid:
            return Reply.of(400, invalid.body)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        given = request.headers.get("PRIVATE-TOKEN") or (value if scheme.lower() == "bearer" else "")
        caller = self.holder(given)
        if caller is None:
            raise RefusalError(401, "401 Unauthorized")
        if wait := self.rate.until_room(given, self.clock.now().timestamp()):
            # No JSON (administration/dedicated/user_rate_limits).
            return Reply(429, b"Retry later\n", {"Content-Type": "text/plain", "Retry-After": str(math.ceil(wait))})
        if "api" not in caller.scopes and not (request.method == "GET" and "read_api" in caller.scopes):
            body: dict[str, Json] = {"error": "insufficient_scope", "scope": "api"}
            return Reply.of(403, {**body, "error_description": "The request requires higher privileges than provided."})
        return handler(Call(request, params, caller))

    def _self(self, call: GitLabCall) -> Reply:
        return Reply.of(200, {"id": 1, "name": "rotate", "active": True, "scopes": list[Json](call.caller.scopes)})

    def _owners(self, kind: str, field: str, call: GitLabCall) -> Reply:
        """List what a token sees, from a role on (doc/api/projects.md, doc/api/groups.md)."""
        least = int(call.request.query.get("min_access_level", "0"))
        places = [place for place, role in call.caller.places.items() if LEVELS[role] >= least and self.exists(place)]
        rows: list[Json] = [
            {"id": int(self.number_of(place)), field: place.partition("/")[2]}
            for place in places
            if place.startswith(f"{kind}/")
        ]
        found, headers = slice_of(call.request, self.url, rows, usual=USUAL_SIZE)
        return Reply.of(200, found, headers)

    def _place(self, call: GitLabCall, kind: str) -> str:
        """Find the place that a request names, for who may manage its variables."""
        of_instance = kind == PLACE_OF_INSTANCE
        place = kind if of_instance else self.place_of(kind, call.params["id"])
        role = call.caller.places.get(place) if self.exists(place) else None
        if role is None and not of_instance:
            raise RefusalError(404, NAMES[kind])
        if role not in ROLES[kind]:
            raise RefusalError(403, "403 Forbidden")
        return place

    def _find(self, call: GitLabCall, kind: str, place: str) -> Variable:
        scope = call.request.query.get(FILTER)
        found = [one for one in self.variables(place) if one.key == call.params["key"]]
        found = [one for one in found if scope in (None, one.environment_scope)]
        if not found:
            raise RefusalError(404, MISSING.get(kind, "404 InstanceVariable Not Found"))
        if len(found) > 1 and (kind != "group" or call.request.method != "PUT"):
            message = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"
            raise RefusalError(409, message)
        return found[0]

    def _list(self, kind: str, call: GitLabCall) -> Reply:
        found, headers = slice_of(call.request, self.url, self.variables(self._place(call, kind)), usual=USUAL_SIZE)
        return Reply.of(200, [self._shape(one, kind) for one in found], headers)

    def _read(self, kind: str, call: GitLabCall) -> Reply:
        return Reply.of(200, self._shape(self._find(call, kind, self._place(call, kind)), kind))

    def _create(self, kind: str, call: GitLabCall) -> Reply:
        place, body = self._place(call, kind), _body(call)
        key, hidden = body.get("key"), body.get("masked_and_hidden") is True
        if not isinstance(key, str) or not isinstance(body.get("value"), str):
            raise RefusalError(400, '400 (Bad request) "key" or "value" not given')
        if not KEY.fullmatch(key):
            raise InvalidError("key", "can contain only letters, digits and '_'.")
        fields = _fields(body, kind)
        if kind == "group" and not self.scoped_groups:
            fields.pop("environment_scope", None)
        made = Variable(key, "", str(fields.get("environment_scope", "*")), hidden=hidden, masked=hidden)
        if self.variable(place, key, made.environment_scope):
            raise InvalidError("key", f"({key}) has already been taken")
        _checked(made, fields)
        self.set_variable(place, made)
        return Reply.of(201, self._shape(self.change(place, made, fields), kind))

    def _update(self, kind: str, call: GitLabCall) -> Reply:
        place = self._place(call, kind)
        old, fields = self._find(call, kind, place), _fields(_body(call), kind)
        _checked(old, fields)
        return Reply.of(200, self._shape(self.change(place, old, fields), kind))

    def _delete(self, kind: str, call: GitLabCall) -> Reply:
        place = self._place(call, kind)
        found = self._find(call, kind, place)
        self.delete_variable(place, found.key, found.environment_scope)
        return Reply(204)

    def _shape(self, one: Variable, kind: str) -> dict[str, Json]:
        return one.shape(of_instance=kind == PLACE_OF_INSTANCE)


def _body(call: GitLabCall) -> Mapping[str, Json]:
    """Read JSON, or a form, in which a truth is a word."""
    if "urlencoded" not in call.request.headers.get("Content-Type", ""):
        return call.document()
    words: dict[str, Json] = dict(parse_qsl(call.request.body.decode(), keep_blank_values=True))
    return {name: text == "true" if name in (*TRUTHS, "masked_and_hidden") else text for name, text in words.items()}


def _fields(body: Mapping[str, Json], kind: str) -> dict[str, Json]:
    """Take what may be changed, and nothing that was not sent."""
    known = [name for name in (*TEXTS, *TRUTHS) if kind != PLACE_OF_INSTANCE or name != "environment_scope"]
    fields = {name: body[name] for name in known if name in body}
    for name, given in fields.items():
        if not isinstance(given, str if name in TEXTS else bool):
            raise RefusalError(400, f"400 (Bad request) {name} is invalid")
    return fields


def _checked(old: Variable, fields: Mapping[str, Json]) -> None:
    """Hold what GitLab's models hold."""
    if old.hidden and fields.get("masked", True) is not True:
        raise InvalidError("masked", "Updating masked attribute is not allowed on updates for hidden variables.")
    if fields.get("masked", old.masked) and not MASKABLE.fullmatch(str(fields.get("value", old.value))):
        raise InvalidError("value", "is invalid")
