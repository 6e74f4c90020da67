"""Every secret of the clusters that a token reaches.

Sources: buildkite/docs pages/apis/rest_api/organizations.md and clusters.md: both lists come in numbered pages, 100 at
most; a list of secrets tells names and times, and no value. A cluster is named by its id, or as a destination names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, numbered, seen
from rotate.service.moments import moment
from rotate.systems.buildkite.system import SERVICE


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: organizations or clusters cannot be listed."""
    client, ours = Client(SERVICE, means), {at.where for at in known}
    look = partial(_of, client, wanted, means, ours)
    yield from among(_clusters(client), look, one="Buildkite cluster", remedy=SERVICE.give)


def _clusters(client: Client) -> Iterator[tuple[str, str, str]]:
    for organization in numbered(client, Ask("GET", "/organizations", "list the organizations")):
        slug = str(organization.get("slug"))
        ask = Ask("GET", f"/organizations/{quote(slug)}/clusters", f"list the clusters of {slug}")
        for row in numbered(client, ask):
            yield slug, str(row.get("id")), str(row.get("name"))


def _of(
    client: Client, wanted: Wanted, means: Means, ours: set[str], cluster: tuple[str, str, str]
) -> Iterator[FoundSecret]:
    slug, number, name = cluster
    where = f"{slug}/{name}" if f"{slug}/{name}" in ours else f"{slug}/{number}"
    path = f"/organizations/{quote(slug)}/clusters/{quote(number)}/secrets"
    for row in numbered(client, Ask("GET", path, f"read the secrets of {slug}/{name}")):
        key, at = str(row.get("key")), moment(row.get("updated_at"))
        yield from seen(str(Address("buildkite", where, name=key)), key, wanted, means, at=at)
