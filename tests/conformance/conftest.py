"""What the suites of services over HTTP start from, and how much of what they share is tried on each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.support.benches import BENCHES, SERVICES
from tests.support.distorted import Opened
from tests.support.matrix import SIZE, drawn

# What a bad answer means is judged in one place for all services (`rotate.service.client`). So each of them meets this
# many of all, always the same; what they meet together is every one, many times. `KILL_MATRIX=all` tries each on each.
# An answer that is well and says nothing is judged by each service's own code: all meet it.
OF_EACH, OF_ALL = 4, "-status 200 []]"


@pytest.fixture(params=SERVICES)
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    with BENCHES[request.param]() as bench:
        yield Opened(bench)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, of the answers that every service may give, those that were not drawn for one."""
    met: defaultdict[tuple[str, object], list[str]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("drawn") and isinstance(item, pytest.Function):
            met[item.originalname, item.callspec.params["opened"]].append(item.nodeid)
    left = {one for (_, bench), every in met.items() for one in _left(every, str(bench))}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left])
    items[:] = [item for item in items if item.nodeid not in left]


def _left(every: list[str], bench: str) -> set[str]:
    kept = drawn(every, None if SIZE == "all" else OF_EACH, bench)
    return {one for one in every if one not in kept and not one.endswith(OF_ALL)}
