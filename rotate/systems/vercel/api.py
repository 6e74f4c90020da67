"""Vercel's API as one team, or one person, is answered by it: every request says which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rotate.errors import Outcome
from rotate.means import Means
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.vercel.system import SERVICE, TEAM
from rotate.wire.outcome import Answer

# 1,000 variables in an environment of a project (docs/limits), and a page of the list has 20 at least.
MOST_PAGES = 200


class Api:
    """Asks Vercel. `team`: the query that names the team; nothing for a personal account.

    Source: the types of @vercel/sdk 1.28.35: every operation takes `teamId`, or `slug` in its place.
    """

    def __init__(self, means: Means) -> None:
        self._client = Client(SERVICE, means)
        named = means.environment.get(TEAM, "").strip()
        self.team = {"teamId" if named.startswith("team_") else "slug": named} if named else {}

    def ask(self, one: Ask) -> Answer:
        """Send one request. Raises as `Client.ask` does."""
        return self._client.ask(replace(one, query={**one.query, **self.team}))

    def row(self, one: Ask) -> dict[str, object]:
        """Send one request, and give the object that answers it."""
        return as_row(self.ask(one).json(), one.doing, Outcome.NO_EFFECT if one.reads else Outcome.UNKNOWN)

    def rows(self, path: str, field: str, doing: str, after: str = "until") -> Iterator[dict[str, object]]:
        """Give what every page of a list has. A page tells where the next one begins (`pagination.next`), which is
        asked for by the parameter `after`."""
        query: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = self.row(Ask("GET", path, doing, query))
            listed, pagination = page.get(field), page.get("pagination")
            if not isinstance(listed, list):
                raise words.unexpected(SERVICE, doing, "not with a list")
            yield from (as_row(each, doing) for each in listed)
            following = pagination.get("next") if isinstance(pagination, dict) else None
            if following is None:
                return
            query = {after: str(following)}
        raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")


def text(row: dict[str, object], field: str, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> str:
    """Take a field of an answer for a text that is not empty."""
    found = row.get(field)
    if not isinstance(found, str) or not found:
        raise words.unexpected(SERVICE, doing, f"without `{field}`", outcome)
    return found


def as_row(found: object, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> dict[str, object]:
    """Take what was answered for an object."""
    if not isinstance(found, dict):
        raise words.unexpected(SERVICE, doing, "not with an object", outcome)
    return found
