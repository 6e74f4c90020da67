"""What every test starts from: an environment without a runner's traces, and a world of its own where it asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.world import World
from tests.runner import Runner

TRACES = ("GITHUB_", "INPUT_", "RUNNER_", "NEON_", "GH_")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI itself may be a runner: nothing of it reaches a test."""
    for name in list(os.environ):
        if name.startswith(TRACES):
            monkeypatch.delenv(name)


@pytest.fixture
def world() -> Iterator[World]:
    """A pretend Neon and GitHub on loopback."""
    with World() as opened:
        yield opened


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner's directory for one step."""
    return Runner(tmp_path / "runner")
