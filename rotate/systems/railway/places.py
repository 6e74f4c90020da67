"""Which project, environment and service an address means: each by its id, or by a name that no other has.

A project token knows its one project and environment (`projectToken`); any other token its workspaces (`apiToken`), in
whose projects the name is looked for. That the token answers at all shows that it is good: so an environment or a
service that is not listed is absent, and what is listed and refused is not allowed. What each kind of token may ask was
tried by others in July 2026 (a public table, with tests): `apiToken` is answered to tokens of accounts and workspaces;
a project token sees all of its own environment, and "Not Authorized" is what it is told of any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rotate.address import Address
from rotate.errors import Refused
from rotate.means import Means
from rotate.systems.railway import documents
from rotate.systems.railway.graph import UNAUTHORIZED, Graph, Row, inside, strange
from rotate.systems.railway.system import SERVICE


class Place(NamedTuple):
    """Where a variable is, by ids. `service`: empty for what the environment shares."""

    project: str
    environment: str
    service: str

    @property
    def variables(self) -> dict[str, object]:
        """Give it as queries and inputs take it."""
        found: dict[str, object] = {"projectId": self.project, "environmentId": self.environment}
        return {**found, "serviceId": self.service} if self.service else found


def found(graph: Graph, at: Address, means: Means) -> Place:
    """Find the place of an address, once in a run.

    Raises:
        Refused: there is none that the token sees, several have the name, or the token is of another place.
    """
    project, environment, *service = at.where.split("/")
    doing = f"look for {at}"

    def look() -> tuple[str, str]:
        if graph.of_project:
            return _of_project(graph, project, environment, doing)
        number = _one(projects(graph, doing, project), project, "project", doing)
        rows = graph.pages(documents.ENVIRONMENTS, {"projectId": number}, ("environments",), doing)
        return number, _one(rows, environment, "environment of the project", doing)

    ids = means.once(f"{project}/{environment} of railway", look)
    if not service:
        return Place(*ids, "")

    def look_further() -> str:
        rows = services(graph, *ids, doing)
        told: list[Row] = [{"id": row.get("serviceId"), "name": row.get("serviceName")} for row in rows]
        return _one(told, service[0], "service of the environment", doing)

    number = means.once(f"{at.where} of railway", look_further)
    return Place(*ids, number)


def services(graph: Graph, project: str, environment: str, doing: str) -> list[Row]:
    """Give the services that an environment has, with what runs of each."""
    asked = {"environmentId": environment, "projectId": project}
    rows = graph.pages(documents.SERVICES, asked, ("environment", "serviceInstances"), doing)
    return [row for row in rows if not row.get("deletedAt")]


def _of_project(graph: Graph, project: str, environment: str, doing: str) -> tuple[str, str]:
    """Give what the token is of, which must be what the address says."""
    token = inside(graph.look(documents.BY_PROJECT, {}, doing, UNAUTHORIZED), "projectToken")
    ids = []
    for word, meant in (("project", project), ("environment", environment)):
        row = inside(token, word)
        number, name = row.get("id"), row.get("name")
        if not isinstance(number, str):
            raise strange(doing, f"without the {word} of the token")
        if meant not in (number, name):
            message = f"Could not {doing}: the project token is that of another {word}, {name}."
            raise Refused("destination-not-allowed", message, f"Pass one of `{meant}`. {SERVICE.give}")
        ids.append(number)
    return ids[0], ids[1]


def projects(graph: Graph, doing: str, project: str = "") -> list[Row]:
    """Give the projects of all workspaces that the token sees; less where the one is found by its id."""
    token = inside(graph.look(documents.BY_ACCOUNT, {}, doing, UNAUTHORIZED), "apiToken")
    workspaces = token.get("workspaces")
    if not isinstance(workspaces, list):
        raise strange(doing, "without the workspaces of the token")
    rows: list[Row] = []
    for one in workspaces:
        asked = {"workspaceId": inside(one).get("id")}
        for row in graph.pages(documents.PROJECTS, asked, ("projects",), doing):
            rows.append(row)
            if row.get("id") == project:
                return rows
    return rows


def _one(rows: Iterable[Row], meant: str, what: str, doing: str) -> str:
    """Give the id of what is meant: by its id, else by a name that one alone has."""
    named = {}
    for row in rows:
        number = row.get("id")
        if not isinstance(number, str):
            raise strange(doing, f"with a {what.partition(' ')[0]} without an id")
        if number == meant:
            return number
        if row.get("name") == meant and not row.get("deletedAt"):
            named[number] = row
    if len(named) == 1:
        return next(iter(named))
    why = f"no {what} has the name or id `{meant}`, as far as the token sees"
    remedy = f"Check the spelling of the address. {SERVICE.give}"
    if named:
        why = f"{len(named)} {what.partition(' ')[0]}s have the name `{meant}`"
        remedy = f"Write the id of the one that is meant: {', '.join(sorted(named))}."
    raise Refused("destination-absent", f"Could not {doing}: {why}.", remedy)
