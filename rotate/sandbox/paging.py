"""Pages of a list as GitHub gives them: `per_page`, `page`, `total_count` and a `Link` header."""

from __future__ import annotations

from urllib.parse import urlencode

from rotate.sandbox.exchange import Json, RefusalError, Reply, Request

USUAL_SIZE = 30
LARGEST_SIZE = 100


def page_of(
    request: Request, api: str, name: str, items: list[Json], *, usual: int = USUAL_SIZE, most: int = LARGEST_SIZE
) -> Reply:
    """Give one page: `usual` items unless the request says otherwise, at most `most`, as a bare list where there is no
    `name`. `api` is the API's own URL.

    The link to the next page keeps the request's filters, or a client that follows it would leave its own list.

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
    page_items = items[start : start + size]
    return Reply.of(200, {"total_count": len(items), name: page_items} if name else page_items, headers)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) == 0:
        raise RefusalError(422, f"{name} is a positive number")
    return int(text)
