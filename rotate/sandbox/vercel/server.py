"""A pretend Vercel: projects, what teams share, and deployments that end as a test says.

Behaviour after Vercel's API description, the types of @vercel/sdk 1.28.35, and Vercel's Terraform provider
(client/environment_variable.go, pagination.go): a list has no values in the clear, the read by id has; what is not sent
stays; a variable that is there already is no new one (ENV_CONFLICT); a list goes on at `until`; what a token may not
see is 404; a token that is none is 403 with `invalidToken` (vercel/vercel issue 10874, vercel/now-desktop pull request
681). A deployment keeps the values of when it was created; one that names an existing deployment inherits those. With
@vercel/sdk 1.28.35, which checks each answer against its types, the variables were read and written here, in the list
and by id, of a project and shared.
"""

from __future__ import annotations

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.vercel.state import WRITE_ONLY, Deployment, Project, Variable

PAGE = 20


class VercelServer:
    """A token sees the teams in `tokens`, reads alone where it is one of the `readers`, and is shown no value where it
    is one of the `blinkered`. `next_state`: how the next deployments end."""

    name = "vercel"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start without projects."""
        self.clock = clock
        self.url = ""
        self.projects: list[Project] = []
        self.shared: dict[str, list[Variable]] = {}
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        self.blinkered: set[str] = set()
        self.next_state: tuple[str, dict[str, Json]] = ("READY", {"readySubstate": "PROMOTED"})
        project = "/projects/{project}"
        routes: dict[str, Handler[str]] = {
            f"GET /v10{project}/env": self._list,
            f"POST /v10{project}/env": self._create,
            f"GET /v1{project}/env/{{id}}": self._read,
            f"PATCH /v9{project}/env/{{id}}": self._update,
            f"GET /v9{project}/custom-environments/{{slug}}": self._custom,
            f"GET /v9{project}": self._project,
            f"GET /v9{project}/custom-environments": self._customs,
            "GET /v10/projects": self._projects,
            "GET /v1/env": self._list_shared,
            "PATCH /v1/env": self._update_shared,
            "GET /v1/env/{id}": self._read_shared,
            "POST /v13/deployments": self._deploy,
            "GET /v13/deployments/{id}": self._deployment,
            "GET /v7/deployments": self._deployments,
        }
        self._router = Router(routes)

    def now(self) -> int:
        """Give the milliseconds that Vercel would tell."""
        return int(self.clock.now().timestamp() * 1000)

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals have a code and words."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            return _refusal(403, "Not authorized", invalidToken=True)
        try:
            handler, params = self._router.find(request)
            if token in self.readers and request.method != "GET":
                return _refusal(403, "You do not have permission to access this resource.")
            return handler(Call(request, params, token))
        except RefusalError as refusal:
            return _refusal(refusal.status, refusal.message)

    def _team(self, call: Call[str]) -> str:
        query = call.request.query
        team = query.get("teamId") or query.get("slug", "")
        if team not in self.tokens[call.caller]:
            raise RefusalError(403, "You don't have permission to access this team.")
        return team

    def _of(self, call: Call[str], named: str) -> Project:
        team = self._team(call)
        for one in self.projects:
            if one.team == team and named in (one.name, one.number):
                return one
        raise RefusalError(404, "Project not found.")

    def _env(self, call: Call[str]) -> tuple[list[Variable], Variable]:
        variables = self._of(call, call.params["project"]).variables
        return variables, _by_id(variables, call.params["id"])

    def _list(self, call: Call[str]) -> Reply:
        return self._page(call, "envs", self._of(call, call.params["project"]).variables)

    def _read(self, call: Call[str]) -> Reply:
        return Reply.of(200, self._env(call)[1].shown(whole=call.caller not in self.blinkered))

    def _update(self, call: Call[str]) -> Reply:
        return Reply.of(200, self._changed(self._env(call)[1], call.document()))

    def _create(self, call: Call[str]) -> Reply:
        variables, given = self._of(call, call.params["project"]).variables, call.document()
        asked = given.get("target")
        targets = [str(one) for one in asked] if isinstance(asked, list) else []
        branch, kind = given.get("gitBranch"), str(given.get("type"))
        if kind == WRITE_ONLY and "development" in targets:
            raise RefusalError(400, "You cannot set a Sensitive Environment Variable's target to development.")
        for one in variables:
            if (one.key, one.also.get("gitBranch")) == (given.get("key"), branch) and set(one.target) & set(targets):
                raise RefusalError(400, "A variable with this name already exists for the target.")
        also: dict[str, Json] = {name: given[name] for name in ("gitBranch", "customEnvironmentIds") if name in given}
        new = Variable(str(given.get("key")), str(given.get("value")), targets, kind, self.now(), also)
        variables.append(new)
        return Reply.of(201, {"created": new.shown(whole=False), "failed": []})

    def _custom(self, call: Call[str]) -> Reply:
        found = self._of(call, call.params["project"]).custom.get(call.params["slug"])
        if found is None:
            raise RefusalError(404, "Environment not found.")
        return Reply.of(200, {"id": found, "slug": call.params["slug"], "type": "preview"})

    def _customs(self, call: Call[str]) -> Reply:
        found = self._of(call, call.params["project"]).custom
        rows: list[Json] = [{"id": one, "slug": slug, "type": "preview"} for slug, one in found.items()]
        return Reply.of(200, {"accountLimit": {"total": 1}, "environments": rows})

    def _projects(self, call: Call[str]) -> Reply:
        team, start = self._team(call), int(call.request.query.get("from", "0"))
        ours = [one for one in self.projects if one.team == team]
        rows: list[Json] = [{"id": one.number, "name": one.name} for one in ours[start : start + PAGE]]
        after = str(start + PAGE) if start + PAGE < len(ours) else None
        return Reply.of(200, {"projects": rows, "pagination": {"count": len(rows), "next": after}})

    def _list_shared(self, call: Call[str]) -> Reply:
        return self._page(call, "data", self.shared.get(self._team(call), []))

    def _read_shared(self, call: Call[str]) -> Reply:
        found = _by_id(self.shared.get(self._team(call), []), call.params["id"])
        return Reply.of(200, found.shown(whole=call.caller not in self.blinkered))

    def _update_shared(self, call: Call[str]) -> Reply:
        variables, updates = self.shared.get(self._team(call), []), call.document().get("updates")
        if not isinstance(updates, dict):
            raise RefusalError(400, "Invalid request: missing required property `updates`.")
        rows: list[Json] = []
        for number, given in updates.items():
            rows.append(self._changed(_by_id(variables, number), given if isinstance(given, dict) else {}))
        return Reply.of(200, {"updated": rows, "failed": []})

    def _changed(self, one: Variable, given: dict[str, Json]) -> dict[str, Json]:
        one.value, one.updated = str(given.get("value", one.value)), self.now()
        return one.shown(whole=False)

    def _page(self, call: Call[str], field: str, variables: list[Variable]) -> Reply:
        start = int(call.request.query.get("until", "0"))
        shown = variables[start : start + PAGE]
        rows: list[Json] = [{**one.shown(whole=False), "securityIssues": []} for one in shown]
        after = start + PAGE if start + PAGE < len(variables) else None
        return Reply.of(200, {field: rows, "pagination": {"count": len(rows), "next": after, "prev": None}})

    def _project(self, call: Call[str]) -> Reply:
        found = self._of(call, call.params["project"])
        live = [one for one in found.deployments if one.target == "production" and one.state == "READY"]
        targets: dict[str, Json] = {"production": {"id": live[-1].number}} if live else {}
        about = {"id": found.number, "name": found.name, "autoAssignCustomDomains": found.assigns}
        return Reply.of(200, {**about, "targets": targets})

    def _deploy(self, call: Call[str]) -> Reply:
        given = call.document()
        found = self._of(call, str(given.get("project")))
        former = next((one for one in found.deployments if one.number == given.get("deploymentId")), None)
        source = former.source if former else given.get("gitSource")
        if not isinstance(source, dict):
            raise RefusalError(400, "Invalid request: it needs `gitSource` or `deploymentId`.")
        state, also = self.next_state
        number, target = f"dpl_{found.number[4:]}{len(found.deployments):03}", str(given.get("target"))
        stored = {one.key: one.value for one in found.variables if target in one.target}
        values = former.values if former else stored
        new = Deployment(number, self.now(), source, target, state, also, values)
        found.deployments.append(new)
        return Reply.of(200, _whole(new))

    def _deployment(self, call: Call[str]) -> Reply:
        team = self._team(call)
        for project in self.projects:
            for one in project.deployments:
                if (project.team, one.number) == (team, call.params["id"]):
                    return Reply.of(200, _whole(one))
        raise RefusalError(404, "The deployment could not be found.")

    def _deployments(self, call: Call[str]) -> Reply:
        query = call.request.query
        found = [one for one in self._of(call, query["projectId"]).deployments if one.target == query["target"]]
        if "state" in query:
            found = [one for one in found if one.state in query["state"].split(",")]
        rows: list[Json] = [_listed(one) for one in reversed(found)]
        return Reply.of(200, {"deployments": rows[: int(query["limit"])], "pagination": {"count": 1}})


def _by_id(variables: list[Variable], number: str) -> Variable:
    for one in variables:
        if one.number == number:
            return one
    raise RefusalError(404, "The environment variable was not found.")


def _listed(one: Deployment) -> dict[str, Json]:
    about: dict[str, Json] = {"uid": one.number, "created": one.created, "readyState": one.state, "type": "LAMBDAS"}
    return {**about, "name": "", "url": "", "inspectorUrl": None, "projectId": "", "creator": {"uid": "user_1"}}


def _whole(one: Deployment) -> dict[str, Json]:
    about: dict[str, Json] = {"id": one.number, "createdAt": one.created, "readyState": one.state, "target": one.target}
    about["aliasAssigned"] = one.state == "READY"
    source: dict[str, Json] = {} if one.source is None else {"gitSource": one.source}
    return {**about, **source, **one.also}


def _refusal(status: int, message: str, **more: Json) -> Reply:
    code = {400: "bad_request", 403: "forbidden", 404: "not_found"}.get(status, "error")
    error: dict[str, Json] = {"code": code, "message": message, **more}
    return Reply.of(status, {"error": error})
