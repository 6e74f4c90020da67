"""What every test starts from: an environment without a runner's traces, and a world of its own where it asks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from bench.haste import Haste
from rotate.run import drawing
from rotate.sandbox.world import World
from tests.support.matrix import SEED, SIZE
from tests.support.opened import OPEN
from tests.support.runner import Runner
from tests.support.zygote import Zygote

# How long an example takes is the machine's affair.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

TRACES = ("GITHUB_", "INPUT_", "RUNNER_", "NEON_", "GH_")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of the kill matrix was played, and how to play it again."""
    reports = [one for found in terminalreporter.stats.values() for one in found if isinstance(one, pytest.TestReport)]
    counts = Counter[str]()
    for name, count in (found for report in reports if report.when == "call" for found in report.user_properties):
        counts[name] += int(str(count))
    if counts["cases"]:
        told = f"{counts['cases']} cases, {counts['struck']} struck"
        terminalreporter.write_line(f"kill matrix: {told}, KILL_MATRIX={SIZE}, KILL_MATRIX_SEED={SEED}")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI itself may be a runner: nothing of it reaches a test."""
    for name in list(os.environ):
        if name.startswith(TRACES):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in this process does not knock, since that lasts for long, unless its test asks for it."""
    monkeypatch.setattr(drawing, "drawn", tuple)  # tests that import it by itself have the real one


@pytest.fixture(autouse=True)
def _close_what_was_opened() -> Iterator[None]:
    """No test leaves a connection open."""
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture
def world() -> Iterator[World]:
    """A pretend Neon and GitHub on loopback."""
    with World() as opened:
        yield opened


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """The parent of warm runs; `Runner` takes it."""
    with Zygote() as opened:
        yield opened


@pytest.fixture
def runner(tmp_path: Path, zygote: Zygote) -> Runner:
    """A runner's directory for one step."""
    return Runner(tmp_path / "runner", zygote)


@pytest.fixture
def knocker(world: World, tmp_path: Path, zygote: Zygote) -> Runner:
    """A runner whose steps knock, in a world that passes faster."""
    haste = Haste(speed=20.0)
    haste.rush(world.clock)
    return Runner(tmp_path / "runner", zygote, haste, knocks=True)


@pytest.fixture
def hasty(world: World, tmp_path: Path, zygote: Zygote) -> Runner:
    """The same in a world that passes faster, for a step that waits for long; not for `start`."""
    haste = Haste(speed=20.0)
    haste.rush(world.clock)
    return Runner(tmp_path / "runner", zygote, haste)
