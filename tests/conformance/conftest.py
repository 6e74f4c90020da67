"""What the suites of services over HTTP start from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.benches import BENCHES, SERVICES
from tests.support.distorted import Opened


@pytest.fixture(params=SERVICES)
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    with BENCHES[request.param]() as bench:
        yield Opened(bench)
