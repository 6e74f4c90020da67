"""`check`: a guard of one line that any workflow can call."""

from __future__ import annotations

from rotate.sandbox.world import World
from tests.support.openapi import check as agree
from tests.support.runner import Runner
from tests.support.stories import STORIES, tells


def test_a_check_needs_no_github_token(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), command="check", github_token=None)
    tells(ended, "unchanged", 0)
    assert "200 days old" in ended.stdout
    assert [problem["reason"] for problem in ended.report["warnings"]] == ["no-notebook", "personal-key-in-secret"]
    assert {entry.server for entry in world.ledger} == {"neon"}
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def test_an_organization_key_is_checked_by_itself(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    mine = {"command": "check", "api_key": story.old_key.value, "current_key": None, "github_token": None}
    tells(runner.run(story.environment(), **mine), "unchanged", 0)
    wrong = runner.run(story.environment(), **mine, scope="personal", org_id=None)
    tells(wrong, "refused", 3)
    assert wrong.reasons == ["scope-mismatch"]
    agree(world.ledger)


def test_a_project_scoped_key_is_not_taken_for_an_organization_key(world: World, runner: Runner) -> None:
    story = STORIES["project"](world)
    mine = {"command": "check", "api_key": story.old_key.value, "current_key": None, "github_token": None}
    tells(runner.run(story.environment(), **mine), "unchanged", 0)
    ended = runner.run(story.environment(), **mine, scope="organization", project_id=None)
    assert (ended.code, ended.reasons) == (3, ["scope-mismatch"])


def test_a_dead_key_fails_the_workflow_that_asks(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    environment = story.environment()
    world.neon.revoke(story.old_key.key_id)
    ended = runner.run(environment, command="check", api_key=story.old_key.value, current_key=None)
    tells(ended, "refused", 3)
    assert ended.reasons[0] == "api-key-dead"


def test_an_older_generation_is_found_out(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment(), overlap="24h")
    stale = {**story.environment_now(), "INPUT_API_KEY": story.old_key.value}
    ended = runner.run(stale, command="check")
    tells(ended, "refused", 3)
    assert ended.reasons == ["value-differs"]
