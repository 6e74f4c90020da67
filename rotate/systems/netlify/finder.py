"""Every variable of the sites that a token reaches, and of what all sites of an account share.

Sources: the official description (netlify/open-api, swagger.yml): `listAccountsForUser`, `listSites` (numbered pages),
`getEnvVars`, which with `site_id` gives the variables of that site alone. A variable is told once for each context that
has a value. Where a site is a destination by its id, or its account is, it is told as that.
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
from rotate.service.moments import moment
from rotate.systems.netlify.system import ALL, SERVICE
from rotate.systems.netlify.variable import hidden, values_of


class Holder(NamedTuple):
    """A site, or what all sites of an account share. `names`: what an address may call it, the usual first."""

    names: tuple[str, ...]
    account: str
    query: dict[str, str]


class Finder:
    """Looks at everything that the token reaches."""

    def __init__(self, known: Sequence[Address], wanted: Wanted, means: Means) -> None:
        self._known, self._wanted, self._means = {str(one) for one in known}, wanted, means
        self._client = Client(SERVICE, means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted. Raises `RotateError`: the accounts, or the sites, cannot be listed."""
        yield from among(self._holders(), self._of, one="Netlify site or account", remedy=SERVICE.give)

    def _holders(self) -> Iterator[Holder]:
        ask = Ask("GET", "/accounts", "list the accounts")
        ids: dict[str, str] = {}
        for row in rows_in(self._client, self._client.ask(ask), ask.doing):
            slug, number = str(row.get("slug")), str(row.get("id"))
            ids[slug] = number
            yield Holder((slug, number), slug, {})
        for row in numbered(self._client, Ask("GET", "/sites", "list the sites", {"filter": "all"})):
            slug, number = str(row.get("account_slug")), str(row.get("id"))
            sites, accounts = (str(row.get("name")), number), (slug, ids.get(slug, slug))
            names = tuple(f"{account}/{site}" for account in accounts for site in sites)
            yield Holder(names, slug, {"site_id": number})

    def _of(self, holder: Holder) -> Iterator[FoundSecret]:
        doing = f"read the variables of {holder.names[0]}"
        ask = Ask("GET", f"/accounts/{quote(holder.account, safe='')}/env", doing, holder.query)
        for row in rows_in(self._client, self._client.ask(ask), doing):
            name, at = str(row.get("key")), moment(row.get("updated_at"))
            for context, text in values_of(row, doing):
                if not (text or hidden(row, context)):
                    continue  # it is not set there
                options = {} if context == ALL else {"context": context}
                addresses = [str(Address("netlify", where, options, name)) for where in holder.names]
                shown = None if hidden(row, context) else text
                for address in [one for one in addresses if one in self._known] or addresses[:1]:
                    yield from seen(address, name, self._wanted, self._means, text=shown, at=at)


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the accounts, or the sites, cannot be listed."""
    return Finder(known, wanted, means).everything()
