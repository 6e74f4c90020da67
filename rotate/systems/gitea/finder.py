"""Every Actions secret of the repositories and organizations that a token's owner may manage.

Sources: go-gitea/gitea routers/api/v1/api.go: `GET /user/repos` (what the owner may see; `permissions.admin` tells
whose secrets they may list) and `GET /user/orgs`, both in pages with `X-Total-Count`. The secrets of an organization
may be listed by its owners alone (reqOrgOwnership); others get 403, which is no mistake, so these are left out. Nothing
tells a value, or when a secret was last written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, seen
from rotate.systems.gitea.actions_secret import list_of, listed
from rotate.systems.gitea.system import ORGANIZATION, SERVICE

FORBIDDEN = frozenset({403})


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: repositories or organizations cannot be listed."""
    del known
    client = Client(SERVICE, means)
    yield from among(_owners(client), partial(_of, client, wanted, means), one="Gitea owner", remedy=SERVICE.give)


def _owners(client: Client) -> Iterator[str]:
    for row in listed(client, "/user/repos", "list the repositories", "repositories", "full_name"):
        rights = row.get("permissions")
        if isinstance(rights, dict) and rights.get("admin"):
            yield str(row.get("full_name"))
    for row in listed(client, "/user/orgs", "list the organizations", "organizations"):
        where = f"{ORGANIZATION}/{row.get('name')}"
        if client.ask(Ask("GET", list_of(where), f"look for {where}", takes=FORBIDDEN)).status not in FORBIDDEN:
            yield where


def _of(client: Client, wanted: Wanted, means: Means, where: str) -> Iterator[FoundSecret]:
    for row in listed(client, list_of(where), f"read the secrets of {where}"):
        name = str(row.get("name"))
        yield from seen(str(Address("gitea", where, name=name)), name, wanted, means)
