"""No test of an adapter leaves a connection open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.opened import OPEN


@pytest.fixture(autouse=True)
def _close_what_was_opened() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()
