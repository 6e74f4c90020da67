"""An account with thousands of keys: the rotation works, what it tells stays short, and names what it is about."""

from __future__ import annotations

import json

from bench import keys
from rotate.protocol.story.fold import MOST_OTHERS
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import at_rest, tells

MANY = 3000


def test_a_rotation_among_thousands_of_keys_tells_of_those_that_matter(world: World, runner: Runner) -> None:
    story = personal(world)
    for number in range(MANY):
        world.neon.add_key(story.old_key.user, name=f"service {number}", last_used_days_ago=number % 90)
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    key = at_rest(world, story)
    shown = {row["id"]: row["role"] for row in ended.report["keys"]}
    assert shown[key.key_id] == "current"
    # The laptop's key was there before, and was used three days ago.
    assert len(shown) == MOST_OTHERS + 1
    assert ended.report["other_keys"] == MANY + 1 - MOST_OTHERS
    assert f"{MANY + 1 - MOST_OTHERS:,} more keys are alive" in ended.summary
    assert len(ended.summary) + len(json.dumps(ended.report)) < 100_000
    assert len(world.neon.live_keys()) == MANY + 2, "nobody else's key was touched"


def test_the_benchmark_measures_what_more_keys_cost() -> None:
    assert keys.cpu_more(many=200, rounds=1) < 1.0
