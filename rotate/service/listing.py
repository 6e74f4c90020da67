"""What a login reaches, for `find`: lists that come in pages, and what may not be read among many places."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from rotate.errors import Incomplete, RotateError, counted
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask, Service
from rotate.service.readable import SHORTEST_HIDDEN
from rotate.service.words import rows_of, unexpected
from rotate.wire.outcome import Answer

T = TypeVar("T")
# So many pages at most: a list that never ends is a service's mistake.
MOST_PAGES = 10_000
PAGE = 100


def turns(service: Service, doing: str) -> Iterator[int]:
    """Count the pages of a list. Raises `RotateError` where they do not end: it was not read to its end."""
    yield from range(1, MOST_PAGES + 1)
    raise unexpected(service, doing, f"its list does not end within {MOST_PAGES} pages")


def numbered(
    client: Client, ask: Ask, *, within: str = "", size: int = PAGE, page: str = "page", per_page: str = "per_page"
) -> Iterator[dict[str, object]]:
    """Give the rows of a list whose pages have numbers: until a page is not full. Raises `RotateError`.

    `within`: the field of the answer that holds the list; without one, the answer is the list.
    """
    for number in turns(client.service, ask.doing):
        query = {**ask.query, per_page: str(size), page: str(number)}
        rows = rows_in(client, client.ask(replace(ask, query=query)), ask.doing, within)
        yield from rows
        if len(rows) < size:
            return


def rows_in(client: Client, answer: Answer, doing: str, within: str = "") -> list[dict[str, object]]:
    """Give the objects that an answer lists, in one of its fields where it is named. Raises `RotateError`."""
    body = answer.json()
    found = body.get(within) if within and isinstance(body, dict) else None if within else body
    return rows_of(client.service, found, doing)


def followed(
    client: Client, ask: Ask, rows: Callable[[Answer], T], after: Callable[[Answer], Ask | None]
) -> Iterator[T]:
    """Give what each page holds, as `rows` takes it out of an answer; `after` gives the request for the next page,
    nothing after the last. Raises `RotateError`."""
    for _ in turns(client.service, ask.doing):
        answer = client.ask(ask)
        yield rows(answer)
        more = after(answer)
        if more is None:
            return
        ask = more


def seen(
    address: str, name: str, wanted: Wanted, means: Means, *, text: str | None = None, at: datetime | None = None
) -> Iterator[FoundSecret]:
    """Give one that is wanted. `text`: its value, where it can be read; it is hidden, compared, and not told."""
    value = Secret(text) if text else None
    if wanted.takes(name, value.fingerprint if value else ""):
        if value and len(value.reveal()) >= SHORTEST_HIDDEN:
            means.hide(value)
        yield FoundSecret.at(address, wanted.called(name) or name, written_at=at, value=value)


def decoded(held: object) -> str | None:
    """Decode a value that a service gives in base64; `None` where it is no text, and so no key."""
    try:
        return b64decode(held, validate=True).decode() if isinstance(held, str) else None
    except (binascii.Error, UnicodeError):
        return None


def among(
    places: Iterable[T], look: Callable[[T], Iterable[FoundSecret]], *, one: str, remedy: str
) -> Iterator[FoundSecret | RotateError]:
    """Look at many places. Those that may not be read are told once, by their number and the first of them.

    `one`: what a place is called, such as `GitLab project`. `remedy`: which right would show them.
    """
    failures: list[RotateError] = []
    count = 0
    for place in places:
        count += 1
        try:
            yield from look(place)
        except RotateError as error:
            failures.append(error)
    if failures:
        message = (
            f"Of {counted(count, one)}, {len(failures)} could not be looked at, so this says nothing of what is there. "
            f"The first: {failures[0].message}"
        )
        yield Incomplete("find-incomplete", message, remedy)
