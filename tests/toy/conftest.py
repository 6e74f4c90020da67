"""The toy is registered for these tests alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate import registry
from rotate.sandbox.world import World
from tests.toy.bench import Bench
from tests.toy.shelf import Shelf


@pytest.fixture
def bench(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    monkeypatch.setitem(registry.SYSTEMS, "toy", "tests.toy.system:SYSTEM")
    monkeypatch.setitem(registry.SYSTEMS, "bare", "tests.toy.bare:SYSTEM")
    monkeypatch.setitem(registry.SYSTEMS, "late", "tests.toy.late:SYSTEM")
    monkeypatch.setitem(registry.SYSTEMS, "stiff", "tests.toy.late:STIFF")
    with Shelf() as shelf:
        yield Bench(world, shelf, capsys, tmp_path)
