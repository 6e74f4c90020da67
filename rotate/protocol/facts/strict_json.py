"""Strict readers of JSON that others may have written: each value of its kind and size, or a `ValueError`.

Note and lock lie where others can write too. So nothing here takes a near miss: `true` is no number, a text is no list,
and a time is one that some run of ours could have written.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
Object: TypeAlias = "dict[str, Value]"

LARGEST_NUMBER = 2**63
# Outside of these years sums of times overflow, and no run of ours was ever at work.
FIRST_YEAR, LAST_YEAR = 2000, 2200


def _not(what: str) -> ValueError:
    return ValueError(f"not {what}")


def parsed(text: str) -> Object:
    """Read an object. Raises `ValueError` for anything else, however deep or large it is."""
    try:
        return mapping(json.loads(text))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def canonical(data: Mapping[str, Value]) -> str:
    """Give the one way to write an object down: sorted, without white space, in ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def mapping(value: Value) -> Object:
    """Read an object."""
    if not isinstance(value, dict):
        raise _not("an object")
    return value


def listing(value: Value) -> list[Value]:
    """Read a list."""
    if not isinstance(value, list):
        raise _not("a list")
    return value


def integer(value: Value) -> int:
    """Read a number such as an id or a count."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_NUMBER:
        raise _not("a number that counts or names anything")
    return value


def truth(value: Value) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise _not("true or false")
    return value


def text(value: Value) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise _not("a text")
    return value


def time(value: Value) -> datetime:
    """Read a time with its zone; give it in UTC."""
    moment = datetime.fromisoformat(text(value))
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise _not("a time of any run")
    return moment.astimezone(UTC)


def packed(value: Value) -> str:
    """Read a text in base64, as it stands."""
    found = text(value)
    base64.b64decode(found, validate=True)
    return found
