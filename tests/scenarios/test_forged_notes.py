"""Who may write variables, but has no key, makes no run revoke a key that it would not (invariant S10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.resealing import rewrite, unsealed
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest, held, tells

NOTE = "NEON_API_KEY_ROTATION"
LONG_AGO = "2026-01-01T00:00:00+00:00"


def bystander(world: World, story: Story) -> StoredKey:
    """Add another team's key, of the same scope."""
    old = story.old_key
    return world.neon.add_key(
        old.user, name="billing", org_id=old.org_id, project_id=old.project_id, created_days_ago=400
    )


def as_previous(key: StoredKey, _: dict[str, Any]) -> dict[str, Any]:
    """Name it as one whose overlap is over."""
    over = {"superseded_at": LONG_AGO, "revoke_after": LONG_AGO, "drain": False}
    return {"previous": [{"key_id": key.key_id, "fingerprint": None, **over}]}


def as_confirmed(key: StoredKey, note: dict[str, Any]) -> dict[str, Any]:
    """Name it as the key in use, and the real one as nothing."""
    return {"confirmed": {**note["confirmed"], "key_id": key.key_id, "name": key.name}}


def as_pending(key: StoredKey, note: dict[str, Any]) -> dict[str, Any]:
    """Name it as the key under way."""
    return {"pending": {**note["confirmed"], "key_id": key.key_id, "name": key.name}}


CLAIMS = (as_previous, as_confirmed, as_pending)
Claim = Callable[[StoredKey, dict[str, Any]], dict[str, Any]]


def attacked(
    world: World, runner: Runner, scope: str, claim: Claim, *, forged: bool
) -> tuple[Story, StoredKey, Callable[..., Ended]]:
    """Rotate once, let somebody rewrite the note, and give how the next run is started."""
    story = STORIES[scope](world)
    other = bystander(world, story)
    tells(runner.run(story.environment()), "rotated", 0)
    note = json.loads(world.github.variable(story.repository, NOTE) or "")
    write = rewrite if forged else unsealed
    write(world, story.repository, NOTE, **claim(other, note))

    def again(command: str) -> Ended:
        return runner.run(story.environment_now(), command=command, old_key_id=None)

    return story, other, again


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("scope", ["personal", "organization"])
@pytest.mark.parametrize("command", ["rotate", "sweep", "check"])
def test_a_note_that_was_changed_without_the_key_is_refused(
    command: str, scope: str, claim: Claim, world: World, runner: Runner
) -> None:
    story, other, again = attacked(world, runner, scope, claim, forged=True)
    world.ledger.clear()
    ended = again(command)
    tells(ended, "refused", 3)
    assert ended.reasons == ["note-forged"]
    assert other.revoked is False
    assert not [entry for entry in world.ledger if entry.method != "GET"]
    access_was_never_lost(world, story)


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("scope", ["personal", "organization"])
def test_a_rotation_goes_by_the_names_of_the_keys_where_nobody_vouches_for_the_note(
    scope: str, claim: Claim, world: World, runner: Runner
) -> None:
    story, other, again = attacked(world, runner, scope, claim, forged=False)
    stored = held(world, story)
    ended = again("rotate")
    tells(ended, "rotated", 0)
    (warning,) = [one for one in ended.report["warnings"] if one["reason"] == "note-unproven"]
    assert f"Key {other.key_id}, which the note names and which was made by hand, was left alone." in warning["message"]
    assert f"old_key_id: {other.key_id}" in warning["remedy"]
    assert other.revoked is False
    assert not world.neon.is_live(stored), "the lineage's own key was superseded"
    at_rest(world, story)
    tells(again("sweep"), "unchanged", 0)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_sweep_has_nothing_to_go_by_where_nobody_vouches_for_the_note(
    claim: Claim, world: World, runner: Runner
) -> None:
    _, other, again = attacked(world, runner, "personal", claim, forged=False)
    ended = again("sweep")
    tells(ended, "refused", 3)
    assert ended.reasons == ["note-unproven"]
    assert "note-unproven" not in [one["reason"] for one in ended.report["warnings"]]
    assert other.revoked is False


def test_a_check_says_that_nobody_vouches_for_the_note(world: World, runner: Runner) -> None:
    _, _, again = attacked(world, runner, "personal", lambda *_: {}, forged=False)
    ended = again("check")
    doubted = [one["message"] for one in ended.report["warnings"] if one["reason"] == "note-unproven"]
    assert ["left alone" in message for message in doubted] == [False]


def test_a_note_that_is_rewritten_while_a_run_is_at_work_changes_nothing(world: World, runner: Runner) -> None:
    """The control of the fence: what the note says is read once, under the lock."""
    from rotate.sandbox.faults import Fault

    story = STORIES["personal"](world)
    other = bystander(world, story)

    def write(*_: object) -> None:
        note = json.loads(world.github.variable(story.repository, NOTE) or "")
        unsealed(world, story.repository, NOTE, **as_previous(other, note))

    tells(runner.run(story.environment()), "rotated", 0)
    world.faults.add(Fault("hook", server="neon", method="GET", path="*/auth", nth=3, call=write))
    tells(runner.run(story.environment_now(), old_key_id=None), "rotated", 0)
    assert other.revoked is False
    at_rest(world, story)


def test_another_credentials_note_is_not_proven_by_their_common_minter(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    tells(runner.run(story.environment()), "rotated", 0)
    text = world.github.variable(story.repository, NOTE) or ""
    world.github.set_secret(story.repository, "OTHER_KEY", bystander(world, story).value, updated_days_ago=9)
    world.github.set_variable(story.repository, "OTHER_KEY_ROTATION", text)
    name = json.loads(text)["lineage"]
    ended = runner.run(story.environment(), secret_name="OTHER_KEY", key_name=name, old_key_id=None)
    tells(ended, "refused", 3)
    assert "note-unproven" in [one["reason"] for one in ended.report["warnings"]]
