"""A site of an account, by its name or its id.

Sources: the official description (netlify/open-api, swagger.yml: `getSite`, `listSites`) and Netlify's CLI
(src/utils/get-site.ts: by its name among those that `?name=…&filter=all` finds; src/lib/api.ts: pages of 100).
"""

from __future__ import annotations

import re
from typing import TypeAlias
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.netlify.system import SERVICE
from rotate.wire.outcome import Answer

Row: TypeAlias = dict[str, object]
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGE, MOST_PAGES = 100, 50


def number_of(client: Client, means: Means, at: Address) -> str:
    """Give the id of the site that an address names. It is asked for once in a run.

    Raises:
        Refused: the account has no such site that the token sees.
    """
    return means.once(f"site {at.where} of netlify", lambda: _found(client, at))


def row_of(answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Row:
    """Give the object that an answer holds."""
    row = answer.json()
    if not isinstance(row, dict):
        raise words.unexpected(SERVICE, doing, "not with an object", outcome)
    return row


def rows_of(answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> list[Row]:
    """Give the objects that an answer lists."""
    return words.rows_of(SERVICE, answer.json(), doing, outcome=outcome)


def _found(client: Client, at: Address) -> str:
    account, _, site = at.where.partition("/")
    doing = f"look for the site of {at}"
    if ID.fullmatch(site):
        rows = [row_of(client.ask(Ask("GET", f"/sites/{site}", doing)), doing)]
    else:
        rows = [row for row in _named(client, site, doing) if row.get("name") == site]
    for row in rows:
        if account in (row.get("account_slug"), row.get("account_id")) and row.get("id"):
            return quote(str(row["id"]), safe="")
    message = f"Could not {doing}: {account} has no site {site} that the token sees."
    raise Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")


def _named(client: Client, name: str, doing: str) -> list[Row]:
    found: list[Row] = []
    for page in range(1, MOST_PAGES + 1):
        query = {"name": name, "filter": "all", "page": str(page), "per_page": str(PAGE)}
        rows = rows_of(client.ask(Ask("GET", "/sites", doing, query)), doing)
        found += rows
        if len(rows) < PAGE:
            return found
    raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")
