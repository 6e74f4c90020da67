"""The main job: the entry point as a subprocess against the sandbox, its requests, its outputs, its verdict."""

from __future__ import annotations

import json

import pytest

from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.stories import SCOPES, STORIES, at_rest, held, tells, untouched

# Longer than importing a library takes, so that requests which wait only for that do not look like a chain.
FAR = 0.8
GOLDEN_PERSONAL = {
    "before the lock": [
        "github GET /repos/octo-org/payments -> 200",
        "github GET /repos/octo-org/payments/actions/secrets/NEON_API_KEY -> 200",
        "github GET /repos/octo-org/payments/actions/secrets/public-key -> 200",
        "github GET /repos/octo-org/payments/actions/variables/NEON_API_KEY_ROTATION -> 404",
        "github GET /repos/octo-org/payments/actions/variables/NEON_API_KEY_ROTATION_LOCK -> 404",
        "github GET /repos/octo-org/payments/actions/variables?per_page=1 -> 200",
        "github GET /repos/octo-org/payments/environments?page=1&per_page=100 -> 200",
        "neon GET /api_keys -> 200",
        "neon GET /auth -> 200",
    ],
    "after it": [
        "github POST /repos/octo-org/payments/actions/variables -> 201",
        "neon POST /api_keys -> 200",
        "github PUT /repos/octo-org/payments/actions/secrets/NEON_API_KEY -> 204",
        "neon DELETE /api_keys/{key} -> 200",
        "github DELETE /repos/octo-org/payments/actions/variables/NEON_API_KEY_ROTATION_LOCK -> 204",
    ],
    "notes": [
        "github PATCH /repos/octo-org/payments/actions/variables/NEON_API_KEY_ROTATION -> 204",
        "github POST /repos/octo-org/payments/actions/variables -> 201",
    ],
}


@pytest.mark.parametrize("scope", STORIES)
def test_a_rotation_ends_with_one_live_key_that_the_secret_holds(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    new = at_rest(world, story)
    assert ended.outputs["key_id"] == str(new.key_id)
    assert ended.outputs["key_name"] == new.name
    assert ended.outputs["revoked_key_ids"] == str(story.old_key.key_id)
    assert not world.neon.is_live(story.old_key.value)
    assert ended.report["control"] == "alive"
    assert ended.report["previous_value"] == "dead"
    assert ended.report["current_value"] == "alive"
    check(world.ledger)


def test_the_requests_of_a_first_rotation_are_these(world: World, runner: Runner) -> None:
    runner.run(STORIES["personal"](world).environment())
    lines = world.ledger.transcript()
    before = GOLDEN_PERSONAL["before the lock"]
    assert sorted(lines[: len(before)]) == before, "preflight, in any order: all of it goes out together"
    changes = [line for line in lines if " GET " not in line]
    assert sorted(changes) == sorted(GOLDEN_PERSONAL["after it"] + GOLDEN_PERSONAL["notes"]), "and nothing else"
    assert [line for line in dict.fromkeys(changes) if " PATCH " not in line] == GOLDEN_PERSONAL["after it"]


@pytest.mark.parametrize("first", [True, False])
def test_the_old_key_is_dead_after_nine_round_trips(first: bool, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    if not first:
        runner.run(environment)
        environment = story.environment_now()
        world.ledger.clear()
    world.latency = FAR
    runner.run(environment)
    assert world.ledger.longest_chain(until=lambda entry: entry.method == "DELETE" and entry.server == "neon") <= 9


@pytest.mark.parametrize("scope", SCOPES)
def test_no_delete_ever_reaches_a_secret(scope: str, world: World, runner: Runner) -> None:
    runner.run(STORIES[scope](world).environment())
    assert world.ledger.count("DELETE", "*/actions/secrets/*") == 0


@pytest.mark.parametrize("scope", SCOPES)
def test_the_second_rotation_needs_no_old_key_id(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    runner.run(story.environment())
    first = at_rest(world, story)
    again = runner.run(story.environment_now(), old_key_id=None)
    tells(again, "rotated", 0)
    assert at_rest(world, story).key_id > first.key_id
    assert not world.neon.is_live(first.value)


def test_leaving_old_key_id_in_the_workflow_is_harmless(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    tells(runner.run(story.environment_now()), "rotated", 0)
    at_rest(world, story)


def test_the_note_remembers_and_holds_no_secret(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    text = world.github.variable(story.repository, "NEON_API_KEY_ROTATION") or ""
    note = json.loads(text)
    assert note["confirmed"]["key_id"] == at_rest(world, story).key_id
    assert note["pending"] is None
    assert held(world, story) not in text


def test_a_young_key_is_left_alone(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    world.ledger.clear()
    ended = runner.run(story.environment_now(), rotate_after="30d")
    tells(ended, "unchanged", 0)
    assert ended.outputs["next_rotation"]
    assert not [line for line in world.ledger.transcript() if " GET " not in line]


def test_a_key_that_has_reached_its_age_is_rotated(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    tells(runner.run(story.environment(), rotate_after="30d"), "rotated", 0)
    at_rest(world, story)


def test_a_key_without_a_predecessor_is_issued_and_nothing_is_revoked(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    ended = runner.run(story.environment(), old_key_id="none", current_key=None)
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == ""
    assert world.neon.is_live(story.old_key.value)
    assert world.neon.is_live(held(world, story))


def test_a_plan_says_every_step_and_changes_nothing(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), command="plan")
    tells(ended, "planned", 0)
    untouched(world, story)
    assert f"revoke key {story.old_key.key_id}" in ended.stdout


def test_dry_run_is_a_plan(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    tells(runner.run(story.environment(), dry_run="true"), "planned", 0)
    untouched(world, story)


def test_a_check_of_a_healthy_key_changes_nothing(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    world.ledger.clear()
    tells(runner.run(story.environment_now(), command="check"), "unchanged", 0)
    assert not [line for line in world.ledger.transcript() if " GET " not in line]


def test_a_sweep_with_nothing_to_sweep_changes_nothing(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    world.ledger.clear()
    tells(runner.run(story.environment_now(), command="sweep"), "unchanged", 0)
    assert not [line for line in world.ledger.transcript() if " GET " not in line]


def test_a_stale_list_is_waited_for(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.neon.list_lag = 1.2
    tells(runner.run(story.environment()), "rotated", 0)
    at_rest(world, story)


def test_a_stale_write_time_is_waited_for(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.github.metadata_lag = 2
    tells(runner.run(story.environment()), "rotated", 0)
    at_rest(world, story)
