"""Run independent calls at the same time and keep what each gave or raised."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from rotate.errors import RotateError

T = TypeVar("T")
# A place is looked at with three requests at once, so that 16 places stay below the 100 at once that GitHub allows. At
# 60 ms a request, 16 writes at once are 260 a second; the fastest pace allows 15 requests a second.
MOST_AT_ONCE = 16
# How far the others may run ahead of one that takes long.
AHEAD = 4 * MOST_AT_ONCE


def together(*calls: Callable[[], T]) -> tuple[T | RotateError, ...]:
    """Call all at once, at most 16 side by side; a `RotateError` takes the place of its value, anything else rises."""
    return tuple(each(calls))


def each(calls: Sequence[Callable[[], T]]) -> Generator[T | RotateError, None, None]:
    """The same, giving each value in its turn while the calls after it go on. What has not begun when something else
    rises never does."""
    if len(calls) <= 1:
        yield from map(_caught, calls)
        return
    rest, begun = iter(calls), deque[Future[T | RotateError]]()
    with ThreadPoolExecutor(max_workers=min(len(calls), MOST_AT_ONCE)) as pool:
        try:
            begun.extend(pool.submit(_caught, call) for call in islice(rest, AHEAD))
            while begun:
                value = begun.popleft().result()
                begun.extend(pool.submit(_caught, call) for call in islice(rest, 1))
                yield value
        finally:
            for future in begun:
                future.cancel()


def begin(call: Callable[[], T]) -> Callable[[], T | RotateError]:
    """Start one call and give what waits for its value; for calls of different kinds that go out together."""
    pool = ThreadPoolExecutor(max_workers=1)
    pending = pool.submit(_caught, call)
    pool.shutdown(wait=False)
    return pending.result


def begin_for(seconds: float, call: Callable[[], T]) -> tuple[bool, Callable[[], T | RotateError]]:
    """Start one call and stay for some seconds; say whether it has ended, and give what waits for its value."""
    ended = threading.Event()

    def until_the_end() -> T:
        try:
            return call()
        finally:
            ended.set()

    value = begin(until_the_end)
    return ended.wait(seconds), value


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
