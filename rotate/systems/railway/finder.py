"""Every variable of the environments that a token reaches, those of services and those that are shared.

Sources: railwayapp/cli src/gql/schema.json (the documents of `documents`): a project token reaches its one environment,
any other the projects of its workspaces. One list tells the names of all variables of an environment, also of sealed
ones; values are asked for by service, and only where there are some to compare. A reference is no value. What a place
is called by name, another may be called too, or the name has a `/`: then it is told by its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.listing import among, seen
from rotate.service.moments import moment
from rotate.systems.railway import documents, places
from rotate.systems.railway.graph import UNAUTHORIZED, Graph, Row, inside
from rotate.systems.railway.system import SERVICE
from rotate.systems.railway.variable import REFERENCE, variables


class Called(NamedTuple):
    """A project, an environment or a service: its id, and what an address may call it, the usual first."""

    number: str
    names: tuple[str, ...]


class Finder:
    """Looks at everything that the token reaches."""

    def __init__(self, known: Sequence[Address], wanted: Wanted, means: Means) -> None:
        self._known, self._wanted, self._means = {str(one) for one in known}, wanted, means
        self._graph = Graph(means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted. Raises `RotateError`: the projects cannot be listed."""
        doing = "list the projects"
        if self._graph.of_project:
            token = inside(self._graph.look(documents.BY_PROJECT, {}, doing, UNAUTHORIZED), "projectToken")
            found = _called([inside(token, "project")])
        else:
            found = _called(places.projects(self._graph, doing))
        yield from among(found, self._of, one="Railway project", remedy=SERVICE.give)

    def _of(self, project: Called) -> Iterator[FoundSecret]:
        for environment in self._environments(project):
            yield from self._of_environment(project, environment)

    def _environments(self, project: Called) -> list[Called]:
        """Give the environments of a project; that of a project token alone."""
        doing = f"list the environments of {project.names[0]}"
        if self._graph.of_project:
            token = inside(self._graph.look(documents.BY_PROJECT, {}, doing, UNAUTHORIZED), "projectToken")
            return _called([inside(token, "environment")])
        asked = {"projectId": project.number}
        return _called(self._graph.pages(documents.ENVIRONMENTS, asked, ("environments",), doing))

    def _of_environment(self, project: Called, environment: Called) -> Iterator[FoundSecret]:
        doing = f"read the variables of {project.names[0]}/{environment.names[0]}"
        rows = places.services(self._graph, project.number, environment.number, doing)
        services = _called({"id": one.get("serviceId"), "name": one.get("serviceName")} for one in rows)
        asked = {"environmentId": environment.number, "projectId": project.number}
        listed = list(self._graph.pages(documents.LISTED, asked, ("environment", "variables"), doing))
        for service in (Called("", ()), *services):
            ours = [row for row in listed if (row.get("serviceId") or "") == service.number]
            shown: dict[str, str | None] = {}
            if self._wanted.known and any(row.get("isSealed") is not True for row in ours):
                place = places.Place(project.number, environment.number, service.number)
                shown = variables(self._graph, place, doing)
            where = [f"{one}/{two}" for one, two in product(project.names, environment.names)]
            if service.names:
                where = [f"{one}/{two}" for one, two in product(where, service.names)]
            for row in ours:
                yield from self._seen(where, row, shown)

    def _seen(self, where: list[str], row: Row, shown: dict[str, str | None]) -> Iterator[FoundSecret]:
        name = str(row.get("name"))
        value = shown.get(name)
        text = None if value and REFERENCE.search(value) else value
        addresses = [str(Address("railway", one, name=name)) for one in where]
        for address in [one for one in addresses if one in self._known] or addresses[:1]:
            yield from seen(address, name, self._wanted, self._means, text=text, at=moment(row.get("updatedAt")))


def _called(rows: Iterable[Row]) -> list[Called]:
    """Say what addresses call these; what was deleted is left out."""
    there = [row for row in rows if not row.get("deletedAt")]
    often = Counter(str(row.get("name")) for row in there)
    found = []
    for row in there:
        number, name = str(row.get("id")), str(row.get("name"))
        usual = often[name] == 1 and "/" not in name and name == name.strip()
        found.append(Called(number, (name, number) if usual else (number,)))
    return found


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the projects cannot be listed."""
    return Finder(known, wanted, means).everything()
