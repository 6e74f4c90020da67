"""Thousands of environments, and many repositories: shadows are found, and a rotation costs what it may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rotate.protocol.facts.policy import FEW
from rotate.sandbox.github.limits import Limits
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from rotate.systems.github.secrets.shadow_places import ALL_THE_SAME
from rotate.systems.github.secrets.shadows import EACH, ENOUGH
from tests.support.runner import Ended, Runner
from tests.support.stories import at_rest, held, lineage_keys, tells

SECRET = "NEON_API_KEY"
MAY = {**PERMISSIONS, "environments": "write"}
MANY = 320
# What a rotation of one repository asks of GitHub beside the look.
OWN = 40
OTHERS = tuple(f"octo-org/service-{number:02}" for number in range(FEW + 1))


def previews(world: World, count: int = MANY) -> tuple[Story, str]:
    """A repository with an old environment for each pull request, and a token that may read them."""
    story = personal(world)
    for number in range(count):
        one = world.github.add_environment(REPOSITORY, f"preview/pr-{number}")
        one.created_at -= timedelta(days=30, minutes=count - number)
    return story, world.github.add_token(repositories={REPOSITORY: MAY})


def asked(world: World) -> int:
    """Count the requests that ask for environments and what they hold."""
    return len([entry for entry in world.ledger if "/environments" in entry.path])


def test_a_rotation_with_many_environments_has_a_bounded_cost(world: World, runner: Runner) -> None:
    story, token = previews(world)
    first = runner.run(story.environment(), github_token=token)
    tells(first, "rotated", 0)
    assert asked(world) == ENOUGH + EACH
    assert [one["reason"] for one in first.report["warnings"]] == ["shadows-not-judged"]
    world.ledger.clear()
    second = runner.run(story.environment_now(), github_token=token)
    tells(second, "rotated", 0)
    assert asked(world) == 4 + ALL_THE_SAME
    assert world.ledger.count(server="github") <= 4 + ALL_THE_SAME + OWN
    assert second.report["warnings"] == [], "what was looked at before is no news"
    at_rest(world, story)


def test_an_environment_that_is_new_since_is_looked_at(world: World, runner: Runner) -> None:
    story, token = previews(world)
    tells(runner.run(story.environment(), github_token=token), "rotated", 0)
    world.github.add_environment(REPOSITORY, "production")
    world.github.set_secret(REPOSITORY, SECRET, "other", environment="production")
    ended = runner.run(story.environment_now(), github_token=token)
    assert ended.reasons == ["secret-shadowed"]
    assert "?environment=production#" in ended.report["problems"][0]["message"]


def test_the_look_leaves_the_rotation_the_requests_that_it_needs(world: World, runner: Runner) -> None:
    story, token = previews(world)
    world.github.limits = Limits(hourly=150)
    ended = runner.run(story.environment(), github_token=token)
    tells(ended, "rotated", 0)
    assert "kept for the rotation" in ended.report["warnings"][0]["message"]
    at_rest(world, story)


def test_a_plan_looks_at_all_of_them_and_says_what_it_costs(world: World, runner: Runner) -> None:
    story, token = previews(world)
    world.github.set_secret(REPOSITORY, SECRET, "other", environment="preview/pr-0")
    assert runner.run(story.environment(), github_token=token, command="plan").reasons == ["secret-shadowed"]
    meant = {"github_token": token, "command": "plan", "ignore_shadows": "preview/pr-0"}
    ended = runner.run(story.environment(), **meant)
    tells(ended, "planned", 0)
    assert f"took {4 + MANY - 1} requests; the first rotation makes {ENOUGH + EACH} at most" in ended.summary


class Many:
    """More repositories than are looked at one by one before something is due."""

    def __init__(self, world: World, runner: Runner) -> None:
        self.world, self.runner, self.story = world, runner, personal(world)
        for name in OTHERS:
            world.github.add_repository(name)
            world.github.set_secret(name, SECRET, self.story.old_key.value, updated_days_ago=50)
        self.token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, *OTHERS), MAY))

    def run(self, names: Sequence[str] = OTHERS[:-1], *, now: bool = False, **changes: str) -> Ended:
        """Rotate the key of the home repository and of so many others."""
        environment = self.story.environment_now() if now else self.story.environment()
        given = {"github_token": self.token, "repositories": "\n".join((REPOSITORY, *names)), "repository": None}
        return self.runner.run(environment, **{**given, **changes})


def test_one_of_many_repositories_that_is_hidden_ends_the_run_before_a_key_is_issued(
    world: World, runner: Runner
) -> None:
    many = Many(world, runner)
    world.github.add_environment(OTHERS[5], "staging")
    world.github.set_secret(OTHERS[5], SECRET, "other", environment="staging")
    for command in ("rotate", "plan"):
        ended = many.run(command=command)
        tells(ended, "refused", 3)
        assert ended.reasons == ["secret-shadowed"]
        assert f"hides github://{OTHERS[5]}#{SECRET}" in ended.report["problems"][0]["message"]
        assert lineage_keys(world, many.story) == [many.story.old_key]
        assert held(world, many.story) == many.story.old_key.value
        assert f"{SECRET}_ROTATION_LOCK" not in world.github.variables(REPOSITORY)


def test_many_repositories_are_looked_at_first_and_when_others_come_and_not_in_between(
    world: World, runner: Runner
) -> None:
    many = Many(world, runner)
    tells(many.run(), "rotated", 0)
    assert asked(world) == len(OTHERS)
    world.ledger.clear()
    tells(many.run(now=True), "rotated", 0)
    assert asked(world) == 0
    world.ledger.clear()
    tells(many.run(OTHERS, now=True), "rotated", 0)
    assert asked(world) == len(OTHERS) + 1


def test_of_many_nothing_is_asked_where_nothing_is_due(world: World, runner: Runner) -> None:
    many = Many(world, runner)
    tells(many.run(), "rotated", 0)
    world.ledger.clear()
    tells(many.run(now=True, rotate_after="90d"), "unchanged", 0)
    assert asked(world) == 0
