"""How the pretend AWS refuses: a code and a message."""

from __future__ import annotations

from rotate.sandbox.exchange import Json


class CodedError(Exception):
    """An error as AWS's services say it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def text(body: dict[str, Json], name: str) -> str:
    """Give a member that must be there and be text."""
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise CodedError("ValidationException", f"Value at '{name}' failed to satisfy constraint")
    return found


def page(body: dict[str, Json], name: str, rows: list[Json]) -> dict[str, Json]:
    """Give one page of a list, and where the next begins."""
    start, most = int(str(body.get("NextToken") or 0)), int(str(body.get("MaxResults") or 10))
    more: dict[str, Json] = {"NextToken": str(start + most)} if len(rows) > start + most else {}
    return {name: rows[start : start + most], **more}
