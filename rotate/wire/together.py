"""Run independent calls at the same time and keep what each gave or raised."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rotate.errors import RotateError

T = TypeVar("T")
MOST_AT_ONCE = 16


def together(*calls: Callable[[], T]) -> tuple[T | RotateError, ...]:
    """Call all at once, at most 16 side by side; a `RotateError` takes the place of its value, anything else rises."""
    if len(calls) <= 1:
        return tuple(map(_caught, calls))
    with ThreadPoolExecutor(max_workers=min(len(calls), MOST_AT_ONCE)) as pool:
        return tuple(pool.map(_caught, calls))


def begin(call: Callable[[], T]) -> Callable[[], T | RotateError]:
    """Start one call and give what waits for its value; for calls of different kinds that go out together."""
    pool = ThreadPoolExecutor(max_workers=1)
    pending = pool.submit(_caught, call)
    pool.shutdown(wait=False)
    return pending.result


def value_of(reading: T | RotateError) -> T:
    """Give the value, or raise the error that stands in its place."""
    if isinstance(reading, RotateError):
        raise reading
    return reading


def _caught(call: Callable[[], T]) -> T | RotateError:
    try:
        return call()
    except RotateError as error:
        return error
