"""A pretend Railway: one address that takes GraphQL, and answers errors with HTTP 200.

Rules: railwayapp/cli src/gql/schema.json for what is asked and answered; railwayapp/docs content/docs/integrations/api
for what variables and deployments do, and for the limit of requests (429 with `Retry-After`); for the words of errors
see `rotate.systems.railway.graph`. Inferred: that a refused read and a refused write are both "Not Authorized".
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json, Reply, Request
from rotate.sandbox.ledger import Entry
from rotate.sandbox.railway.selection import Asked, asked, only
from rotate.sandbox.railway.state import Deployment, Environment, Project, RailwayState, Token

Arguments = Mapping[str, Json]
Answers = Callable[[Token, Arguments], Json]
DENIED, FAILED, INVALID = "Not Authorized", "INTERNAL_SERVER_ERROR", "BAD_USER_INPUT"


class GraphError(Exception):
    """An error of GraphQL: its words and its code."""

    def __init__(self, message: str, code: str = FAILED) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class RailwayServer(RailwayState):
    """Railway's behaviour."""

    name = "railway"
    bases = ("/graphql",)

    def __init__(self, clock: Clock) -> None:
        """Start without projects."""
        super().__init__(clock)
        self._answers: dict[str, Answers] = {
            "projectToken": self._project_token,
            "apiToken": self._api_token,
            "projects": self._projects,
            "environments": self._environments,
            "environment": self._environment,
            "variables": self._variables,
            "variableUpsert": self._upsert,
            "serviceInstanceDeployV2": self._deploy,
            "deployment": self._deployment,
            "serviceInstance": self._instance,
        }

    @staticmethod
    def meant(entry: Entry) -> str:
        """Say GET of what only reads: all that Railway is asked is a POST."""
        document = _body(entry.request_body).get("query")
        return "GET" if entry.method == "POST" and isinstance(document, str) and asked(document).reads else entry.method

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        project = request.headers.get("Project-Access-Token", "")
        given = project or request.headers.get("Authorization", "").removeprefix("Bearer ")
        if wait := self.rate.until_room(given, self.clock.now().timestamp()):
            return Reply.of(429, {"message": "Too Many Requests"}, {"Retry-After": str(math.ceil(wait))})
        body = _body(request.body)
        document, arguments = body.get("query"), body.get("variables") or {}
        if request.path != "/v2" or not isinstance(document, str) or not isinstance(arguments, dict):
            return Reply.of(400, _error(GraphError("Must provide query string.", "BAD_REQUEST")))
        try:
            return Reply.of(200, {"data": self._data(self._caller(given, project), asked(document), arguments)})
        except GraphError as error:
            return Reply.of(200, _error(error))

    def _caller(self, given: str, project: str) -> Token:
        token = self.tokens.get(given)
        if token and bool(token.environment) != bool(project):
            raise GraphError("Project Token not found")
        if token is None:
            raise GraphError("Project Token not found" if project else DENIED)
        return token

    def _data(self, caller: Token, document: Asked, arguments: dict[str, Json]) -> dict[str, Json]:
        unrendered = "unrendered: true" in document.text or arguments.get("unrendered") is True
        told: dict[str, Json] = {**arguments, "unrendered": unrendered}
        data: dict[str, Json] = {}
        for root, selection in document.selected.items():
            if root not in self._answers:
                raise GraphError(f'Cannot query field "{root}"', "GRAPHQL_VALIDATION_FAILED")
            data[root] = only(self._answers[root](caller, told), selection)
        return data

    def _project_token(self, caller: Token, _: Arguments) -> Json:
        where = self._seen(caller, caller.environment)
        project: Json = {"id": where.project, "name": self.projects[where.project].name}
        return {"project": project, "environment": {"id": caller.environment, "name": where.name}}

    def _api_token(self, caller: Token, _: Arguments) -> Json:
        if caller.environment:
            raise GraphError(DENIED)
        return {"workspaces": [{"id": one, "name": one} for one in caller.workspaces]}

    def _projects(self, caller: Token, told: Arguments) -> Json:
        workspace = told.get("workspaceId")
        if workspace not in caller.workspaces:
            raise GraphError(DENIED)
        rows = [(number, one) for number, one in self.projects.items() if one.workspace == workspace]
        return self._paged([_named(number, one) for number, one in rows], told)

    def _environments(self, caller: Token, told: Arguments) -> Json:
        project = self.projects.get(str(told.get("projectId")))
        if project is None or project.workspace not in caller.workspaces:
            raise GraphError(DENIED)
        rows = [(n, one) for n, one in self.environments.items() if one.project == told.get("projectId")]
        return self._paged([_named(number, one) for number, one in rows], told)

    def _environment(self, caller: Token, told: Arguments) -> Json:
        where = self._seen(caller, told.get("environmentId"))
        listed: list[Json] = [
            {
                "name": name,
                "serviceId": service or None,
                "isSealed": one.sealed,
                "references": [] if "${{" not in one.value else [name],
                "updatedAt": _time(one.updated_at),
            }
            for service, rows in where.variables.items()
            for name, one in rows.items()
        ]
        services: list[Json] = [_service(where, number) for number in where.services]
        return {"serviceInstances": self._paged(services, told), "variables": self._paged(listed, told)}

    def _variables(self, caller: Token, told: Arguments) -> Json:
        where = self._seen(caller, told.get("environmentId"))
        service = _service_of(where, told)
        return self.shown(str(told.get("environmentId")), service, unrendered=told["unrendered"] is True)

    def _upsert(self, caller: Token, told: Arguments) -> Json:
        sent = told.get("input")
        if not isinstance(sent, dict) or not isinstance(sent.get("value"), str):
            raise GraphError('Variable "$input" got invalid value', INVALID)
        where = self._seen(caller, sent.get("environmentId"), writes=True)
        service, number = _service_of(where, sent), str(sent.get("environmentId"))
        self.write(number, service, str(sent.get("name")), str(sent["value"]))
        if not sent.get("skipDeploys"):
            for one in [service] if service else list(where.services):
                self.deploy(number, one)
        return True

    def _deploy(self, caller: Token, told: Arguments) -> Json:
        where = self._seen(caller, told.get("environmentId"), writes=True)
        return self.deploy(str(told.get("environmentId")), _service_of(where, told)).number

    def _deployment(self, caller: Token, told: Arguments) -> Json:
        where = self._seen(caller, told.get("environmentId"))
        found = next((one for one in where.deployments if one.number == told.get("id")), None)
        if found is None:
            raise GraphError("Deployment not found")
        if len(found.states) > 1:
            del found.states[0]
        return _deployed(found)

    def _instance(self, caller: Token, told: Arguments) -> Json:
        where = self._seen(caller, told.get("environmentId"))
        latest = where.latest(_service_of(where, told))
        return {"latestDeployment": _deployed(latest) if latest else None}

    def _seen(self, caller: Token, number: Json, *, writes: bool = False) -> Environment:
        """Give an environment that a token sees."""
        where = self.environments.get(str(number))
        sees = where and (number == caller.environment or self.projects[where.project].workspace in caller.workspaces)
        if where is None or not sees or (writes and not caller.writes):
            raise GraphError(DENIED)
        return where

    def _paged(self, rows: list[Json], told: Arguments) -> Json:
        start = int(str(told.get("after") or 0))
        end = start + self.page
        edges: list[Json] = [{"node": row} for row in rows[start:end]]
        return {"edges": edges, "pageInfo": {"hasNextPage": end < len(rows), "endCursor": str(end)}}


