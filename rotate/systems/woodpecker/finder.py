"""Every secret of the repositories and organizations that a token reaches, and of the whole server.

Sources: woodpecker-ci/woodpecker@a4cb541 server/router/api.go, server/api (user.go, repo.go, org.go): `GET /user/repos`
gives the active repositories that somebody may push to, at once; `GET /repos` and `GET /orgs` give
all, in pages, to administrators of the server alone. Anybody else has the organizations of his repositories, whose
secrets only their administrators see (403 for others: then nothing of them is told). No value is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, numbered, rows_in, seen
from rotate.service.words import rows_of
from rotate.systems.woodpecker.system import GLOBAL, ORGANIZATION, REPOSITORY, SERVICE

Row = dict[str, object]
# As many as Woodpecker gives on one page (server/api/helper.go).
PAGE = 50
FORBIDDEN = frozenset({403})


class Place(NamedTuple):
    """Whose secrets they are, and the path of these."""

    where: str
    path: str


class Finder:
    """Looks at everything that the token reaches."""

    def __init__(self, known: Sequence[Address], wanted: Wanted, means: Means) -> None:
        self._known, self._wanted, self._means = known, wanted, means
        self._client = Client(SERVICE, means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted. Raises `RotateError`: the repositories, or the organizations, cannot be listed."""
        yield from among([Place(GLOBAL, "/secrets")], self._of, one="server", remedy=SERVICE.give)
        ask = Ask("GET", "/user", "ask whose token it is")
        body = self._client.ask(ask).json()
        administers = isinstance(body, dict) and body.get("admin") is True
        places = self._all() if administers else self._mine()
        yield from among(places, self._of, one="repository or organization", remedy=SERVICE.give)

    def _all(self) -> Iterator[Place]:
        for row in self._pages("/repos", "list the repositories", {"active": "true"}):
            yield Place(f"{REPOSITORY}/{row.get('full_name')}", f"/repos/{row.get('id')}/secrets")
        for row in self._pages("/orgs", "list the organizations"):
            yield Place(f"{ORGANIZATION}/{row.get('name')}", f"/orgs/{row.get('id')}/secrets")

    def _mine(self) -> Iterator[Place]:
        ask = Ask("GET", "/user/repos", "list the repositories")
        rows = rows_in(self._client, self._client.ask(ask), ask.doing)
        for row in rows:
            yield Place(f"{REPOSITORY}/{row.get('full_name')}", f"/repos/{row.get('id')}/secrets")
        owners = {str(row["owner"]): row["org_id"] for row in rows if row.get("org_id") and row.get("owner")}
        for at in self._known:
            kind, _, name = at.where.partition("/")
            if kind == ORGANIZATION and name not in owners:
                owners[name] = self._looked_up(name)
        yield from (Place(f"{ORGANIZATION}/{name}", f"/orgs/{number}/secrets") for name, number in owners.items())

    def _looked_up(self, name: str) -> object:
        ask = Ask("GET", f"/orgs/lookup/{quote(name, safe='/~')}", f"look for the organization {name}")
        return rows_of(SERVICE, [self._client.ask(ask).json()], ask.doing, "an organization")[0].get("id")

    def _of(self, place: Place) -> Iterator[FoundSecret]:
        doing = f"list the secrets of {place.where}"
        if place.where.startswith(f"{ORGANIZATION}/") and place.where not in [at.where for at in self._known]:
            first = Ask("GET", place.path, doing, {"perPage": "1"}, takes=FORBIDDEN)
            if self._client.ask(first).status in FORBIDDEN:
                return
        for row in self._pages(place.path, doing):
            name = str(row.get("name"))
            yield from seen(str(Address("woodpecker", place.where, name=name)), name, self._wanted, self._means)

    def _pages(self, path: str, doing: str, query: dict[str, str] | None = None) -> Iterator[Row]:
        return numbered(self._client, Ask("GET", path, doing, query or {}), size=PAGE, per_page="perPage")


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: what the token reaches cannot be listed."""
    return Finder(known, wanted, means).everything()
