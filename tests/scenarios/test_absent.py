"""A destination that is not there yet: a slip of the pen takes no key away from what reads it elsewhere."""

from __future__ import annotations

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, organization, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.several import several
from tests.support.stories import lineage_keys, tells, untouched

SECRET = "NEON_API_KEY"
TYPO = "NEON_APIKEY"
OTHER = "octo-org/payment"


def with_other(world: World) -> tuple[Story, str]:
    """A repository of nearly the same name, which a token may write too."""
    story = personal(world)
    world.github.add_repository(OTHER)
    return story, world.github.add_token(repositories={REPOSITORY: PERMISSIONS, OTHER: PERMISSIONS})


@pytest.mark.parametrize("command", ["rotate", "plan"])
def test_a_misspelt_name_is_refused_with_the_one_that_is_there(command: str, world: World, runner: Runner) -> None:
    story = personal(world)
    world.github.set_secret(REPOSITORY, "SOMETHING_ELSE", "x")
    ended = runner.run(story.environment(), secret_name=TYPO, command=command)
    tells(ended, "refused", 3)
    assert ended.reasons == ["secret-absent"]
    (problem,) = ended.report["problems"]
    assert f"github://{REPOSITORY} has no secret {TYPO}. It has {SECRET} (written " in problem["message"]
    assert f"    secret_name: {SECRET}    # in a policy file: secret: {SECRET}\n" in problem["remedy"]
    assert problem["remedy"].endswith("    create: true")
    assert world.github.secret(REPOSITORY, TYPO) is None
    assert lineage_keys(world, story) == [story.old_key]
    check(world.ledger)


def test_another_repository_is_refused_with_the_workflows_own(world: World, runner: Runner) -> None:
    story, token = with_other(world)
    ended = runner.run(story.environment(), github_token=token, repository=OTHER)
    tells(ended, "refused", 3)
    (problem,) = ended.report["problems"]
    assert f"github://{OTHER} has no secret {SECRET}. It has no other either." in problem["message"]
    assert f"github://{REPOSITORY}#{SECRET} exists, written " in problem["message"]
    assert f"    repository: {REPOSITORY}\n" in problem["remedy"]
    assert world.github.secret(OTHER, SECRET) is None
    assert world.neon.is_live(story.old_key.value)


def test_what_cannot_be_listed_is_said_and_refused_all_the_same(world: World, runner: Runner) -> None:
    story = personal(world)
    world.faults.add(Fault("status", path="*/actions/secrets", code=403, times=None))
    ended = runner.run(story.environment(), secret_name=TYPO)
    tells(ended, "refused", 3)
    assert "What it has could not be listed: " in ended.report["problems"][0]["message"]
    assert "secret_name:" not in ended.report["problems"][0]["remedy"]


def test_of_many_absent_places_some_are_looked_at_closely_and_all_are_named(world: World, runner: Runner) -> None:
    story = personal(world)
    names = [f"octo-org/service-{number}" for number in range(7)]
    for name in names:
        world.github.add_repository(name)
    token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, *names), PERMISSIONS))
    given = ",".join([REPOSITORY, *names])
    ended = runner.run(story.environment(), github_token=token, repositories=given)
    tells(ended, "refused", 3)
    assert set(ended.reasons) == {"secret-absent"}
    messages = [one["message"] for one in ended.report["problems"]]
    assert len(messages) == 6
    assert messages[-1].startswith(f"Not there yet: github://{names[5]}#{SECRET}, github://{names[6]}#{SECRET}. ")
    untouched_but_for_the_lock(world, story)


def untouched_but_for_the_lock(world: World, story: Story) -> None:
    assert lineage_keys(world, story) == [story.old_key]
    assert not world.ledger.find("PUT")


def test_what_is_meant_is_created_and_the_plan_says_so(world: World, runner: Runner) -> None:
    story, token = with_other(world)
    inputs = {"github_token": token, "repositories": f"{REPOSITORY},{OTHER}", "create": "true"}
    planned = runner.run(story.environment(), command="plan", **inputs)
    tells(planned, "planned", 0)
    assert f"overwrite github://{REPOSITORY}#{SECRET} with it" in planned.report["plan"]
    assert f"create github://{OTHER}#{SECRET} with it" in planned.report["plan"]
    untouched(world, story)
    ended = runner.run(story.environment(), **inputs)
    tells(ended, "rotated", 0)
    assert world.github.secret(OTHER, SECRET) == world.github.secret(REPOSITORY, SECRET)
    details = {event["subject"]: event["detail"] for event in ended.report["steps"] if event["name"] == "put"}
    assert list(details.values()) == ["written", "written; it did not exist before"]
    assert not world.neon.is_live(story.old_key.value)


