"""Two runs that meet: one looked at the world before the other changed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest

MINTED = [scope for scope in STORIES if scope != "personal"]


@pytest.mark.parametrize("exposed", [False, True])
@pytest.mark.parametrize("scope", MINTED)
def test_the_write_of_another_run_is_not_taken_for_ours(
    scope: str, exposed: bool, world: World, tmp_path: Path
) -> None:
    """A lost write confirmed by the time that another run's write had moved would end in a revoke of that run's key."""
    story = STORIES[scope](world)
    environment, other = story.environment(), story.environment()
    how = {"exposed": "true", "reason": "test"} if exposed else {}

    def overtake(*_: object) -> None:
        assert Runner(tmp_path / "other").run(other).code == 0
        world.faults.add(Fault("reset", method="PUT", path="*/actions/secrets/*", times=99))

    world.faults.add(Fault("hook", method="POST", path="*/actions/variables", call=overtake))
    ended = Runner(tmp_path / "slow").run(environment, **how)
    assert ended.code in (1, 3, 4), ended.stdout
    access_was_never_lost(world, story)
    world.faults.reset()
    assert Runner(tmp_path / "again").run(story.environment_now()).code == 0
    at_rest(world, story)
