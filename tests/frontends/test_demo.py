"""The demo rotates in a pretend world, tells each step, and checks the end from outside."""

from __future__ import annotations

import builtins
import io
from collections.abc import Mapping, Sequence
from types import ModuleType

import pytest

from rotate.frontends import cli, demo
from rotate.sandbox import stories
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World


@pytest.mark.parametrize("story", ["personal", "organization", "project"])
def test_every_story_ends_with_the_old_key_dead_and_the_new_one_in_the_secret(story: str) -> None:
    out = io.StringIO()
    assert demo.main(story, out) == 0
    told = out.getvalue()
    for words in ("answers 200: alive", "✓ issue", "Sealed", "✓ confirm", "✓ revoke", "answers 401: dead"):
        assert words in told
    assert told.index("answers 200: alive") < told.index("✓ revoke") < told.index("answers 401: dead")
    assert "| Destination" in told, "it ends with the job summary"


def test_the_command_line_plays_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["demo"], {}) == 0
    assert "The rotation" in capsys.readouterr().out


def test_a_rotation_that_fails_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(world: World) -> Story:
        world.faults.add(Fault("status", server="neon", method="POST", code=422))
        return plain(world)

    plain = stories.personal
    monkeypatch.setattr(stories, "personal", broken)
    out = io.StringIO()
    assert demo.main("personal", out) == 1
    assert "✗ issue" in out.getvalue()


def test_a_world_that_disagrees_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the verdict is not taken from the program alone."""
    monkeypatch.setattr(World, "reset", World.reset)
    out = io.StringIO()
    with World() as world:
        story = stories.personal(world)
        monkeypatch.setattr(world.neon, "is_live", lambda _: True)
        assert demo._play(world, story, out) == 1


def test_without_the_sandbox_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_sandbox(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if name.startswith("rotate.sandbox"):
            raise ImportError(name)
        return real(name, globals_, locals_, fromlist or (), level)

    monkeypatch.setattr(builtins, "__import__", without_sandbox)
    out = io.StringIO()
    assert demo.main("personal", out) == 2
    assert "make demo" in out.getvalue()