def test_the_first_key_of_all_and_a_destination_that_is_added_later_are_created(world: World, runner: Runner) -> None:
    story = organization(world)
    world.github.add_repository(OTHER)
    token = world.github.add_token(repositories={REPOSITORY: PERMISSIONS, OTHER: PERMISSIONS})
    first = {"github_token": token, "secret_name": "NEW_KEY", "old_key_id": "none", "current_key": None}
    tells(runner.run(story.environment(), **first), "rotated", 0)
    held = world.github.secret(REPOSITORY, "NEW_KEY")
    later = {**first, "old_key_id": None, "current_key": held, "repositories": f"{REPOSITORY},{OTHER}"}
    ended = runner.run(story.environment(), **later)
    tells(ended, "rotated", 0)
    assert world.github.secret(OTHER, "NEW_KEY") == world.github.secret(REPOSITORY, "NEW_KEY") != held


def test_one_destination_of_a_policy_file_may_be_created_and_no_other(world: World, runner: Runner) -> None:
    story = several(world)
    text = (
        "version: 1\ncredentials:\n  - name: NEON_ORG_KEY"
        + story.file().partition("  - name: NEON_ORG_KEY")[2].partition("  - name:")[0]
        + "      - type: github_secret\n        secret: COPY_OF_KEY\n"
    )
    assert story.run(runner, text).reasons == ["secret-absent"]
    assert story.run(runner, text + "        create: true\n").code == 0
    assert world.github.secret(REPOSITORY, "COPY_OF_KEY") == story.held("NEON_ORG_KEY")


def test_after_an_exposure_the_key_dies_and_what_was_created_is_told(world: World, runner: Runner) -> None:
    story = personal(world)
    ended = runner.run(story.environment(), secret_name=TYPO, exposed="true", reason="seen in a log")
    assert not world.neon.is_live(story.old_key.value)
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["secret-created"]
    assert f"github://{REPOSITORY}#{TYPO}" in ended.report["problems"][0]["message"]
    assert ended.report["state"].startswith(f"The exposed key {story.old_key.key_id} is dead.")


def test_after_an_exposure_what_was_meant_is_no_problem(world: World, runner: Runner) -> None:
    story = personal(world)
    ended = runner.run(story.environment(), secret_name=TYPO, exposed="true", reason="r", create="true")
    tells(ended, "rotated", 0)
    assert not world.neon.is_live(story.old_key.value)


def test_after_an_exposure_that_is_told_beside_what_went_wrong_too(world: World, runner: Runner) -> None:
    story, token = with_other(world)
    world.faults.add(Fault("status", method="PUT", path=f"/repos/{REPOSITORY}/actions/secrets/*", code=403, times=None))
    inputs = {"github_token": token, "repository": OTHER, "repositories": REPOSITORY, "exposed": "true", "reason": "r"}
    ended = runner.run(story.environment(), **inputs)
    tells(ended, "incomplete", 4)
    assert ended.reasons[0] == "distribution-unfinished"
    assert "secret-created" in [one["reason"] for one in ended.report["warnings"]]
    assert not world.neon.is_live(story.old_key.value)


def test_after_an_exposure_an_organizations_secret_is_created_for_nobody_and_the_key_dies(
    world: World, runner: Runner
) -> None:
    story = personal(world)
    world.github.add_organization("octo-org")
    token = world.github.add_token(
        repositories={REPOSITORY: PERMISSIONS}, organizations={"octo-org": {"organization_secrets": "write"}}
    )
    inputs = {"github_token": token, "organization": "octo-org", "repository": None}
    tells(runner.run(story.environment(), **inputs), "refused", 3)
    ended = runner.run(story.environment(), **inputs, exposed="true", reason="seen in a log")
    tells(ended, "incomplete", 4)
    assert "secret-created" in ended.reasons
    assert not world.neon.is_live(story.old_key.value)
    kept = world.github.vault("octo-org").secrets[SECRET]
    assert (kept.visibility, kept.selected, world.neon.is_live(kept.value)) == ("selected", (), True)
    check(world.ledger)
