"""How the pretend Cloudflare answers: always with the same four fields, and of a list with how long it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from rotate.sandbox.exchange import Call, Json, RefusalError, Reply

PAGE = 20
NO_ROUTE = 7003
Found = TypeVar("Found")


def given(result: object, total: int | None = None) -> Reply:
    """Answer with what was asked for."""
    whole: dict[str, object] = {"success": True, "errors": [], "messages": [], "result": result}
    return Reply.of(200, whole | ({} if total is None else {"result_info": {"total_count": total}}))


def iso(at: datetime) -> str:
    """Write a time as Cloudflare does, to the microsecond."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def paged(call: Call[str], rows: Sequence[Json]) -> Reply:
    """Answer with one page of a list."""
    return given(one_page(call, rows), len(rows))


def one_page(call: Call[str], rows: Sequence[Json]) -> list[Json]:
    """Give the rows of the page that is asked for."""
    start = (int(call.request.query.get("page", "1")) - 1) * PAGE
    return list(rows[start : start + PAGE])


def refused(refusal: RefusalError) -> Reply:
    """Answer a refusal, whose words begin with Cloudflare's code where it has one."""
    code, _, words = refusal.message.partition(" ")
    error = {"code": int(code), "message": words} if code.isdigit() else {"code": NO_ROUTE, "message": refusal.message}
    whole = {"success": False, "errors": [error], "messages": [], "result": None}
    return Reply.of(refusal.status, whole, refusal.headers)


def found(one: Found | None, said: str) -> Found:
    """Give what is there. Raises `RefusalError` 404 with the code and the words."""
    if one is None:
        raise RefusalError(404, said)
    return one
