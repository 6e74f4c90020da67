"""The image, started as GitHub's runner starts it, against the sandbox."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.as_runner import ContainerRunner
from tests.support.openapi import check
from tests.support.stories import STORIES, access_was_never_lost, at_rest, lineage_keys, tells, untouched


@pytest.mark.parametrize("scope", STORIES)
def test_it_rotates(scope: str, image: str, world: World, tmp_path: Path) -> None:
    story = STORIES[scope](world)
    ended = ContainerRunner(tmp_path / "runner").run_container(image, story.environment())
    tells(ended, "rotated", 0)
    at_rest(world, story)
    assert not world.neon.is_live(story.old_key.value)
    assert ended.summary.startswith("## ✅ Rotated")
    check(world.ledger)


def test_bad_input_is_refused(image: str, world: World, tmp_path: Path) -> None:
    story = STORIES["personal"](world)
    environment = {**story.environment(), "INPUT_SCOPE": "galaxy"}
    ended = ContainerRunner(tmp_path / "runner").run_container(image, environment)
    tells(ended, "refused", 2)
    assert len(world.ledger) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_job_leaves_both_keys_and_tells(
    number: signal.Signals, image: str, world: World, tmp_path: Path
) -> None:
    """The runner signals the docker client, which passes it on to process 1 of the container."""
    story = STORIES["personal"](world)
    process = ContainerRunner(tmp_path / "first")
    started = process.start_container(image, story.environment())
    world.faults.add(
        Fault("hook", method="PUT", call=lambda *_: started.send_signal(number)),
        Fault("delay", method="PUT", seconds=1.0, after=True),
    )
    ended = process.collect(started)
    tells(ended, "incomplete", 4)
    assert "cancelled" in ended.reasons
    access_was_never_lost(world, story)
    assert len(lineage_keys(world, story)) == 2
    again = ContainerRunner(tmp_path / "second").run_container(image, story.environment_now())
    tells(again, "rotated", 0)
    at_rest(world, story)


def test_a_first_run_without_an_id_changes_nothing(image: str, world: World, tmp_path: Path) -> None:
    story = STORIES["personal"](world)
    environment = {name: text for name, text in story.environment().items() if name != "INPUT_OLD_KEY_ID"}
    ended = ContainerRunner(tmp_path / "runner").run_container(image, environment)
    tells(ended, "refused", 3)
    untouched(world, story)
