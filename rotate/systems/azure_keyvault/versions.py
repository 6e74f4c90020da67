"""The versions of a secret: which there are, and since when.

Source: Azure/azure-rest-api-specs specification/keyvault/data-plane/Secrets/stable/2025-07-01/secrets.json,
`GetSecretVersions`: it takes the permission List, gives no values, 25 versions a page, and promises no order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

from rotate.service import words
from rotate.service.description import Ask
from rotate.systems.azure_keyvault.system import SERVICE
from rotate.wire.outcome import Answer

# A version that every cloud has; those since, up to 2026-04-01, have the same paths and bodies for what is asked here.
QUERY = {"api-version": "7.4"}
FORBIDDEN = frozenset({403})
MOST_PAGES = 40
_ID = re.compile(r"/secrets/([^/?#]+)/([^/?#]+)")
Asks: TypeAlias = Callable[[Ask], Answer]


def version_of(row: object, secret: str) -> str:
    """Give the version that the `id` of an object says, where it is one of this secret; else nothing."""
    text = row.get("id") if isinstance(row, Mapping) else None
    found = _ID.search(text) if isinstance(text, str) else None
    return found[2] if found and found[1].lower() == secret.lower() else ""


def attributes_of(row: Mapping[str, object]) -> Mapping[str, object]:
    """Give what stands in `attributes`."""
    found = row.get("attributes")
    return found if isinstance(found, Mapping) else {}


def listed(ask: Asks, secret: str, doing: str) -> dict[str, int] | None:
    """Give each version, and the second at which it was made; `None` where the identity may not list them, or there are
    more than a thousand. Of a link to the next page the query is taken alone: no token is sent where it points."""
    found: dict[str, int] = {}
    query: Mapping[str, str] = QUERY
    for _ in range(MOST_PAGES):
        answer = ask(Ask("GET", f"/secrets/{secret}/versions", doing, query, takes=FORBIDDEN))
        if answer.status in FORBIDDEN:
            return None
        row = answer.json()
        items = row.get("value") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(items, list):
            raise words.unexpected(SERVICE, doing, "not with a list of versions")
        for item in items:
            created = attributes_of(item).get("created") if version_of(item, secret) else None
            found[version_of(item, secret)] = created if isinstance(created, int) else 0
        link = row.get("nextLink")
        if not isinstance(link, str) or not link:
            return found
        query = dict(parse_qsl(link.partition("?")[2]))
    return None
