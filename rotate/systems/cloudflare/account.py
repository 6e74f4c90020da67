"""One account of Cloudflare: its id is a part of every path, and every answer is wrapped alike.

Source: PyPI `cloudflare` 5.9.0, `_wrappers.py` and `types/shared/`: `{"success", "errors", "messages", "result"}`; of a
list in pages, `result_info` tells `total_count`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

from rotate.errors import Outcome
from rotate.means import Means
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.cloudflare.system import ACCOUNT, SERVICE

Row: TypeAlias = dict[str, object]
# 100 secrets in an account (secrets-store/manage-secrets), 20 on a page where nothing else is asked for.
MOST_PAGES = 50


class Whole(NamedTuple):
    """What an answer holds: the `result`, and how many rows a list has in all, where it says that."""

    result: object
    total: int | None


class Account:
    """Asks for what belongs to the account of the environment."""

    def __init__(self, means: Means) -> None:
        self._client = Client(SERVICE, means)
        self._root = f"/accounts/{quote(means.environment.get(ACCOUNT, '').strip(), safe='')}"

    def ask(self, one: Ask) -> Whole:
        """Send a request whose path goes on behind the account's. Raises as `Client.ask` does, or if it is not told
        that it succeeded."""
        row = self._client.ask(replace(one, path=f"{self._root}{one.path}")).json()
        if not isinstance(row, dict) or row.get("success") is not True:
            raise unexpected(one, "does not say that it succeeded")
        about = row.get("result_info")
        total = about.get("total_count") if isinstance(about, dict) else None
        return Whole(row.get("result"), total if isinstance(total, int) else None)

    def row(self, one: Ask) -> Row:
        """Ask for one object."""
        found = self.ask(one).result
        if not isinstance(found, dict):
            raise unexpected(one, "not with an object")
        return found

    def rows(self, one: Ask) -> Iterator[Row]:
        """Give the objects of every page of a list."""
        seen = 0
        for number in range(1, MOST_PAGES + 1):
            page = self.ask(replace(one, query={**one.query, "page": str(number)}))
            found = objects(page.result, one)
            yield from found
            seen += len(found)
            if not found or (page.total is not None and seen >= page.total):
                return
        raise unexpected(one, f"its list does not end within {MOST_PAGES} pages")


def objects(found: object, one: Ask) -> list[Row]:
    """Give a list of objects, or raise."""
    return words.rows_of(SERVICE, found, one.doing, "a list of objects", _known(one))


def unexpected(one: Ask, what: str) -> Exception:
    """Word an answer that is not what Cloudflare's description promises."""
    return words.unexpected(SERVICE, one.doing, what, _known(one))


def _known(one: Ask) -> Outcome:
    """Say what is known of the effect where an answer is not as promised: of a write, nothing."""
    return Outcome.NO_EFFECT if one.reads else Outcome.UNKNOWN
