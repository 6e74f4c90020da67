"""Other secrets of the same name may hold the key that was made by hand: nobody's key dies unnoticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, organization, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Ended, Runner
from tests.support.stories import lineage_keys, tells

SECRET = "NEON_API_KEY"
MAY = {**PERMISSIONS, "environments": "write", "dependabot_secrets": "write"}


def told(world: World) -> tuple[Story, str]:
    story = personal(world)
    return story, world.github.add_token(repositories={REPOSITORY: MAY})


def in_dependabot(world: World, value: str) -> str:
    world.github.set_secret(REPOSITORY, SECRET, value, store="dependabot")
    return f"{REPOSITORY}/dependabot"


def in_codespaces(world: World, value: str) -> str:
    world.github.set_secret(REPOSITORY, SECRET, value, store="codespaces")
    return f"{REPOSITORY}/codespaces"


def in_agents(world: World, value: str) -> str:
    world.github.set_secret(REPOSITORY, SECRET, value, store="agents")
    return f"{REPOSITORY}/agents"


def in_the_organization(world: World, value: str) -> str:
    world.github.add_organization("octo-org")
    world.github.set_secret("octo-org", SECRET, value, visibility="all")
    return "octo-org"


def names(ended: Ended) -> str:
    """Give the place that the refusal says to ignore."""
    (problem,) = [one for one in ended.report["problems"] if one["reason"] == "holder-left-out"]
    return str(problem["remedy"]).rpartition("ignore_holders: ")[2]


@pytest.mark.parametrize("put", [in_dependabot, in_codespaces, in_agents, in_the_organization])
def test_a_holder_that_nobody_named_is_refused_until_it_is(
    put: Callable[[World, str], str], world: World, runner: Runner
) -> None:
    story, token = told(world)
    word = put(world, story.old_key.value)
    for command in ("plan", "rotate"):
        ended = runner.run(story.environment(), github_token=token, command=command)
        tells(ended, "refused", 3)
        assert (ended.reasons, names(ended)) == (["holder-left-out"], word)
        assert lineage_keys(world, story) == [story.old_key]
        assert not world.ledger.find("PUT")
    tells(runner.run(story.environment(), github_token=token, ignore_holders=word), "rotated", 0)
    assert not world.neon.is_live(story.old_key.value)
    check(world.ledger)


def test_the_repository_and_other_environments_hold_it_beside_an_environment(world: World, runner: Runner) -> None:
    story, token = told(world)
    for name in ("production", "staging"):
        world.github.add_environment(REPOSITORY, name)
        world.github.set_secret(REPOSITORY, SECRET, story.old_key.value, environment=name)
    ended = runner.run(story.environment(), github_token=token, environments="production")
    tells(ended, "refused", 3)
    assert names(ended) == f"{REPOSITORY}, {REPOSITORY}/staging"
    remedy = ended.report["problems"][0]["remedy"]
    assert f"      - type: github_secret\n        repository: {REPOSITORY}\n        stores: [actions]\n" in remedy
    assert "        environments: ['staging']\n" in remedy
    meant = {"github_token": token, "environments": "production", "ignore_holders": f"staging, {REPOSITORY}"}
    tells(runner.run(story.environment(), **meant), "rotated", 0)


def test_a_holder_that_is_a_destination_is_written(world: World, runner: Runner) -> None:
    story, token = told(world)
    in_dependabot(world, story.old_key.value)
    ended = runner.run(story.environment(), github_token=token, stores="actions, dependabot")
    tells(ended, "rotated", 0)
    assert world.github.secret(REPOSITORY, SECRET, "dependabot") == world.github.secret(REPOSITORY, SECRET)


def test_whoever_asks_for_the_id_first_hears_of_the_holders_too(world: World, runner: Runner) -> None:
    story, token = told(world)
    in_dependabot(world, story.old_key.value)
    ended = runner.run(story.environment(), github_token=token, old_key_id=None)
    tells(ended, "refused", 3)
    assert sorted(ended.reasons) == ["holder-left-out", "old-key-unknown"]


def test_a_key_of_ours_is_looked_for_nowhere(world: World, runner: Runner) -> None:
    story, token = told(world)
    tells(runner.run(story.environment(), github_token=token), "rotated", 0)
    in_dependabot(world, story.old_key.value)
    world.ledger.reset()
    ended = runner.run(story.environment_now(), github_token=token)
    tells(ended, "rotated", 0)
    assert world.ledger.count(path="*/dependabot/*") == world.ledger.count(path="*/organization-secrets") == 0


def test_the_first_key_of_all_is_looked_for_nowhere(world: World, runner: Runner) -> None:
    story = organization(world)
    token = world.github.add_token(repositories={REPOSITORY: MAY})
    first = {"github_token": token, "old_key_id": "none", "current_key": None, "secret_name": "NEW_KEY"}
    tells(runner.run(story.environment(), **first), "rotated", 0)
    assert world.ledger.count(path="*/dependabot/*") == 0


def test_what_may_not_be_read_is_one_warning_and_the_rotation_goes_on(world: World, runner: Runner) -> None:
    story = personal(world)
    narrow = {"secrets": "write", "variables": "write", "actions": "read"}
    token = world.github.add_token(repositories={REPOSITORY: narrow})
    ended = runner.run(story.environment(), github_token=token)
    tells(ended, "rotated", 0)
    (warning,) = ended.report["warnings"]
    assert warning["reason"] == "other-holders-not-judged"
    assert all(
        f"github://{REPOSITORY}?store={store}" in warning["message"] for store in ("dependabot", "codespaces", "agents")
    )


def test_the_plan_says_what_many_requests_the_search_takes(world: World, runner: Runner) -> None:
    story, token = told(world)
    for number in range(20):
        world.github.add_environment(REPOSITORY, f"preview-{number}")
    world.github.set_secret(REPOSITORY, SECRET, story.old_key.value, environment="preview-0")
    inputs = {"github_token": token, "environments": "preview-0", "ignore_holders": REPOSITORY}
    planned = runner.run(story.environment(), command="plan", **inputs)
    tells(planned, "planned", 0)
    said = "look for other secrets of the same name: 24 requests, in the first rotation alone"
    assert said in planned.report["plan"]
    tells(runner.run(story.environment(), **inputs), "rotated", 0)


def test_after_an_exposure_they_are_what_a_person_must_look_at(world: World, runner: Runner) -> None:
    story, token = told(world)
    in_dependabot(world, story.old_key.value)
    world.github.add_environment(REPOSITORY, "staging")
    world.github.set_secret(REPOSITORY, SECRET, "another", environment="staging")
    ended = runner.run(story.environment(), github_token=token, exposed="true", reason="seen in a log")
    tells(ended, "rotated", 0)
    assert not world.neon.is_live(story.old_key.value)
    held = f"github://{REPOSITORY}?store=dependabot#{SECRET}, github://{REPOSITORY}?environment=staging#{SECRET}."
    assert any(step.endswith(held) for step in ended.report["incident"]["to_do"])
    (death,) = world.ledger.find("DELETE", server="neon")
    assert all(death.number < one.number for one in world.ledger if "/dependabot/" in one.path)


def test_after_an_exposure_of_a_key_of_ours_nothing_is_looked_for(world: World, runner: Runner) -> None:
    story, token = told(world)
    tells(runner.run(story.environment(), github_token=token), "rotated", 0)
    in_dependabot(world, story.old_key.value)
    world.ledger.reset()
    tells(runner.run(story.environment_now(), github_token=token, exposed="true", reason="r"), "rotated", 0)
    assert world.ledger.count(path="*/dependabot/*") == 0


def test_after_an_exposure_that_could_not_be_finished_they_are_named_too(world: World, runner: Runner) -> None:
    story, token = told(world)
    in_codespaces(world, story.old_key.value)
    world.github.set_secret(REPOSITORY, SECRET, story.old_key.value, store="dependabot")
    world.faults.add(Fault("status", method="PUT", path="*/dependabot/*", code=403, times=None))
    both = {"github_token": token, "stores": "actions, dependabot", "exposed": "true", "reason": "r"}
    ended = runner.run(story.environment(), **both)
    tells(ended, "incomplete", 4)
    assert any(
        f"github://{REPOSITORY}?store=codespaces#{SECRET}." in step for step in ended.report["incident"]["to_do"]
    )
