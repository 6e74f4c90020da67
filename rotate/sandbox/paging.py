"""Pages of a list as GitHub gives them: `per_page`, `page`, `total_count` and a `Link` header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from rotate.sandbox.exchange import Json, RefusalError, Reply, Request

Item = TypeVar("Item")
USUAL_SIZE = 30
LARGEST_SIZE = 100


def page_of(
    request: Request, api: str, name: str, items: list[Json], *, usual: int = USUAL_SIZE, most: int = LARGEST_SIZE
) -> Reply:
    """Give one page: `usual` items unless the request says otherwise, at most `most`. `api` is the API's own URL.

    The link to the next page keeps the request's filters, or a client that follows it would leave its own list.

    Raises:
        RefusalError: 422 for a size or a page that is no positive number.
    """
    page, headers = slice_of(request, api, items, usual=usual, most=most)
    return Reply.of(200, {"total_count": len(items), name: page}, headers)


def slice_of(
    request: Request, api: str, items: Sequence[Item], *, usual: int = USUAL_SIZE, most: int = LARGEST_SIZE
) -> tuple[list[Item], dict[str, str]]:
    """Give the items of one page and its `Link` header, for a list that comes without a wrapper.

    Raises:
        RefusalError: 422 for a size or a page that is no positive number.
    """
    size = min(most, _number(request, "per_page", usual))
    page = _number(request, "page", 1)
    start = (page - 1) * size
    headers = {}
    if start + size < len(items):
        query = urlencode({**request.query, "per_page": size, "page": page + 1})
        headers["Link"] = f'<{api}{request.path}?{query}>; rel="next"'
    return list(items[start : start + size]), headers


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) == 0:
        raise RefusalError(422, f"{name} is a positive number")
    return int(text)
