"""No death by absence: what a run may have read wrongly, or a person typed wrongly, kills no key in words alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, at_rest, held, tells
from tests.support.zygote import Zygote

NOW = {"exposed": "true", "reason": "seen in a public log"}


@pytest.fixture
def rotated(world: World, tmp_path: Path, zygote: Zygote) -> Callable[[str], Story]:
    """Tell of a credential that was rotated once; the routine's `old_key_id` line stays."""

    def tell(scope: str) -> Story:
        story = STORIES[scope](world)
        assert Runner(tmp_path / "earlier", zygote).run(story.environment()).code == 0
        return story

    return tell


def nothing_is_called_dead(world: World, story: Story, ended: Ended) -> None:
    """Assert that the key in the secret lives, and that the run says so, in red."""
    assert world.neon.is_live(held(world, story))
    assert ended.code in (1, 3), ended.stdout
    assert "is dead" not in ended.summary
    assert "ALIVE" in ended.summary


def test_a_mistyped_id_is_refused_with_the_one_that_was_meant(
    rotated: Callable[[str], Story], world: World, runner: Runner
) -> None:
    story = rotated("personal")
    ended = runner.run(story.environment_now(), exposed_key_id="330003", **NOW)
    tells(ended, "refused", 3)
    assert ended.reasons == ["exposed-key-unknown"]
    nothing_is_called_dead(world, story, ended)
    assert "The key in the secret, 3300003, IS STILL ALIVE" in ended.stdout
    assert "Did you mean 3300003" in ended.stdout
    assert "    exposed_key_id: 3300003    # " in ended.stdout
    assert runner.run(story.environment_now(), command="plan", exposed_key_id="330003", **NOW).code == 3


def test_a_key_of_another_scope_is_not_taken_for_dead(
    rotated: Callable[[str], Story], world: World, runner: Runner
) -> None:
    story = rotated("personal")
    world.neon.add_organization("org-elsewhere", admins=[story.old_key.user])
    other = world.neon.add_key(story.old_key.user, name="deploy", org_id="org-elsewhere")
    ended = runner.run(story.environment_now(), exposed_key_id=str(other.key_id), **NOW)
    assert ended.reasons == ["exposed-key-unknown"]
    nothing_is_called_dead(world, story, ended)
    assert "scope: organization" in ended.stdout


def test_a_minter_that_was_exposed_is_rotated_as_the_message_says(
    rotated: Callable[[str], Story], world: World, runner: Runner
) -> None:
    story = rotated("organization")
    value = story.inputs["api_key"]
    (minter,) = [key for key in world.neon.live_keys() if key.value == value]
    world.github.set_secret(story.repository, "NEON_MINTER_KEY", value, updated_days_ago=9)
    ended = runner.run(story.environment_now(), exposed_key_id=str(minter.key_id), **NOW)
    assert ended.reasons == ["exposed-key-unknown"]
    nothing_is_called_dead(world, story, ended)
    assert "exposure.md#the-minter-was-exposed" in ended.stdout
    said = {"scope": "personal", "secret_name": "NEON_MINTER_KEY", "current_key": None, "org_id": None}
    ended = runner.run(story.environment_now(), **said, exposed_key_id=str(minter.key_id), **NOW)
    tells(ended, "rotated", 0)
    assert not world.neon.is_live(value)
    issues = world.github.secret(story.repository, "NEON_MINTER_KEY") or ""
    tells(runner.run(story.environment_now(), api_key=issues), "rotated", 0)


@pytest.mark.parametrize("broken", ["GitHub is down", "the token is dead"])
def test_where_the_note_cannot_be_read_the_line_of_the_first_run_names_no_exposed_key(
    broken: str, rotated: Callable[[str], Story], world: World, hasty: Runner
) -> None:
    story = rotated("personal")
    environment = story.environment_now()
    if broken == "GitHub is down":
        world.faults.add(Fault("status", server="github", code=503, times=None))
    else:
        environment["INPUT_GITHUB_TOKEN"] = "github_pat_x"
    ended = hasty.run(environment, **NOW)
    nothing_is_called_dead(world, story, ended)
    assert str(story.old_key.key_id) not in ended.summary.splitlines()[0]


def test_without_a_notebook_the_run_names_the_key_that_it_ended(world: World, tmp_path: Path, zygote: Zygote) -> None:
    story = STORIES["personal"](world)
    token = world.github.add_token(repositories={story.repository: {"secrets": "write"}})
    assert Runner(tmp_path / "first", zygote).run(story.environment(), github_token=token).code == 0
    exposed = held(world, story)
    ended = Runner(tmp_path / "second", zygote).run(story.environment_now(), github_token=token, **NOW)
    tells(ended, "rotated", 0)
    assert not world.neon.is_live(exposed)
    assert ended.summary.startswith("## ✅ The exposed key 3300003 is dead ")
    at_rest(world, story)


def test_a_page_of_a_proxy_is_no_answer_of_neons(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.faults.add(Fault("html", server="neon", path="*/auth", code=401, times=None))
    for inputs in ({}, NOW):
        ended = runner.run(story.environment(), **inputs)
        assert "neon-no-json" in ended.reasons
        assert "is dead" not in ended.stdout
    assert world.neon.is_live(story.old_key.value)


@pytest.mark.parametrize("scope", ["personal", "minter", "organization"])
def test_a_value_that_was_cut_off_ends_no_key_in_words(
    scope: str, rotated: Callable[[str], Story], world: World, runner: Runner
) -> None:
    story = rotated(scope)
    alive = held(world, story)
    cut = {story.value_input: alive[:-1]}
    ended = runner.run(story.environment_now(), **cut, **NOW)
    assert "already" not in ended.summary.splitlines()[0]
    assert ended.code != 0 or not world.neon.is_live(alive)


@pytest.mark.parametrize("inputs", [{}, NOW], ids=["routine", "exposed"])
def test_a_list_that_is_late_hides_no_key_whose_value_answers(
    inputs: dict[str, str], rotated: Callable[[str], Story], world: World, runner: Runner
) -> None:
    story = rotated("personal")
    exposed = held(world, story)
    world.neon.appear_lag = 3600.0
    ended = runner.run(story.environment_now(), **inputs)
    assert "no longer alive" not in ended.stdout
    tells(ended, "rotated", 0)
    assert not world.neon.is_live(exposed)


def test_the_list_of_another_organization_is_no_witness(
    rotated: Callable[[str], Story], world: World, runner: Runner
) -> None:
    story = rotated("organization")
    world.neon.add_organization("org-elsewhere", admins=[story.old_key.user])
    for inputs in ({}, {"command": "check"}, NOW):
        ended = runner.run(story.environment_now(), org_id="org-elsewhere", current_key=None, **inputs)
        tells(ended, "refused", 3)
        assert "note-of-another-account" in ended.reasons
        assert "is dead" not in ended.summary
    assert world.neon.is_live(held(world, story))
