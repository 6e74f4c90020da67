"""Which key is it: the old value is used in a pattern, and one row of the list follows, however late Neon tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.haste import Haste
from rotate.sandbox.faults import Fault
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import STORIES, at_rest, held, lineage_keys, tells
from tests.support.zygote import Zygote


def bystander(world: World, story: Story) -> StoredKey:
    """Give another team's key of the same scope."""
    old = story.old_key
    return world.neon.add_key(old.user, name="deploy", org_id=old.org_id, project_id=old.project_id)


def knocks_of(ended_stdout: str) -> list[str]:
    """Give the lines of the log that tell of a knock."""
    return [line for line in ended_stdout.splitlines() if " knock " in line]


@pytest.mark.parametrize("scope", STORIES)
def test_the_named_key_that_follows_is_revoked(scope: str, world: World, knocker: Runner) -> None:
    story = STORIES[scope](world)
    ended = knocker.run(story.environment())
    tells(ended, "rotated", 0)
    assert f"key {story.old_key.key_id} followed the pattern, and no other did" in knocks_of(ended.stdout)[0]
    assert ended.report["control"] == "alive"
    at_rest(world, story)


@pytest.mark.parametrize("scope", STORIES)
def test_another_teams_key_that_was_named_lives(scope: str, world: World, tmp_path: Path, zygote: Zygote) -> None:
    story = STORIES[scope](world)
    haste = Haste(speed=20.0)
    haste.rush(world.clock)
    other = bystander(world, story)
    wrong = str(other.key_id)
    ended = Runner(tmp_path / "1", zygote, haste, knocks=True).run(story.environment(), old_key_id=wrong)
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["old-key-contradicted"]
    assert f"    old_key_id: {story.old_key.key_id}    # " in ended.stdout
    again = Runner(tmp_path / "2", zygote, haste, knocks=True).run(story.environment_now(), old_key_id=wrong)
    tells(again, "refused", 3)
    assert again.reasons == ["old-key-contradicted"]
    sweep = Runner(tmp_path / "3", zygote, haste).run(story.environment_now(), old_key_id=wrong, command="sweep")
    assert sweep.outputs["revoked_key_ids"] == ""
    assert world.neon.is_live(other.value)
    assert world.neon.is_live(held(world, story))
    mended = Runner(tmp_path / "4", zygote, haste).run(story.environment_now(), rotate_after="30d")
    tells(mended, "rotated", 0)
    assert mended.outputs["revoked_key_ids"] == str(story.old_key.key_id)
    assert world.neon.is_live(other.value)
    at_rest(world, story)


@pytest.mark.parametrize("scope", STORIES)
def test_auto_revokes_what_the_knock_shows(scope: str, world: World, knocker: Runner) -> None:
    story = STORIES[scope](world)
    other = bystander(world, story)
    ended = knocker.run(story.environment(), old_key_id="auto")
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == str(story.old_key.key_id)
    assert world.neon.is_live(other.value)
    at_rest(world, story)


@pytest.mark.parametrize(("word", "status", "code"), [("auto", "incomplete", 4), (None, "rotated", 0)])
def test_a_key_in_heavy_use_gives_no_verdict(
    word: str | None, status: str, code: int, world: World, knocker: Runner
) -> None:
    story = STORIES["organization"](world)

    def everybody_uses_it(*_: object) -> None:
        story.old_key.uses.append((world.clock.now(), "198.51.100.7"))

    world.faults.add(Fault("hook", server="neon", times=None, call=everybody_uses_it, brief=True))
    ended = knocker.run(story.environment(), old_key_id=word or str(story.old_key.key_id))
    tells(ended, status, code)
    told = [*ended.report["problems"], *ended.report["warnings"]]
    assert [one["reason"] for one in told] == ["old-key-not-shown"]
    assert world.neon.is_live(story.old_key.value) == (word == "auto")
    assert world.neon.is_live(held(world, story))


