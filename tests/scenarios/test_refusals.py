"""Everything that is refused: the right exit code, the remedy, and nothing changed."""

from __future__ import annotations

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.resealing import lock_of_another
from tests.support.runner import Runner, with_inputs
from tests.support.stories import STORIES, at_rest, tells, untouched


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"api_key": None}, "input-missing"),
        ({"api_key": "  "}, "input-missing"),
        ({"scope": "galaxy"}, "input-invalid"),
        ({"command": "destroy"}, "input-invalid"),
        ({"rotate_after": "soon"}, "input-invalid"),
        ({"scope": "project"}, "input-missing"),
        ({"secret_name": "GITHUB_KEY"}, "secret-name-invalid"),
        ({"repository": "payments"}, "repository-invalid"),
        ({"api_host": "http://neon.example/api/v2"}, "url-insecure"),
    ],
)
def test_bad_input_contacts_nobody(changes: dict[str, str | None], reason: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), **changes)
    tells(ended, "refused", 2)
    assert reason in ended.reasons
    assert len(world.ledger) == 0
    assert f"::error title={reason}" in ended.stdout


def test_an_event_from_outside_is_refused_before_anybody_is_contacted(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    started = {**story.environment(), "GITHUB_EVENT_NAME": "issue_comment"}
    ended = runner.run(started)
    assert (ended.code, ended.reasons, len(world.ledger)) == (3, ["event-refused"], 0)
    assert runner.run(started, allow_events="issue_comment").code == 0


def test_an_unknown_input_is_refused_before_anybody_is_contacted(world: World, runner: Runner) -> None:
    value = "q7w8e9r0t1y2u3i4o5p6" * 3
    ended = runner.run(STORIES["personal"](world).environment(), overlaps="24h", neon_key=value)
    assert (ended.code, ended.reasons, len(world.ledger)) == (2, ["input-unknown", "input-unknown"], 0)
    assert "    overlap: …" in ended.stdout
    assert f"::add-mask::{value}" in ended.stdout
    assert ended.everything.count(value) == 1


def test_a_pull_request_is_refused_before_anybody_is_contacted(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run({**story.environment(), "GITHUB_EVENT_NAME": "pull_request_target"})
    tells(ended, "refused", 3)
    assert ended.reasons == ["pull-request-event"]
    assert len(world.ledger) == 0


def test_the_first_run_without_an_id_shows_the_candidates(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), old_key_id=None)
    tells(ended, "refused", 3)
    assert ended.reasons == ["old-key-unknown"]
    assert f"old_key_id: {story.old_key.key_id}" in ended.summary
    assert story.old_key.name in ended.summary
    untouched(world, story)


def test_an_id_that_is_not_alive_is_refused(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), old_key_id="1")
    tells(ended, "refused", 3)
    assert ended.reasons == ["old-key-not-found"]
    untouched(world, story)


