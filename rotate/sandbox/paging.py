"""Pages of a list as GitHub gives them: `per_page`, `page`, `total_count` and a `Link` header."""

from __future__ import annotations

from rotate.sandbox.exchange import Json, RefusalError, Reply, Request


def page_of(request: Request, api: str, name: str, items: list[Json], *, most: int) -> Reply:
    """Give one page, at most `most` items long; 30 (or `most`) when the request does not say."""
    size = min(most, _number(request, "per_page", min(most, 30)))
    page = _number(request, "page", 1)
    start = (page - 1) * size
    headers = {}
    if start + size < len(items):
        headers["Link"] = f'<{api}{request.path}?per_page={size}&page={page + 1}>; rel="next"'
    return Reply.of(200, {"total_count": len(items), name: items[start : start + size]}, headers)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) == 0:
        raise RefusalError(422, f"{name} is a positive number")
    return int(text)
