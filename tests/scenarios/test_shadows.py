"""A narrower secret hides ours: said before anything is changed, unless it is meant, or written too."""

from __future__ import annotations

from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.several import several
from tests.support.stories import at_rest, tells, untouched

SECRET = "NEON_API_KEY"
MAY = {**PERMISSIONS, "environments": "write"}


def hidden(world: World) -> tuple[Story, str]:
    """A key whose secret is hidden in one of two environments, and a token that may know."""
    story = personal(world)
    for name in ("production", "staging"):
        world.github.add_environment(REPOSITORY, name)
    world.github.set_secret(REPOSITORY, SECRET, "another", environment="staging")
    return story, world.github.add_token(repositories={REPOSITORY: MAY})


def test_a_shadow_ends_the_run_before_anything_is_changed(world: World, runner: Runner) -> None:
    story, token = hidden(world)
    for command in ("rotate", "plan"):
        ended = runner.run(story.environment(), github_token=token, command=command)
        tells(ended, "refused", 3)
        assert ended.reasons == ["secret-shadowed"]
        told = f"hides github://{REPOSITORY}#{SECRET} where it is narrower: github://{REPOSITORY}?environment=staging"
        assert told in ended.report["problems"][0]["message"]
        untouched(world, story)
    check(world.ledger)


def test_a_shadow_that_is_meant_does_not(world: World, runner: Runner) -> None:
    story, token = hidden(world)
    tells(runner.run(story.environment(), github_token=token, ignore_shadows="staging"), "rotated", 0)
    at_rest(world, story)
    assert world.github.secret(REPOSITORY, SECRET, environment="staging") == "another"


def test_a_shadow_that_is_a_destination_is_written_too(world: World, runner: Runner) -> None:
    story = several(world)
    world.github.add_environment(REPOSITORY, "staging")
    world.github.set_secret(REPOSITORY, "NEON_ORG_KEY", story.old["NEON_ORG_KEY"].value, environment="staging")
    kept = {**PERMISSIONS, "environments": "write"}
    text = (
        "version: 1\ncredentials:\n"
        + story.file().partition("credentials:\n")[2].partition("  - name: NEON_ORG_KEY")[2].partition("  - name:")[0]
    )
    text = text.replace("credentials:\n", "credentials:\n  - name: NEON_ORG_KEY")
    story = type(story)(world, world.github.add_token(repositories={REPOSITORY: kept}), story.old)
    assert story.run(runner, text).reasons == ["secret-shadowed"]
    both = text + "      - type: github_secret\n        environments: [staging]\n        ignore_holders: ['*']\n"
    assert story.run(runner, both).code == 0
    assert world.github.secret(REPOSITORY, "NEON_ORG_KEY", environment="staging") == story.held("NEON_ORG_KEY")
    ignored = text.replace("type: github_secret", "type: github_secret\n        ignore_shadows: [stag*]")
    ignored = ignored.replace("NEON_ORG_KEY\n", "NEON_ORG_KEY\n    give_up: ['*']\n", 1)
    assert story.run(runner, ignored).code == 0


def test_a_token_that_may_not_read_environments_gets_a_warning_and_the_rotation(world: World, runner: Runner) -> None:
    story, _ = hidden(world)
    token = world.github.add_token(repositories={REPOSITORY: {"secrets": "write", "variables": "write"}})
    ended = runner.run(story.environment(), github_token=token)
    tells(ended, "rotated", 0)
    assert [one["reason"] for one in ended.report["warnings"]] == ["shadows-not-judged", "other-holders-not-judged"]


def test_after_an_exposure_nothing_is_looked_for_before_the_key_is_dead(world: World, runner: Runner) -> None:
    story, token = hidden(world)
    ended = runner.run(story.environment(), github_token=token, exposed="true", reason="seen in a log")
    tells(ended, "rotated", 0)
    asked = [entry.number for entry in world.ledger if "/environments" in entry.path]
    (death,) = world.ledger.find("DELETE", server="neon")
    assert death.number < min(asked)


def test_a_check_and_a_sweep_do_not_look(world: World, runner: Runner) -> None:
    story, token = hidden(world)
    for command in ("check", "sweep"):
        runner.run(story.environment(), github_token=token, command=command)
    assert not [entry for entry in world.ledger if "/environments" in entry.path]