def test_a_dead_key_is_refused(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.neon.revoke(story.old_key.key_id)
    ended = runner.run(story.environment())
    tells(ended, "refused", 3)
    assert "api-key-dead" in ended.reasons
    assert not [entry for entry in world.ledger if entry.method != "GET"]


@pytest.mark.parametrize(("scope", "key"), [("organization", "old_key"), ("project", "old_key")])
def test_a_key_that_cannot_issue_is_refused_in_preflight(scope: str, key: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    ended = runner.run(story.environment(), api_key=story.old_key.value, current_key=None)
    tells(ended, "refused", 3)
    assert "minter-needed" in ended.reasons
    untouched(world, story)


def test_an_organization_key_is_no_personal_key(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    environment = with_inputs(story.environment(), scope=None, org_id=None, current_key=None)
    ended = runner.run(environment, api_key=story.old_key.value)
    tells(ended, "refused", 3)
    assert "scope-mismatch" in ended.reasons
    untouched(world, story)


@pytest.mark.parametrize(
    ("permissions", "reasons"),
    [
        ({"variables": "write"}, {"github-permission-missing"}),
        (None, {"github-repository-not-found"}),
    ],
)
def test_a_token_without_permission_is_refused(
    permissions: dict[str, str] | None, reasons: set[str], world: World, runner: Runner
) -> None:
    story = STORIES["personal"](world)
    repositories = {} if permissions is None else {story.repository: permissions}
    token = world.github.add_token(repositories=repositories)
    ended = runner.run(story.environment(), github_token=token)
    tells(ended, "refused", 3)
    assert set(ended.reasons) == reasons
    assert "Secrets: read and write" in ended.stdout
    untouched(world, story)


def test_a_wrong_token_is_refused(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), github_token="github_pat_wrong")
    tells(ended, "refused", 3)
    assert set(ended.reasons) == {"github-token-invalid"}
    untouched(world, story)


@pytest.mark.parametrize(
    ("note", "reason"), [("not json", "note-unreadable"), ('{"version": 99}', "note-too-new"), ("", "note-unreadable")]
)
def test_a_note_that_cannot_be_read_is_refused(note: str, reason: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.github.set_variable(story.repository, "NEON_API_KEY_ROTATION", note)
    ended = runner.run(story.environment())
    tells(ended, "refused", 3)
    assert ended.reasons == [reason]
    untouched(world, story)


def test_two_keys_of_one_name_are_refused(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    new = at_rest(world, story)
    world.neon.add_key(new.user, name=new.name)
    world.ledger.clear()
    ended = runner.run(story.environment_now())
    tells(ended, "refused", 3)
    assert ended.reasons == ["duplicate-key-name"]
    assert not [entry for entry in world.ledger if entry.method != "GET"]


@pytest.mark.parametrize("name", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"])
def test_without_the_runners_files_nobody_is_contacted(name: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run({**story.environment(), name: ""})
    assert ended.code == 2
    assert "runner-files-missing" in ended.stdout
    assert name in ended.stdout
    assert len(world.ledger) == 0


def test_a_lock_that_another_run_holds_is_respected(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    holder = lock_of_another(world, story.repository, "NEON_API_KEY_ROTATION_LOCK")
    ended = runner.run(environment)
    tells(ended, "refused", 3)
    assert ended.reasons == ["lock-held"]
    untouched(world, story)
    world.github.add_run(story.repository, run_id=holder, status="completed")
    tells(runner.run(environment), "rotated", 0)
    at_rest(world, story)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", server="neon", path="/api_keys", code=500, times=None), "neon-unexpected-answer"),
        (Fault("html", server="neon", path="/auth", times=None), "neon-no-json"),
        (Fault("reset", server="neon", path="/auth", times=None), "neon-unreachable"),
        (Fault("rate_limited", server="neon", path="/auth", retry_after=3600), "neon-rate-limited"),
        (Fault("status", server="github", path="*/public-key", code=502, times=None), "github-unexpected-answer"),
        (Fault("reset", server="github", path="*/public-key", times=None), "github-unreachable"),
        (Fault("html", server="github", path="*_ROTATION", times=None), "github-no-json"),
        (Fault("rate_limited", server="github", path="*/public-key", retry_after=3600), "github-rate-limited"),
    ],
)
def test_what_cannot_be_read_stops_the_run(fault: Fault, reason: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.faults.add(fault)
    ended = runner.run(story.environment())
    tells(ended, "failed", 1)
    assert ended.reasons == [reason]
    untouched(world, story)


def test_none_is_refused_while_the_one_key_at_hand_is_alive(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), old_key_id="none")
    tells(ended, "refused", 3)
    assert ended.reasons == ["old-key-contradicted"]
    untouched(world, story)


def test_a_first_run_marks_the_key_that_it_has_just_used(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), old_key_id=None)
    assert ended.reasons == ["old-key-unknown"]
    lines = [line for line in ended.stdout.splitlines() if line.startswith("    old_key_id: ")]
    used = f"    old_key_id: {story.old_key.key_id}    # payments (2024): used by this run just now; no other key was"
    assert lines[:2] == [used, "    old_key_id: 3300002    # laptop"]


def test_a_bystander_that_was_named_is_told_to_be_dead(world: World, hasty: Runner) -> None:
    story = STORIES["personal"](world)
    laptop = next(key for key in world.neon.live_keys() if key.name == "laptop")
    ended = hasty.run(story.environment(), old_key_id=str(laptop.key_id))
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["bystander-revoked"]
    assert f"Key {laptop.key_id} (laptop) was revoked, because `old_key_id` named it" in ended.summary
    assert "old key dead after" not in ended.summary
    assert world.neon.is_live(story.old_key.value)
