"""What the kill matrix asserts can fail: each violation, planted after a run that was in order, is caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.canaries import FILE
from tests.support.matrix import MODES, Case, Request
from tests.support.playing import perform, play_of, tells_the_truth
from tests.support.plays import ELSEWHERE, Play
from tests.support.plays_of_sync import STALE
from tests.support.stories import held
from tests.support.zygote import Zygote


@pytest.fixture
def done(world: World, tmp_path: Path, zygote: Zygote) -> Play:
    """A routine rotation that went well."""
    return Play("personal", MODES["routine"], world, tmp_path / "play", zygote)


def holds_a_dead_key(played: Play) -> None:
    played.world.github.set_secret(played.story.repository, "NEON_API_KEY", played.story.old_key.value)


def left_a_key_behind(played: Play) -> None:
    played.story.old_key.revoked_at = None


def issued_under_another_name(played: Play) -> None:
    played.alive[-1].name = "without a marker"


def revoked_a_bystander(played: Play) -> None:
    name = f"{played.story.lineage}-staging"
    played.world.neon.revoke(next(key.key_id for key in played.world.neon.live_keys() if key.name == name))


def wrote_another_secret(played: Play) -> None:
    played.world.github.set_secret(played.story.repository, "NEON_API_KEY_STAGING", "overwritten")


def removed_another_variable(played: Play) -> None:
    del played.world.github.repository(ELSEWHERE).variables["NEON_API_KEY_ROTATION"]


def noted_nothing(played: Play) -> None:
    del played.world.github.repository(played.story.repository).variables["NEON_API_KEY_ROTATION"]


def locked_out_for_a_moment(played: Play) -> None:
    played.lost.append(3)


def had_many_keys_alive(played: Play) -> None:
    played.most_live = 5


@pytest.mark.parametrize(
    ("violation", "said"),
    [
        (holds_a_dead_key, "the secret holds the newest live key"),
        (left_a_key_behind, "every older key is told"),
        (issued_under_another_name, "named as ours"),
        (revoked_a_bystander, "as it was"),
        (wrote_another_secret, "as it was"),
        (removed_another_variable, "as it was"),
        (noted_nothing, "what is not noted is told"),
        (locked_out_for_a_moment, "access was lost"),
        (had_many_keys_alive, "many keys"),
    ],
)
def test_a_planted_violation_is_caught(violation: Callable[[Play], None], said: str, done: Play) -> None:
    ended = done.run(done.story.environment(), {})
    violation(done)
    with pytest.raises(AssertionError, match=said):
        done.finish(ended)


def test_a_run_that_went_well_passes(done: Play) -> None:
    done.finish(done.run(done.story.environment(), {}))


def revoked_the_older_key(played: Play) -> None:
    played.world.neon.revoke(played.story.old_key.key_id)


def issued_a_key(played: Play) -> None:
    old = played.story.old_key
    played.world.neon.add_key(old.user, name=f"{played.story.lineage}_778e.17000000009.1.abcd1")


def left_a_place_out(played: Play) -> None:
    played.world.github.set_secret(played.mode.written[0], "NEON_API_KEY", STALE)


def wrote_into_another_shard(played: Play) -> None:
    played.world.github.set_secret(played.mode.places[0], "NEON_API_KEY", held(played.world, played.story))


def wrote_something_else_for_a_moment(played: Play) -> None:
    played.world.github.set_secret(played.mode.written[0], "NEON_API_KEY", "garbled")
    played._look()
    played.world.github.set_secret(played.mode.written[0], "NEON_API_KEY", held(played.world, played.story))


def wrote_another_secret_of_a_place(played: Play) -> None:
    played.world.github.set_secret(played.mode.places[0], "NEON_API_KEY_STAGING", "overwritten")


def left_the_lock(played: Play) -> None:
    played.world.github.set_variable(played.story.repository, "NEON_API_KEY_ROTATION_LOCK", "{}")


@pytest.mark.parametrize(
    ("mode", "violation", "said"),
    [
        ("sync", revoked_the_older_key, "no key comes or goes"),
        ("sync", issued_a_key, "no key comes or goes"),
        ("sync", left_a_place_out, "every place that is to be written"),
        ("sync, a shard", wrote_into_another_shard, "and no other"),
        ("sync", wrote_something_else_for_a_moment, "at no moment"),
        ("sync, a shard", wrote_another_secret_of_a_place, "as it was"),
        ("sync", left_the_lock, "no lock is left"),
        ("sync, a shard", left_the_lock, "no lock is left"),
        ("sync, a shard", noted_nothing, "the note confirms it"),
        ("sync, a shard", locked_out_for_a_moment, "access was lost"),
    ],
)
def test_a_violation_planted_after_a_sync_is_caught(
    mode: str, violation: Callable[[Play], None], said: str, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    played = play_of("personal", MODES[mode], world, tmp_path / "play", zygote)
    played.begin()
    ended = played.run_again()
    violation(played)
    with pytest.raises(AssertionError, match=said):
        played.finish(ended)


def test_a_key_that_goes_before_the_canary_has_succeeded_is_seen(world: World, tmp_path: Path, zygote: Zygote) -> None:
    """Somebody revokes the older key while the canary is under way; it succeeds, and all is well at the end."""
    played = play_of("personal", MODES["canary"], world, tmp_path / "play", zygote)
    world.faults.add(Fault("hook", path="*/actions/runs/*", call=lambda _: revoked_the_older_key(played)))
    ended = played.run(played.story.environment(), {})
    assert (ended.code, world.ledger.count("POST", f"*/{FILE}/dispatches")) == (0, 1)
    with pytest.raises(AssertionError, match="only after the canary has succeeded"):
        played.finish(ended)


def test_a_moment_without_a_live_key_is_seen(done: Play) -> None:
    """The key in the secret is revoked while the new one is being written, so that it is whole again at the end."""
    done.world.faults.add(
        Fault("hook", method="PUT", path="*/secrets/*", call=lambda world: world.neon.revoke(done.story.old_key.key_id))
    )
    done.run(done.story.environment(), {})
    assert done.world.neon.is_live(held(done.world, done.story))
    assert done.lost


def test_a_secret_in_the_log_is_seen(done: Play) -> None:
    ended = done.run(done.story.environment(), {})
    with pytest.raises(AssertionError):
        done.nothing_is_told(replace(ended, stderr=f"debug: {done.alive[-1].value}"))


def test_a_refusal_that_changed_something_is_seen(done: Play) -> None:
    before = done.state
    ended = done.run(done.story.environment(), {})
    refused = replace(ended, code=3, outputs={"status": "refused"}, report={"status": "refused", "exit_code": 3})
    with pytest.raises(AssertionError, match="nothing was changed"):
        tells_the_truth(done, refused, before, killed=False)


def test_a_kill_strikes_and_the_next_run_finishes(world: World, tmp_path: Path, zygote: Zygote) -> None:
    case = Case("personal", "routine", "killed after", Request("neon", "POST", "/api_keys", 1))
    assert perform(case, world, tmp_path / "play", zygote)
    never = replace(case, request=Request("neon", "POST", "/api_keys", 9))
    assert not perform(never, world, tmp_path / "never", zygote)
