"""SIGKILL before and after every request of a rotation; a clean run after it ends with one live key, in the secret."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.runner import Ended, Runner
from tests.scenarios.stories import STORIES, access_was_never_lost, at_rest, lineage_keys

pytestmark = pytest.mark.timeout(600)  # bounded by its loops; two busy cores can be slow

SLICES = 4
FEWEST_REQUESTS = 20
MOST_REQUESTS = 60


def killed_at(world: World, story: Story, number: int, kind: Kind, runner: Runner) -> Ended:
    world.faults.add(Fault.at(number, kind))
    process = runner.start(story.environment())
    world.victim = process.pid
    ended = runner.collect(process)
    world.victim = None
    world.faults.reset()
    return ended


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("kind", ["death_before", "death_after"])
@pytest.mark.parametrize("scope", STORIES)
def test_a_clean_run_after_a_kill_ends_with_one_live_key(
    scope: str, kind: Kind, part: int, world: World, tmp_path: Path
) -> None:
    killed = 0
    for number in range(1 + part, MOST_REQUESTS, SLICES):
        world.reset()
        story = STORIES[scope](world)
        ended = killed_at(world, story, number, kind, Runner(tmp_path / f"killed-{number}"))
        where = f"{kind} request {number}"
        if ended.code == 0:
            break
        assert ended.code == -signal.SIGKILL, where
        killed += 1
        access_was_never_lost(world, story)
        again = Runner(tmp_path / f"clean-{number}").run(story.environment_now())
        assert again.code == 0, f"{where}: {again.stdout}{again.stderr}"
        new = at_rest(world, story)
        assert lineage_keys(world, story) == [new], where
        assert not world.neon.is_live(story.old_key.value), where
    assert killed >= FEWEST_REQUESTS // SLICES, "the kills reached the whole rotation"


@pytest.mark.parametrize("scope", STORIES)
def test_a_kill_without_a_notebook_leaves_access_and_a_way_out(scope: str, world: World, tmp_path: Path) -> None:
    """Without variables nothing remembers the first key's id, so the workflow keeps `old_key_id`."""
    for number in range(8, MOST_REQUESTS, 3):
        world.reset()
        story = STORIES[scope](world)
        token = world.github.add_token(repositories={story.repository: {"secrets": "write"}})
        world.faults.add(Fault.at(number, "death_after"))
        runner = Runner(tmp_path / f"killed-{number}")
        process = runner.start({**story.environment(), "INPUT_GITHUB_TOKEN": token})
        world.victim = process.pid
        ended = runner.collect(process)
        world.victim = None
        world.faults.reset()
        if ended.code == 0:
            break
        access_was_never_lost(world, story)
        again = Runner(tmp_path / f"clean-{number}").run(story.environment_now(), github_token=token)
        assert again.code == 0, f"request {number}: {again.stdout}"
        at_rest(world, story)
