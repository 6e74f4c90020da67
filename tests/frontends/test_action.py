"""Inside the runner, in this process, so that every branch is seen."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from rotate.frontends import action
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import at_rest


def test_the_environment_of_the_process_is_the_default(
    world: World, runner: Runner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story = personal(world)
    for name, text in runner.environment(story.environment()).items():
        monkeypatch.setenv(name, text)
    assert action.main() == 0
    at_rest(world, story)
    assert capsys.readouterr().out.startswith(f"::add-mask::{os.environ['INPUT_API_KEY']}\n"), "before anything else"


def test_no_runner_files_no_contact(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert action.main(personal(world).environment()) == 2
    assert "GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE" in capsys.readouterr().out
    assert len(world.ledger) == 0


def test_both_signals_are_handled() -> None:
    action.main({})
    for number in (signal.SIGINT, signal.SIGTERM):
        assert callable(signal.getsignal(number))
        assert signal.getsignal(number) is not signal.default_int_handler


def test_pygithub_is_not_loaded_before_it_is_needed() -> None:
    import subprocess

    loaded = "import sys, rotate.frontends.action, rotate.run.compose"
    code = f"{loaded}; print('github' in sys.modules, 'nacl' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert told.stdout.split() == ["False", "False"]
