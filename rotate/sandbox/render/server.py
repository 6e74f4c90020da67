"""A pretend Render: environment variables of services and of groups, and deploys.

Behaviour after Render's description of its API (a copy: api-evangelist/render openapi/_original/render-openapi.json)
and recorded answers (render-oss/terraform-provider-render testdata/*_cassette.yaml): times have microseconds, `commit`
is null for an image, a cron job's deploy is answered with 202 and nothing, `Ratelimit-*` stand on each answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.rate import Rate
from rotate.sandbox.render.state import ENDED, OWNER, Deploy, Holder, RenderState

SHORT = {"web_service": "web", "cron_job": "cron"}
SINCE = "2026-01-01T00:00:00.000000Z"
LARGEST = 100
# What is told of a service beside what this program reads, as it was recorded.
DETAILS: dict[str, Json] = {
    "buildPlan": "starter",
    "env": "image",
    "envSpecificDetails": {"dockerCommand": "", "dockerContext": "", "dockerfilePath": ""},
    "plan": "starter",
    "region": "oregon",
    "runtime": "image",
}
CRON: dict[str, Json] = {"schedule": "0 0 * * *"}
WEB: dict[str, Json] = {
    "healthCheckPath": "",
    "numInstances": 1,
    "openPorts": [{"port": 10000, "protocol": "TCP"}],
    "url": "https://shop.onrender.com",
}


class RenderServer(RenderState):
    """Render's behaviour. What a key does not see is 404; where it may only read, a write is 403."""

    name = "render"
    bases = ("/v1",)

    def __init__(self, clock: Clock) -> None:
        """Start without services and without a limit of requests."""
        super().__init__()
        self.clock, self.url, self.rate = clock, "", Rate()
        routes: dict[str, Handler[str]] = {
            "GET /services": self._services,
            "GET /services/{id}": self._one,
            "GET /services/{id}/env-vars": self._variables,
            "GET /services/{id}/deploys": self._list,
            "POST /services/{id}/deploys": self._start,
            "GET /services/{id}/deploys/{deploy}": self._look,
            "GET /env-groups": self._groups,
            "GET /env-groups/{id}": self._one,
        }
        for kind in ("services", "env-groups"):
            routes[f"GET /{kind}/{{id}}/env-vars/{{key}}"] = self._read
            routes[f"PUT /{kind}/{{id}}/env-vars/{{key}}"] = partial(self._write, whole=kind == "env-groups")
        self._router = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry a message."""
        try:
            return self._allowed(request)
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"id": "sandbox", "message": refusal.message}, refusal.headers)

    def _allowed(self, request: Request) -> Reply:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise RefusalError(401, "Unauthorized")
        if wait := self.rate.until_room(token, self.clock.now().timestamp()):
            raise RefusalError(429, "rate limit exceeded", {"Ratelimit-Reset": str(int(wait) + 1)})
        handler, params = self._router.find(request)
        if token in self.readers and request.method != "GET":
            raise RefusalError(403, "forbidden")
        return handler(Call(request, params, token))

    def _holder(self, call: Call[str]) -> Holder:
        number = call.params["id"]
        kind = "env-groups" if number.startswith("evg-") else "services"
        if number not in self.tokens[call.caller] & self.holders.keys() or not call.request.path.startswith(f"/{kind}"):
            raise RefusalError(404, f"not found: {number}")
        return self.holders[number]

    def _services(self, call: Call[str]) -> Reply:
        names = call.request.query["name"].split(",") if "name" in call.request.query else None
        seen = [self.holders[one] for one in sorted(self.tokens[call.caller])]
        found = [one for one in seen if (names is None or one.name in names) and not one.number.startswith("evg-")]
        return _paged(call, "service", {one.number: _service(one) for one in found})

    def _one(self, call: Call[str]) -> Reply:
        found = self._holder(call)
        return Reply.of(200, self._group(found) if found.number.startswith("evg-") else _service(found))

    def _groups(self, call: Call[str]) -> Reply:
        """Show a page of the groups, which has no cursors."""
        found = [self.holders[one] for one in sorted(self.tokens[call.caller]) if one.startswith("evg-")]
        hidden = ("envVars", "secretFiles")
        rows: list[Json] = [{k: v for k, v in self._group(one).items() if k not in hidden} for one in found]
        return Reply.of(200, rows[: min(int(call.request.query.get("limit", "20")), LARGEST)])

    def _variables(self, call: Call[str]) -> Reply:
        found = sorted(self._holder(call).variables.items())
        return _paged(call, "envVar", {key: {"key": key, "value": value} for key, value in found})

    def _group(self, group: Holder) -> dict[str, Json]:
        linked = [self.holders[one] for one in group.links]
        links: list[Json] = [{"id": one.number, "name": one.name, "type": SHORT[one.type]} for one in linked]
        variables: list[Json] = [{"key": key, "value": value} for key, value in group.variables.items()]
        times: dict[str, Json] = {"createdAt": SINCE, "updatedAt": SINCE}
        more: dict[str, Json] = {"envVars": variables, "secretFiles": [], "serviceLinks": links}
        return {"id": group.number, "name": group.name, "ownerId": OWNER, **times, **more}

    def _read(self, call: Call[str]) -> Reply:
        found, key = self._holder(call), call.params["key"]
        if key not in found.variables:
            raise RefusalError(404, f"not found: {key}")
        return Reply.of(200, {"key": key, "value": found.variables[key]})

    def _write(self, call: Call[str], *, whole: bool) -> Reply:
        found, key, text = self._holder(call), call.params["key"], call.document().get("value")
        if not isinstance(text, str):
            raise RefusalError(400, "invalid body: value")
        found.variables[key] = text
        return Reply.of(200, self._group(found) if whole else {"key": key, "value": text})

    def _list(self, call: Call[str]) -> Reply:
        found, after = self._holder(call), call.request.query.get("createdAfter", "")
        limit = int(call.request.query.get("limit", "20"))
        since = datetime.fromisoformat(after) if after else datetime.min.replace(tzinfo=UTC)
        rows = [one for one in reversed(found.deploys) if one.seen and one.created_at > since]
        for one in rows:
            self.step(found, one)
        listed: list[Json] = [{"deploy": _deploy(one), "cursor": one.number} for one in rows[:limit]]
        return Reply.of(200, listed)

    def _start(self, call: Call[str]) -> Reply:
        found, commit = self._holder(call), call.document().get("commitId", "")
        if found.suspended:
            raise RefusalError(400, "cannot deploy a suspended service")
        if commit and found.type == "cron_job":
            raise RefusalError(400, "commitId is not supported for cron jobs")
        made = self.deploy(found, self.clock.now(), commit=str(commit))
        if self.queues or found.type == "cron_job":
            return Reply(202)
        return Reply.of(201, _deploy(made))

    def _look(self, call: Call[str]) -> Reply:
        found = self._holder(call)
        for one in found.deploys:
            if one.number == call.params["deploy"]:
                self.step(found, one)
                return Reply.of(200, _deploy(one))
        raise RefusalError(404, f"not found: {call.params['deploy']}")


def _paged(call: Call[str], field: str, rows: dict[str, dict[str, Json]]) -> Reply:
    """Show what stands behind the cursor, each row with its own, in their order."""
    cursor, limit = call.request.query.get("cursor", ""), int(call.request.query.get("limit", "20"))
    told: list[Json] = [{field: row, "cursor": number} for number, row in rows.items() if number > cursor]
    return Reply.of(200, told[: min(limit, LARGEST)])


def _time(one: Deploy) -> str:
    return one.created_at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _deploy(one: Deploy) -> dict[str, Json]:
    built: dict[str, Json] = {"commit": None, "image": {"ref": "docker.io/library/nginx:latest", "sha": "sha256:0"}}
    if one.commit:
        built = {"commit": {"id": one.commit, "message": "Add a page", "createdAt": SINCE}}
    times: dict[str, Json] = {"createdAt": _time(one), "updatedAt": _time(one)}
    times["finishedAt"] = _time(one) if one.status in ENDED else None
    return {"id": one.number, "status": one.status, "trigger": one.trigger, **built, **times}


def _service(one: Holder) -> dict[str, Json]:
    page = f"https://dashboard.render.com/web/{one.number}"
    flags: dict[str, Json] = {"autoDeploy": "yes", "notifyOnFail": "default", "rootDir": "", "suspenders": []}
    times: dict[str, Json] = {"createdAt": SINCE, "updatedAt": SINCE, "dashboardUrl": page}
    more: dict[str, Json] = {"slug": one.name, "suspended": "suspended" if one.suspended else "not_suspended"}
    more["serviceDetails"] = {**DETAILS, **(CRON if one.type == "cron_job" else WEB)}
    return {"id": one.number, "name": one.name, "ownerId": OWNER, "type": one.type, **flags, **times, **more}
