"""Every config var of the apps that a token reaches.

Sources: Heroku's API schema (heroku/heroku-go, v5/schema.json): `GET /apps` lists the apps that the account may see,
those of its teams too; devcenter.heroku.com/articles/platform-api-reference, "Ranges": a page that is not the last is
206 and names the next one in `Next-Range`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, followed, seen
from rotate.service.words import rows_of
from rotate.systems.heroku.app import App
from rotate.systems.heroku.system import ACCEPT, SERVICE
from rotate.wire.http import Style
from rotate.wire.outcome import Answer

_APPS = Ask("GET", "/apps", "list the apps", style=Style(headers={**ACCEPT, "Range": "name ..; max=1000"}))


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the apps cannot be listed."""
    del known
    names = _names(Client(SERVICE, means))
    yield from among(names, partial(_of, wanted, means), one="Heroku app", remedy=SERVICE.give)


def _names(client: Client) -> Iterator[str]:
    for page in followed(client, _APPS, lambda answer: rows_of(SERVICE, answer.json(), _APPS.doing), _after):
        yield from (str(row.get("name")) for row in page)


def _after(answer: Answer) -> Ask | None:
    following = answer.headers.get("next-range", "")
    return replace(_APPS, style=Style(headers={**ACCEPT, "Range": following})) if following else None


def _of(wanted: Wanted, means: Means, name: str) -> Iterator[FoundSecret]:
    for key, text in App(name, means).variables(f"read the config vars of {name}").items():
        value = text if isinstance(text, str) else None
        yield from seen(str(Address("heroku", name, name=key)), key, wanted, means, text=value)
