"""Neither note nor lock, whoever wrote them, keeps an exposed key alive that was named (invariant S10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from rotate.protocol.facts.note_texts import write_lock
from rotate.protocol.facts.policy import Run
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.bench_of_fakes import Bench
from tests.support.resealing import lock_by_hand, lock_of_another, rewrite, unsealed
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest, held, lineage_keys, tells

NOTE, LOCK, BAD = "NEON_API_KEY_ROTATION", "NEON_API_KEY_ROTATION_LOCK", "NEON_API_KEY_ROTATION_BAD"
FAR = 0.8  # longer than importing a library takes, as in test_exposure
DIES = "DELETE"


def lock_text(world: World, run_id: int, expires: str) -> str:
    """Give a lock as somebody may write it."""
    text = json.loads(write_lock(Run(run_id, 1, "abcd", "a page"), world.clock.now(), timedelta()))
    del text["seconds"]
    return json.dumps({**text, "expires_at": expires})


IMPLAUSIBLE: dict[str, Callable[[World], str]] = {
    "held until 2099 by a run that nobody knows": lambda world: lock_text(world, 42, "2099-01-01T00:00:00+00:00"),
    "held for ten minutes by a run that nobody knows": lambda world: lock_text(
        world, 42, world.clock.now().isoformat()
    ),
    "unreadable": lambda _: "{}",
    "no JSON": lambda _: "locked",
    "held until the end of time": lambda world: lock_text(world, 42, "9999-12-31T23:59:59+00:00"),
}
BROKEN_NOTES = ("garbled", "of a newer schema", "forged", "unproven")


def spoil(world: World, story: Story, how: str) -> str:
    """Rewrite the note as somebody without the key can; give the text."""
    repository = story.repository
    match how:
        case "garbled":
            world.github.set_variable(repository, NOTE, "{")
        case "of a newer schema":
            rewrite(world, repository, NOTE, version=99)
        case "forged":
            rewrite(world, repository, NOTE, confirmed=None)
        case _:
            unsealed(world, repository, NOTE, confirmed=None)
    return world.github.variable(repository, NOTE) or ""


def exposed(runner: Runner, story: Story, **inputs: str | None) -> Ended:
    """Run after an exposure of what the secret holds."""
    return runner.run(story.environment_now(), exposed="true", reason="seen in a log", old_key_id=None, **inputs)


def rotated(world: World, runner: Runner, scope: str) -> tuple[Story, str]:
    """Rotate once; give the story and the id of the key in use."""
    story = STORIES[scope](world)
    tells(runner.run(story.environment()), "rotated", 0)
    return story, str(at_rest(world, story).key_id)


@pytest.mark.parametrize("how", IMPLAUSIBLE)
@pytest.mark.parametrize("exposure", [True, False])
def test_a_lock_that_no_run_of_ours_can_have_written_is_broken_at_once(
    exposure: bool, how: str, world: World, runner: Runner
) -> None:
    story = STORIES["personal"](world)
    world.github.set_variable(story.repository, LOCK, IMPLAUSIBLE[how](world))
    wanted = {"exposed": "true", "reason": "seen in a log"} if exposure else {}
    tells(runner.run(story.environment(), **wanted), "rotated", 0)
    assert not world.neon.is_live(story.old_key.value)
    at_rest(world, story)


@pytest.mark.parametrize("how", BROKEN_NOTES)
@pytest.mark.parametrize("scope", ["personal", "organization"])
def test_a_note_that_cannot_be_believed_does_not_stop_the_kill_of_a_key_that_is_named(
    scope: str, how: str, world: World, runner: Runner
) -> None:
    story, key_id = rotated(world, runner, scope)
    text, value = spoil(world, story, how), held(world, story)
    world.ledger.clear()
    world.latency = FAR
    ended = exposed(runner, story, exposed_key_id=key_id)
    world.latency = 0.0
    tells(ended, "rotated", 0)
    chain = world.ledger.longest_chain(until=lambda entry: entry.method == DIES and entry.server == "neon")
    assert chain <= 4, "the note costs the kill no round trip"
    assert not world.neon.is_live(value)
    assert ended.report["incident"]["dead"] is True
    at_rest(world, story)
    assert world.github.variable(story.repository, BAD) == text, "it is kept"
    (told,) = [one for one in ended.report["warnings"] if one["reason"] == "note-put-aside"]
    assert f"the variable {BAD} of {story.repository}" in told["message"]
    tells(runner.run(story.environment_now(), rotate_after="30d", old_key_id=None), "unchanged", 0)


def test_what_was_put_aside_before_makes_room(world: World, runner: Runner) -> None:
    story, key_id = rotated(world, runner, "personal")
    world.github.set_variable(story.repository, BAD, "an older one")
    text = spoil(world, story, "garbled")
    tells(exposed(runner, story, exposed_key_id=key_id), "rotated", 0)
    assert world.github.variable(story.repository, BAD) == text


def test_a_note_that_cannot_be_kept_is_told_and_stops_nothing(world: World, runner: Runner) -> None:
    story, key_id = rotated(world, runner, "personal")
    spoil(world, story, "garbled")
    world.faults.add(Fault("status", server="github", method="POST", path="*/actions/variables", code=403, nth=2))
    ended = exposed(runner, story, exposed_key_id=key_id)
    tells(ended, "rotated", 0)
    assert "github-permission-missing" in [one["reason"] for one in ended.report["warnings"]]
    at_rest(world, story)


@pytest.mark.parametrize(("how", "reason"), [("garbled", "note-unreadable"), ("forged", "note-forged")])
def test_a_key_that_is_not_named_is_asked_for(how: str, reason: str, world: World, runner: Runner) -> None:
    story, key_id = rotated(world, runner, "personal")
    spoil(world, story, how)
    ended = exposed(runner, story)
    tells(ended, "refused", 3)
    assert ended.reasons == [reason]
    assert f"    exposed_key_id: {key_id}" in ended.report["problems"][0]["remedy"]
    access_was_never_lost(world, story)


def test_older_keys_of_the_lineage_die_with_it_by_their_names(world: World, runner: Runner) -> None:
    story, older = rotated(world, runner, "personal")
    tells(runner.run(story.environment_now(), overlap="24h", old_key_id=None), "rotated", 0)
    current = next(key for key in lineage_keys(world, story) if key.value == held(world, story))
    spoil(world, story, "unproven")
    ended = exposed(runner, story, exposed_key_id=str(current.key_id))
    tells(ended, "rotated", 0)
    assert ended.report["incident"]["also_revoked"] == [int(older)]
    at_rest(world, story)


def test_a_run_that_is_at_work_is_waited_for_and_then_the_line_is_told(world: World, hasty: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    holder = lock_of_another(world, story.repository, LOCK)
    wanted = {"exposed": "true", "reason": "seen in a log"}
    ended = hasty.run(environment, **wanted)
    tells(ended, "refused", 3)
    assert ended.reasons == ["lock-held"]
    assert f"Run {holder} (attempt 1)" in ended.report["problems"][0]["message"]
    assert "    break_lock: true" in ended.report["problems"][0]["remedy"]
    assert world.neon.is_live(story.old_key.value)
    ended = hasty.run(environment, **wanted, break_lock="true")
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["lock-broken"]
    assert not world.neon.is_live(story.old_key.value)
    assert ended.report["incident"]["dead"] is True
    access_was_never_lost(world, story)
    tells(hasty.run(story.environment_now(), rotate_after="30d", old_key_id=None), "unchanged", 0)


def test_a_run_that_ends_within_the_minute_is_waited_for(world: World, hasty: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    holder = lock_of_another(world, story.repository, LOCK)

    def end(*_: object) -> None:
        world.github.add_run(story.repository, run_id=holder, status="completed")

    world.faults.add(Fault("hook", server="github", method="GET", path=f"*/actions/runs/{holder}", nth=3, call=end))
    tells(hasty.run(environment, exposed="true", reason="seen in a log"), "rotated", 0)
    at_rest(world, story)


def test_a_run_from_a_laptop_is_waited_for_where_a_value_vouches_for_it(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    lock_by_hand(world, story.repository, LOCK, "another value")
    environment = story.environment()
    lock_by_hand(world, story.repository, LOCK, story.old_key.value)
    ended = runner.run(environment)
    tells(ended, "refused", 3)
    assert ended.reasons == ["lock-held"]
    lock_by_hand(world, story.repository, LOCK, "another value")
    tells(runner.run(environment), "rotated", 0)


def test_a_plan_after_an_exposure_says_that_the_lock_would_be_broken(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    holder = lock_of_another(world, story.repository, LOCK)
    wanted = {"exposed": "true", "reason": "seen in a log", "command": "plan"}
    assert runner.run(environment, **wanted).reasons == ["lock-held"]
    ended = runner.run(environment, **wanted, break_lock="true")
    tells(ended, "planned", 0)
    assert f"breaking that of run {holder}" in ended.stdout


def test_break_lock_is_for_an_exposure_alone(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), break_lock="true")
    assert ended.code == 2
    assert "`break_lock` is true, but `exposed` is not" in ended.stdout
    assert len(world.ledger) == 0


def test_a_personal_minter_that_is_itself_the_exposed_key_dies_by_the_new_one(world: World, runner: Runner) -> None:
    story, _ = rotated(world, runner, "minter")
    minter = next(key for key in world.neon.live_keys() if key.name == "minter")
    ended = exposed(runner, story, exposed_key_id=str(minter.key_id))
    assert minter.revoked
    tells(ended, "rotated", 0)
    assert ended.report["incident"]["dead"] is True
    access_was_never_lost(world, story)


def test_a_routine_run_keeps_no_bad_note() -> None:
    bench = Bench(note="garbled")
    report = bench.run()
    assert ([one.reason for one in report.problems], bench.notebook.bad) == (["note-unreadable"], "")