def _body(text: bytes) -> dict[str, Json]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _error(error: GraphError) -> dict[str, Json]:
    told: dict[str, Json] = {"message": error.message, "path": [], "extensions": {"code": error.code}}
    return {"errors": [{**told, "traceId": "6f0f4a2c9d0e4b6f"}], "data": None}


def _service_of(where: Environment, told: Arguments) -> str:
    """Give the service that is meant; none for what is shared."""
    service = told.get("serviceId")
    if service is not None and service not in where.services:
        raise GraphError("Service not found")
    return str(service or "")


def _named(number: str, one: Project | Environment) -> dict[str, Json]:
    return {"id": number, "name": one.name, "deletedAt": "2026-01-01T00:00:00.000Z" if one.deleted else None}


def _service(where: Environment, number: str) -> dict[str, Json]:
    latest = where.latest(number)
    active: list[Json] = [
        {"id": one.number} for one in where.deployments if one.service == number and one.states[0] == "SUCCESS"
    ]
    shown: dict[str, Json] = {"latestDeployment": _deployed(latest) if latest else None, "activeDeployments": active}
    return {"serviceId": number, "serviceName": where.services[number], "deletedAt": None, **shown}


def _deployed(one: Deployment) -> dict[str, Json]:
    return {"id": one.number, "status": one.states[0], "createdAt": _time(one.created_at)}


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
