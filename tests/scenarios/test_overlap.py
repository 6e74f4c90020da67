"""The previous key stays valid for a while: a later run revokes it, when nothing may hold it any more."""

from __future__ import annotations

import json
import time

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest, held, lineage_keys, tells, untouched

LATER = 1.1


def both_live(world: World, story: Story) -> None:
    """Assert that the old key and the new one are valid, and the secret holds the new one."""
    old, new = lineage_keys(world, story)
    assert old == story.old_key
    assert held(world, story) == new.value


@pytest.mark.parametrize("scope", STORIES)
def test_an_overlap_is_left_to_a_later_run(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    ended = runner.run(story.environment(), overlap="24h")
    tells(ended, "rotated", 0)
    both_live(world, story)
    (kept,) = json.loads(ended.outputs["pending_revocation"])
    assert (kept["key_id"], kept["why"]) == (story.old_key.key_id, [])
    assert f"key {story.old_key.key_id} stays valid until" in ended.stdout
    check(world.ledger)


@pytest.mark.parametrize("command", ["rotate", "sweep"])
def test_a_run_before_its_end_changes_nothing(command: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment(), overlap="24h", rotate_after="30d")
    world.ledger.clear()
    ended = runner.run(story.environment_now(), command=command, overlap="24h", rotate_after="30d")
    tells(ended, "unchanged", 0)
    both_live(world, story)
    assert json.loads(ended.outputs["pending_revocation"])[0]["key_id"] == story.old_key.key_id
    assert not [entry for entry in world.ledger if entry.method != "GET"]


@pytest.mark.parametrize("scope", STORIES)
@pytest.mark.parametrize("command", ["rotate", "sweep"])
def test_a_run_after_its_end_revokes_the_older_key(scope: str, command: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    runner.run(story.environment(), overlap="1s", rotate_after="30d")
    time.sleep(LATER)
    ended = runner.run(story.environment_now(), command=command, overlap="1s", rotate_after="30d")
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == str(story.old_key.key_id)
    assert ended.outputs["pending_revocation"] == "[]"
    at_rest(world, story)


def test_a_short_overlap_is_waited_out(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), overlap="1s", wait="10s")
    tells(ended, "rotated", 0)
    assert " 7 wait " in ended.stdout
    at_rest(world, story)


def test_a_check_finds_an_overlap_in_order_until_it_ends(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment(), overlap="2s")
    tells(runner.run(story.environment_now(), command="check"), "unchanged", 0)
    time.sleep(2 * LATER)
    ended = runner.run(story.environment_now(), command="check")
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["rotation-unfinished"]


def test_a_workflow_run_that_may_hold_the_old_value_holds_the_old_key(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    straggler = world.github.add_run(story.repository, status="queued")
    runner.run(environment, overlap="1s", rotate_after="30d")
    time.sleep(LATER)
    now = story.environment_now()
    world.github.add_run(story.repository, run_id=straggler.run_id, status="queued", started_days_ago=0.01)
    ended = runner.run(now, overlap="1s", rotate_after="30d")
    tells(ended, "unchanged", 0)
    (kept,) = json.loads(ended.outputs["pending_revocation"])
    assert [said.rpartition("/")[2] for said in kept["why"]] == [f"{straggler.run_id} may hold it"]
    both_live(world, story)
    tells(runner.run(story.environment_now(), overlap="1s", rotate_after="30d"), "rotated", 0)
    at_rest(world, story)


def test_a_use_of_the_old_key_holds_it_and_names_the_address(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment(), overlap="1s", rotate_after="30d")
    time.sleep(LATER)
    world.advance(120)
    story.old_key.last_used_at = world.clock.now()
    ended = runner.run(story.environment_now(), overlap="1s", rotate_after="30d")
    tells(ended, "unchanged", 0)
    assert "it was used at" in ended.stdout
    both_live(world, story)


def test_a_drain_that_may_not_look_is_refused_before_anything_changes(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    token = world.github.add_token(repositories={story.repository: {"secrets": "write", "variables": "write"}})
    ended = runner.run(story.environment(), overlap="24h", github_token=token)
    tells(ended, "refused", 3)
    assert "Actions: read" in ended.stdout
    untouched(world, story)


def test_an_overlap_without_a_notebook_is_refused(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    token = world.github.add_token(repositories={story.repository: {"secrets": "write", "actions": "read"}})
    ended = runner.run(story.environment(), overlap="24h", github_token=token)
    tells(ended, "refused", 3)
    assert ended.reasons == ["overlap-needs-notebook"]
    untouched(world, story)


def test_a_note_that_cannot_be_written_is_no_success(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.faults.add(Fault("status", method="PATCH", path="*/variables/*", code=403, times=99))
    ended = runner.run(story.environment(), overlap="24h")
    tells(ended, "incomplete", 4)
    assert ended.reasons[0] == "note-not-written"
    access_was_never_lost(world, story)
    world.faults.reset()
    tells(runner.run(story.environment_now(), overlap="24h"), "rotated", 0)
    both_live(world, story)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"overlap": "36d"}, "longer than 35 days"),
        ({"overlap": "a day"}, "a number with s, m, h, d or w"),
        ({"overlap": "1d", "wait": "6h"}, "longer than 5 hours"),
    ],
)
def test_a_wrong_length_is_told(inputs: dict[str, str], message: str, world: World, runner: Runner) -> None:
    ended = runner.run(STORIES["personal"](world).environment(), **inputs)
    assert ended.code == 2
    assert message in ended.stdout
