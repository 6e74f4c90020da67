"""A pretend Azure DevOps: variable groups of an organization's projects.

Behaviour after the official description (MicrosoftDocs/vsts-rest-api-specs, distributedTask/7.1) and public answers of
the real one: a PUT replaces the group and deletes what it lacks (issue 235 there), a null for a secret that is there
leaves it as it is (httpExamples/variablegroups/PUT_UpdateVariableGroup.json), a list leaves out the projects that share
a group, a write without their names is refused (microsoft/azure-devops-node-api#424), a number that is not there is
null, and so is a secret. The list of resources is what Microsoft's client for Python asks for first (client.py).
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

GROUPS = "_apis/distributedtask/variablegroups"
RESOURCES = {
    "f5b09dd5-9d54-45a1-8b5a-1c8287d634cc": "{project}/_apis/{area}/{resource}/{groupId}",
    "ef5b7057-ffc3-4c77-bbad-c10b4a4abcc7": "_apis/{area}/{resource}/{groupId}",
}


@dataclass(slots=True)
class Group:
    """One variable group. `variables`: under the names of the API, with values of secrets that nobody is shown."""

    number: int
    name: str
    projects: list[str]
    variables: dict[str, dict[str, Json]] = field(repr=False)
    kind: str = "Vsts"
    description: str = ""
    provider: Json = None
    modified: str = ""


class AzureDevOpsServer:
    """`tokens`: the projects that each sees. `readers`: those of them that administrate no group."""

    name = "azure-devops"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start with an organization that has no groups."""
        self.clock = clock
        self.url = ""
        self.groups: list[Group] = []
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        routes: dict[str, Handler[str]] = {
            "OPTIONS /{organization}/_apis": self._resources,
            f"GET /{{organization}}/{{project}}/{GROUPS}": self._list,
            f"GET /{{organization}}/{{project}}/{GROUPS}/{{number}}": self._one,
            f"PUT /{{organization}}/{GROUPS}/{{number}}": self._update,
        }
        self._router = Router(routes)

    def touch(self, group: Group) -> None:
        """Date a write, by a clock with seven digits as the real one has."""
        group.modified = f"{self.clock.now():%Y-%m-%dT%H:%M:%S.%f}3Z"

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        token = base64.b64decode(text).decode().partition(":")[2] if scheme == "Basic" else ""
        if token not in self.tokens:
            return Reply.of(401, {"message": "TF400813: The user is not authorized to access this resource."})
        try:
            handler, params = self._router.find(request)
            return handler(Call(request, params, token))
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"$id": "1", "message": refusal.message}, refusal.headers)

    def _resources(self, call: Call[str]) -> Reply:
        del call
        return _collection(
            {
                "id": one,
                "area": "distributedtask",
                "resourceName": "variablegroups",
                "routeTemplate": template,
                "resourceVersion": 2,
                "minVersion": "5.0",
                "maxVersion": "7.2",
                "releasedVersion": "7.1",
            }
            for one, template in RESOURCES.items()
        )

    def _seen(self, call: Call[str]) -> list[Group]:
        project = call.params["project"]
        if project not in self.tokens[call.caller]:
            raise RefusalError(404, f"TF200016: The following project does not exist: {project}.")
        return [one for one in self.groups if project in one.projects]

    def _list(self, call: Call[str]) -> Reply:
        query, seen = call.request.query, self._seen(call)
        if query.get("actionFilter", "").lower() == "manage" and call.caller in self.readers:
            seen = []
        named = [one for one in seen if query.get("groupName", one.name).casefold() == one.name.casefold()]
        return _collection({**_shape(one), "variableGroupProjectReferences": None} for one in named)

    def _one(self, call: Call[str]) -> Reply:
        found = next((one for one in self._seen(call) if str(one.number) == call.params["number"]), None)
        return Reply.of(200, _shape(found) if found else None)

    def _update(self, call: Call[str]) -> Reply:
        found = next((one for one in self.groups if str(one.number) == call.params["number"]), None)
        if found is None or not self.tokens[call.caller] & set(found.projects):
            raise RefusalError(404, f"Variable group with ID {call.params['number']} does not exist.")
        if call.caller in self.readers:
            raise RefusalError(403, "You do not have permissions to perform this operation on the variable group.")
        given = call.document()
        projects = [_project(one) for one in _list_of(given, "variableGroupProjectReferences")]
        if not projects or not all(projects):
            raise RefusalError(400, "Project information name is not valid for variable group.")
        rows = given.get("variables")
        if not isinstance(rows, dict) or not rows:
            raise RefusalError(400, "Value cannot be null. Parameter name: variableGroupParameters")
        found.variables = {name: _kept(found, name, row) for name, row in rows.items() if isinstance(row, dict)}
        found.projects, found.name = projects, str(given.get("name"))
        found.kind, found.description = str(given.get("type")), str(given.get("description") or "")
        found.provider = given.get("providerData")
        self.touch(found)
        return Reply.of(200, _shape(found))


def _kept(group: Group, name: str, row: dict[str, Json]) -> dict[str, Json]:
    """Give an entry as it is stored: a null leaves the secret that is there."""
    before = group.variables.get(name, {})
    value = row.get("value")
    if value is None and before.get("isSecret") and row.get("isSecret"):
        value = before.get("value")
    return {**row, "value": value if value is not None else ""}


def _shape(group: Group) -> dict[str, Json]:
    variables: dict[str, Json] = {}
    for name, one in group.variables.items():
        variables[name] = {**one, "value": None} if one.get("isSecret") else {**one}
    projects: list[Json] = [
        {
            "name": group.name,
            "description": group.description,
            "projectReference": {"id": str(uuid.uuid5(uuid.NAMESPACE_DNS, one)), "name": one},
        }
        for one in group.projects
    ]
    shown: dict[str, Json] = {
        "id": group.number,
        "type": group.kind,
        "name": group.name,
        "description": group.description,
        "isShared": len(group.projects) > 1,
        "modifiedOn": group.modified,
        "variables": variables,
        "variableGroupProjectReferences": projects,
    }
    return deepcopy(shown if group.provider is None else {**shown, "providerData": group.provider})


def _list_of(row: dict[str, Json], name: str) -> list[Json]:
    found = row.get(name)
    return found if isinstance(found, list) else []


def _project(reference: Json) -> str:
    project = reference.get("projectReference") if isinstance(reference, dict) else None
    named = isinstance(reference, dict) and reference.get("name") and isinstance(project, dict)
    return str(project.get("name")) if named and isinstance(project, dict) else ""


def _collection(rows: Iterable[dict[str, Json]]) -> Reply:
    found = list(rows)
    return Reply.of(200, {"count": len(found), "value": found})