@pytest.mark.parametrize(
    ("delay", "grain"), [(0.0, 0.0), (0.0, 5.0), (3.0, 1.0), (8.0, 0.0), (60.0, 1.0), (0.0, 60.0), (10.0, 10.0)]
)
def test_however_late_and_coarse_neon_tells_times_no_wrong_key_dies(
    delay: float, grain: float, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    # Near the longest delay that is waited for, what the machine itself takes must not count as delay.
    speed = 8.0 if 6 < delay + grain < 12 else 30.0
    for word in ("auto", "wrong"):
        world.reset()
        haste = Haste(speed=speed)
        haste.rush(world.clock)
        story = STORIES["personal"](world)
        other = bystander(world, story)
        world.neon.use_delay, world.neon.use_grain = delay, grain
        if word == "wrong" and delay + grain > 12:
            continue  # no verdict: the person's word counts
        runner = Runner(tmp_path / word, zygote, haste, knocks=True)
        ended = runner.run(story.environment(), old_key_id="auto" if word == "auto" else str(other.key_id))
        assert ended.code in ((0, 4) if word == "auto" else (4,)), ended.stdout
        assert world.neon.is_live(other.value)
        assert world.neon.is_live(held(world, story))
        if delay + grain <= 8:
            assert len(lineage_keys(world, story)) == (1 if word == "auto" else 2)


def test_a_windows_list_is_read_with_another_key_than_the_old_value(world: World, knocker: Runner) -> None:
    story = STORIES["personal"](world)
    ended = knocker.run(story.environment())
    assert ended.code == 0
    asked = [entry for entry in world.ledger if entry.server == "neon"]
    issued = next(number for number, entry in enumerate(asked) if entry.method == "POST")
    gone = next(number for number, entry in enumerate(asked) if entry.method == "DELETE")
    lists = [entry for entry in asked[issued:gone] if entry.path.endswith("/api_keys") and entry.method == "GET"]
    assert len(lists) >= 14
    assert {entry.request_headers["Authorization"] == f"Bearer {story.old_key.value}" for entry in lists} == {False}


def test_nobody_knocks_where_the_note_knows_the_key_or_after_an_exposure(
    world: World, tmp_path: Path, zygote: Zygote
) -> None:
    story = STORIES["personal"](world)
    haste = Haste(speed=20.0)
    haste.rush(world.clock)
    assert Runner(tmp_path / "1", zygote, haste, knocks=True).run(story.environment()).code == 0
    again = Runner(tmp_path / "2", zygote, haste, knocks=True).run(story.environment_now())
    tells(again, "rotated", 0)
    world.reset()
    story = STORIES["personal"](world)
    exposed = Runner(tmp_path / "3", zygote, knocks=True).run(story.environment(), exposed="true", reason="x")
    tells(exposed, "rotated", 0)
    assert [*knocks_of(again.stdout), *knocks_of(exposed.stdout)] == []


def test_a_key_may_be_named_by_its_name(world: World, knocker: Runner) -> None:
    story = STORIES["personal"](world)
    ended = knocker.run(story.environment(), old_key_id="payments (2024)")
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == str(story.old_key.key_id)


@pytest.mark.parametrize(
    ("name", "said"),
    [("pay", "which no live keys of this scope bear"), ("twin", "which 2 live keys of this scope bear")],
)
def test_a_name_that_is_not_one_keys_is_refused(name: str, said: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    for _ in range(2):
        world.neon.add_key(story.old_key.user, name="twin")
    ended = runner.run(story.environment(), old_key_id=name)
    tells(ended, "refused", 3)
    assert ended.reasons == ["old-key-not-found"]
    assert said in ended.stdout


def test_auto_needs_the_value(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    ended = runner.run(story.environment(), old_key_id="auto", current_key=None)
    assert ended.reasons == ["old-key-unknown"]


def test_a_plan_tells_of_the_knock(world: World, knocker: Runner) -> None:
    story = STORIES["personal"](world)
    for word in (None, "auto"):
        ended = knocker.run(story.environment(), command="plan", **({"old_key_id": word} if word else {}))
        tells(ended, "planned", 0)
        plan = "\n".join(ended.report["plan"])
        assert "in a random pattern, to see which key is its own" in plan
        assert ("revoke key 3300001" in plan) == (word is None)
