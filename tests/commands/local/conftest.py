"""A laptop whose papers are a system."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate import registry
from rotate.sandbox.world import World
from tests.support.desk import KIND, Desk


@pytest.fixture
def desk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.setitem(registry.SYSTEMS, KIND, "tests.support.desk:SYSTEM")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return Desk(world, home, capsys)
