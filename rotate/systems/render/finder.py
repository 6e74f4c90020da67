"""Every variable of the services and environment groups that an API key reaches.

Sources: Render's description of its API, and its own Python client: rows of `GET /services` and of `GET /services/{id}/
env-vars` have a `cursor`, with which the next page begins; 100 are on one at most. Rows of `GET /env-groups` have none,
so that a full page of groups is told as incomplete; `GET /env-groups/{id}` has the variables. Services may share a
name: one is told by its id, or by its name where it is a destination by that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rotate.address import Address
from rotate.errors import Incomplete, RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import PAGE, among, followed, rows_in, seen
from rotate.systems.render.system import GROUP, GROUP_ID, SERVICE, SERVICE_ID
from rotate.wire.outcome import Answer

Row = dict[str, object]


class Finder:
    """Looks at everything that the API key reaches."""

    def __init__(self, known: Sequence[Address], wanted: Wanted, means: Means) -> None:
        self._known, self._wanted, self._means = {str(one) for one in known}, wanted, means
        self._client = Client(SERVICE, means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted. Raises `RotateError`: the services, or the groups, cannot be listed."""
        yield from among(self._services(), self._of_service, one="Render service", remedy=SERVICE.give)
        ask = Ask("GET", "/env-groups", "list the environment groups", {"limit": str(PAGE)})
        groups = [str(row.get("id")) for row in rows_in(self._client, self._client.ask(ask), ask.doing)]
        yield from among(groups, self._of_group, one="Render environment group", remedy=SERVICE.give)
        if len(groups) >= PAGE:
            message = f"Render lists {PAGE} environment groups at once, and not what comes after: others may be there."
            yield Incomplete("find-incomplete", message, "Look through the other groups in Render's Dashboard.")

    def _services(self) -> Iterator[tuple[str, str]]:
        for row in self._rows("/services", "service", "list the services"):
            if SERVICE_ID.fullmatch(str(row.get("id"))):
                yield str(row["id"]), str(row.get("name"))

    def _of_service(self, service: tuple[str, str]) -> Iterator[FoundSecret]:
        for row in self._rows(f"/services/{service[0]}/env-vars", "envVar", f"read the variables of {service[1]}"):
            yield from self._seen(service, row)

    def _of_group(self, number: str) -> Iterator[FoundSecret]:
        doing = f"read the variables of the group {number}"
        if not GROUP_ID.fullmatch(number):
            raise words.unexpected(SERVICE, doing, "with a group whose id is none")
        answer = self._client.ask(Ask("GET", f"/env-groups/{number}", doing))
        for row in rows_in(self._client, answer, doing, "envVars"):
            yield from self._seen((f"{GROUP}{number}",), row)

    def _seen(self, names: tuple[str, ...], row: Row) -> Iterator[FoundSecret]:
        name, value = str(row.get("key")), row.get("value")
        addresses = [str(Address("render", where, name=name)) for where in names]
        for address in [one for one in addresses if one in self._known] or addresses[:1]:
            text = value if isinstance(value, str) else None
            yield from seen(address, name, self._wanted, self._means, text=text)

    def _rows(self, path: str, field: str, doing: str) -> Iterator[Row]:
        """Give what the rows of every page hold in a field."""
        first = Ask("GET", path, doing, {"limit": str(PAGE)})

        def page(answer: Answer) -> list[Row]:
            return rows_in(self._client, answer, doing)

        def after(answer: Answer) -> Ask | None:
            rows = page(answer)
            more = {"cursor": str(rows[-1].get("cursor"))} if len(rows) >= PAGE else None
            return replace(first, query={**first.query, **more}) if more else None

        for rows in followed(self._client, first, page, after):
            yield from words.rows_of(SERVICE, [row.get(field) for row in rows], doing)


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the services, or the groups, cannot be listed."""
    return Finder(known, wanted, means).everything()
