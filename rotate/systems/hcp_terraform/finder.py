"""Every variable of the workspaces and variable sets that a token reaches.

Sources: cloud-docs/api-docs (organizations, workspaces, workspace-variables, variable-sets, variable-set-variables):
lists come in numbered pages, but for that of a workspace's variables (python-tfe, variable.py). Of a sensitive variable
the value is null, so it is found by its name alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, numbered, rows_in, seen
from rotate.systems.hcp_terraform.system import ENV, SERVICE, VARSET, WORKSPACE

SETS = "/varsets/"


class Holder(NamedTuple):
    """A workspace or a variable set: `where` it is, as an address says it, and the path of its variables."""

    where: str
    path: str


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: organizations, or what one has, cannot be listed."""
    del known
    client = Client(SERVICE, means)
    look = partial(_of, client, wanted, means)
    for organization in _rows(client, "/organizations", "list the organizations"):
        name = str(organization.get("id"))
        yield from among(_holders(client, name), look, one="workspace or variable set", remedy=SERVICE.give)


def _holders(client: Client, organization: str) -> Iterator[Holder]:
    path = f"/organizations/{quote(organization, safe='')}"
    for row in _rows(client, f"{path}/workspaces", f"list the workspaces of {organization}"):
        where = f"{organization}/{WORKSPACE}/{_attributes(row).get('name')}"
        yield Holder(where, f"/workspaces/{row.get('id')}/vars")
    for row in _rows(client, f"{path}/varsets", f"list the variable sets of {organization}"):
        where = f"{organization}/{VARSET}/{_attributes(row).get('name')}"
        yield Holder(where, f"{SETS}{row.get('id')}/relationships/vars")


def _of(client: Client, wanted: Wanted, means: Means, holder: Holder) -> Iterator[FoundSecret]:
    doing = f"read the variables of {holder.where}"
    rows = (
        _rows(client, holder.path, doing)
        if holder.path.startswith(SETS)
        else rows_in(client, client.ask(Ask("GET", holder.path, doing)), doing, "data")
    )
    for row in rows:
        one = _attributes(row)
        name, value, category = str(one.get("key")), one.get("value"), str(one.get("category"))
        address = str(Address("hcp-terraform", holder.where, {} if category == ENV else {"category": category}, name))
        shown = value if isinstance(value, str) and one.get("sensitive") is not True else None
        yield from seen(address, name, wanted, means, text=shown)


def _rows(client: Client, path: str, doing: str) -> Iterator[dict[str, object]]:
    return numbered(client, Ask("GET", path, doing), within="data", page="page[number]", per_page="page[size]")


def _attributes(row: dict[str, object]) -> dict[str, object]:
    found = row.get("attributes")
    return found if isinstance(found, dict) else {}
