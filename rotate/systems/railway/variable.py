"""One variable of a Railway service, or one that an environment shares: written alone, read back and compared.

Sources: railwayapp/docs content/docs/integrations/api/manage-variables.md: `variableUpsert` writes one variable and
leaves the others; `skipDeploys` keeps it from starting deploys, and is what that page advises for a rotation; with
`unrendered` references such as `${{shared.NAME}}` are shown as written (content/docs/variables/reference.md). Sealed
variables are never shown (content/docs/variables.md); railwayapp/cli src/controllers/variables.rs (5.47): their value
is null. That such a one is there, and when it was written, is told by `Environment.variables` (railwayapp/cli
src/gql/schema.json). The collection upsert, which can delete all others, is never used.
"""

from __future__ import annotations

import re

from rotate.address import Address
from rotate.errors import Outcome
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.moments import moment
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.railway import documents, places
from rotate.systems.railway.graph import Graph, Row, strange
from rotate.systems.railway.system import SERVICE
from rotate.wire.clock import dated

REFERENCE = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")
SHARED = "shared"
_NAMES = re.compile(r"(?:(?P<of>[^{}]+)\.)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)")


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._address, self._graph = address, Graph(means)

    def read(self) -> Stored | None:
        """Read it; where no value is shown, tell by the list whether it is sealed or not there."""
        place, doing = places.found(self._graph, self._address, self._means), f"read {self.name}"
        shown = variables(self._graph, place, doing)
        value = shown.get(self._address.name)
        if isinstance(value, str):
            refers = next((self._meant(one) for one in REFERENCE.findall(value)), "")
            return Stored(Secret(value), {"sealed": False}, refers, tail=None if value else "")
        row = self._listed(place, doing)
        if row is None and self._address.name not in shown:
            return None
        at = moment(row.get("updatedAt")) if row and row.get("isSealed") is True else None
        if row is None or at is None:
            raise strange(doing, "neither with its value nor with the time of a sealed one")
        refers = "another variable" if row.get("references") else ""
        return Stored(None, {"sealed": True}, refers, at)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send it alone, and start no deploy: that is done once all is written, and only where it is asked for."""
        del over  # the same call creates and overwrites, so that to repeat it does no harm
        place, doing = places.found(self._graph, self._address, self._means), f"write {self.name}"
        one = {**place.variables, "name": self._address.name, "value": secret.reveal(), "skipDeploys": True}
        sent = {"input": one}
        data, answer = self._graph.change(documents.UPSERT, sent, doing, again=True, hindered=hindered, value=secret)
        if data.get("variableUpsert") is not True:
            raise words.unexpected(SERVICE, doing, "not that it took it", Outcome.UNKNOWN)
        return Taken(dated(answer.headers.get("date", "")))

    def _listed(self, place: places.Place, doing: str) -> Row | None:
        """Find it in the list of the environment's variables; a list that ends without it proves that it is absent."""
        asked = {"environmentId": place.environment, "projectId": place.project}
        for row in self._graph.pages(documents.LISTED, asked, ("environment", "variables"), doing):
            if row.get("name") == self._address.name and (row.get("serviceId") or "") == place.service:
                return row
        return None

    def _meant(self, reference: str) -> str:
        """Give the address of what a reference means: `NAME`, `shared.NAME` or `<service>.NAME`."""
        project, environment, *service = self._address.where.split("/")
        of, name = parted(reference)
        if not name:
            return "what Railway makes of a template"
        where = [project, environment, *({"": service, SHARED: []}.get(of, [of]))]
        return str(self._address._replace(where="/".join(where), name=name))


def parted(reference: str) -> tuple[str, str]:
    """Give whose variable a reference means (`shared`, the name of a service, or nothing for its own), and its name;
    no name where it means something else, such as a function."""
    found = _NAMES.fullmatch(reference)
    return (found["of"] or "", found["name"]) if found else ("", "")


def variables(graph: Graph, place: places.Place, doing: str) -> dict[str, str | None]:
    """Give a place's variables as they are written; of a sealed one, nothing or `None`."""
    shown = graph.look(documents.VARIABLES, place.variables, doing).get("variables")
    if not isinstance(shown, dict) or not all(isinstance(one, str | None) for one in shown.values()):
        raise strange(doing, "not with variables")
    return shown
