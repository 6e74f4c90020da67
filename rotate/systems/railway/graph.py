"""One question to Railway's GraphQL API, and what an error of it means.

An error comes with HTTP 200 and a list of `errors`. Sources of their words: railwayapp/cli src/client.rs ("Project
Token not found", "Not Authorized", "Two Factor Authentication Required"); what others saw in October 2026 (a public
record of 447 answers): "… not found" and "Not Authorized" have the code INTERNAL_SERVER_ERROR, what is wrong about the
input BAD_USER_INPUT. So the words count first, then the code. 429 has `Retry-After` (content/docs/integrations/api.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias, cast

from rotate.errors import DestinationError, Outcome
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.railway.system import OF_PROJECT, SERVICE
from rotate.wire.http import BEARER, Style
from rotate.wire.outcome import SUCCESS, Answer

Row: TypeAlias = dict[str, object]

PATH = "/v2"
UNAUTHORIZED, FORBIDDEN, INVALID, FAILING = 401, 403, 400, 500
# In this order, in small letters: a token that is not found is no place that is not found.
WORDS = {
    "token not found": UNAUTHORIZED,
    "not authorized": FORBIDDEN,
    "unauthorized": FORBIDDEN,
    "two factor authentication required": FORBIDDEN,
    "rate limit": 429,
    "ratelimit": 429,
    "too many requests": 429,
    "not found": 404,
}
CODES = {"BAD_USER_INPUT": 422, "GRAPHQL_VALIDATION_FAILED": 422, "GRAPHQL_PARSE_FAILED": 422}
MOST_TOLD, MOST_PAGES = 3, 100


class Graph:
    """Asks Railway in one run. To make it contacts nobody. `of_project`: with a project token."""

    def __init__(self, means: Means) -> None:
        self.of_project = bool(means.environment.get(OF_PROJECT, "").strip())
        self._style = Style("Project-Access-Token", "") if self.of_project else BEARER
        self._client = Client(SERVICE, means)

    def look(self, document: str, variables: Mapping[str, object], doing: str, denied: int = FORBIDDEN) -> Row:
        """Ask what changes nothing, and give its `data`. `denied`: what "Not Authorized" means here, as a status.

        Raises:
            Refused, DestinationError: as `Client.ask`; or the answer has no data.
        """
        one = Ask("POST", PATH, doing, body={"query": document, "variables": variables}, looks=True)
        return _data(self._client.ask(replace(one, style=self._read(denied))), doing, Outcome.NO_EFFECT)

    def change(
        self,
        document: str,
        variables: Mapping[str, object],
        doing: str,
        *,
        again: bool,
        hindered: Hindered | None = None,
        value: Secret | None = None,
    ) -> tuple[Row, Answer]:
        """Send what changes something, and give its `data` and the whole answer."""
        body = {"query": document, "variables": variables}
        one = Ask("POST", PATH, doing, body=body, again=again, hindered=hindered, value=value)
        answer = self._client.ask(replace(one, style=self._read(FORBIDDEN)))
        return _data(answer, doing, Outcome.UNKNOWN), answer

    def pages(self, document: str, variables: Mapping[str, object], path: tuple[str, ...], doing: str) -> Iterator[Row]:
        """Give the nodes of every page of the connection that stands at a path of the data."""
        asked = dict(variables)
        for _ in range(MOST_PAGES):
            connection = inside(self.look(document, asked, doing), *path)
            edges, page = connection.get("edges"), inside(connection, "pageInfo")
            if not isinstance(edges, list) or not page:
                raise words.unexpected(SERVICE, doing, "not with a list")
            yield from (inside(one, "node") for one in edges)
            if page.get("hasNextPage") is not True:
                return
            asked["after"] = page.get("endCursor")
        raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")

    def _read(self, denied: int) -> Style:
        return self._style._replace(read=partial(judged, denied=denied))


def judged(answer: Answer, denied: int = FORBIDDEN) -> Answer:
    """Give an answer with the status that other services have for its errors, and their words alone.

    What came with them is not believed: everything that is asked for must be there.
    """
    row = answer.json()
    errors = row.get("errors") if isinstance(row, dict) else None
    if not isinstance(errors, list) or not errors or answer.status >= FAILING:
        return answer
    told = [str(one.get("message") or "") if isinstance(one, dict) else "" for one in errors[:MOST_TOLD]]
    status = answer.status
    if status in SUCCESS or status == INVALID:
        found = next((code for text, code in WORDS.items() if text in told[0].lower()), None)
        status = denied if found == FORBIDDEN else found or CODES.get(_code(errors[0]), FAILING)
    text = json.dumps({"message": "; ".join(filter(None, told))}, ensure_ascii=False)
    return replace(answer, status=status, came=answer.status, text=text)


def inside(row: object, *path: str) -> Row:
    """Give an object within an object; an empty one where there is none."""
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return cast("Row", row) if isinstance(row, dict) else {}


def strange(doing: str, what: str) -> DestinationError:
    """Word an answer to a look that the schema does not promise."""
    return words.unexpected(SERVICE, doing, what)


def _code(error: object) -> str:
    return str(inside(error, "extensions").get("code"))


def _data(answer: Answer, doing: str, outcome: Outcome) -> Row:
    found = inside(answer.json(), "data")
    if not found:
        raise words.unexpected(SERVICE, doing, "without `data`", outcome)
    return found
