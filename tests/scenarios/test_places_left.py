"""Nothing is revoked while a place that an earlier run wrote is left out, unless a person gives it up."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.runner import Ended, Runner
from tests.support.stories import tells

SECRET = "NEON_API_KEY"
PROD, STAGING = "prod", "staging"
OTHER = "octo-org/other"


class Environments:
    """One repository with two environments, each with a hand-made key of its own under one secret's name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.story = personal(world)
        self.old = {}
        for name in (PROD, STAGING):
            world.github.add_environment(REPOSITORY, name)
            self.old[name] = world.neon.add_key(self.story.old_key.user, name=f"by hand, {name}", created_days_ago=99)
            world.github.set_secret(REPOSITORY, SECRET, self.old[name].value, environment=name)
        self.token = world.github.add_token(repositories={REPOSITORY: {**PERMISSIONS, "environments": "write"}})

    def held(self, name: str) -> str:
        return self.world.github.secret(REPOSITORY, SECRET, environment=name) or ""

    def alive(self) -> list[bool]:
        return [self.world.neon.is_live(self.held(name)) for name in (PROD, STAGING)]

    def rotate(self, runner: Runner, name: str, **inputs: str | None) -> Ended:
        old = self.old[name]
        first = str(old.key_id) if self.held(name) == old.value else None
        asked: dict[str, str | None] = {"api_key": self.held(name), "old_key_id": first, "environments": name}
        asked |= {"ignore_holders": "*", **inputs}
        return runner.run(self.story.environment(), github_token=self.token, **asked)


def test_a_second_environment_under_the_same_name_is_refused_before_the_first_ones_key_dies(
    world: World, runner: Runner
) -> None:
    both = Environments(world)
    tells(both.rotate(runner, PROD), "rotated", 0)
    world.ledger.clear()
    ended = both.rotate(runner, STAGING)
    tells(ended, "refused", 3)
    assert ended.reasons == ["destination-dropped"]
    (problem,) = ended.report["problems"]
    assert f"github://{REPOSITORY}?environment=prod#{SECRET}" in problem["message"]
    assert "credential: ANOTHER_NAME" in problem["remedy"]
    assert both.alive() == [True, True]
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def test_with_credentials_of_their_own_both_are_rotated_again_and_again(world: World, runner: Runner) -> None:
    both = Environments(world)
    for _ in "123":
        for name in (PROD, STAGING):
            tells(both.rotate(runner, name, credential=f"NEON_{name.upper()}"), "rotated", 0)
            assert both.alive() == [True, True]
    assert {key.name for key in world.neon.live_keys()} >= {"payments (2024)", "laptop"}
    assert len(world.neon.live_keys()) == 4, "two of others, and one for each environment"
    assert set(world.github.variables(REPOSITORY)) == {"NEON_PROD_ROTATION", "NEON_STAGING_ROTATION"}


def test_a_first_run_that_died_amid_its_write_is_known_to_the_other_environment(world: World, runner: Runner) -> None:
    both = Environments(world)
    world.faults.add(Fault("status", method="PUT", code=500, times=None))
    tells(both.rotate(runner, PROD), "incomplete", 4)
    world.faults.reset()
    ended = both.rotate(runner, STAGING)
    assert ended.reasons[-1] == "destination-dropped", ended.stdout
    tells(both.rotate(runner, PROD), "rotated", 0)
    note = json.loads(world.github.variable(REPOSITORY, f"{SECRET}_ROTATION") or "")
    assert (note["destinations"], note["reached"]) == ([f"github://{REPOSITORY}?environment=prod#{SECRET}"], [])


@pytest.fixture
def two(world: World, runner: Runner) -> Story:
    """One key in two repositories, rotated once."""
    told = personal(world)
    world.github.add_repository(OTHER)
    world.github.set_secret(OTHER, SECRET, told.old_key.value)
    names = (REPOSITORY, OTHER, "octo-org/renamed")
    token = world.github.add_token(repositories=dict.fromkeys(names, PERMISSIONS))
    story = Story(world, told.old_key, {**told.inputs, "github_token": token, "repository": REPOSITORY})
    tells(runner.run(story.environment(), repositories="oth*"), "rotated", 0)
    return story


def again(runner: Runner, story: Story, **inputs: str | None) -> Ended:
    return runner.run(story.environment_now(), old_key_id=None, **inputs)


@pytest.mark.parametrize("command", ["rotate", "plan"])
@pytest.mark.parametrize("repositories", [None, "oth*, !octo-org/other, pay*"])
def test_a_place_that_is_not_found_today_ends_the_run_before_anything_is_changed(
    repositories: str | None, command: str, world: World, runner: Runner, two: Story
) -> None:
    before = world.github.secret(OTHER, SECRET)
    ended = again(runner, two, repositories=repositories, command=command)
    tells(ended, "refused", 3)
    assert (ended.reasons, world.neon.is_live(before or "")) == (["destination-dropped"], True)
    assert f"give_up: |\n      github://{OTHER}#{SECRET}" in ended.report["problems"][0]["remedy"]


@pytest.mark.parametrize("word", [f"github://{OTHER}#{SECRET}", "github://Octo-Org/OTHER*", "*"])
def test_a_place_that_is_given_up_holds_nothing_up_and_is_forgotten(
    word: str, world: World, runner: Runner, two: Story
) -> None:
    tells(again(runner, two, give_up=word), "rotated", 0)
    tells(again(runner, two), "rotated", 0)
    assert not world.neon.is_live(world.github.secret(OTHER, SECRET) or "")


def test_another_place_that_is_given_up_does_not_help(runner: Runner, two: Story) -> None:
    tells(again(runner, two, give_up="github://octo-org/another#NEON_API_KEY"), "refused", 3)


@pytest.mark.parametrize("repositories", ["octo-org/renamed", "ren*", "octo-org/Renamed"])
def test_a_renamed_repository_is_the_same_place(repositories: str, world: World, runner: Runner, two: Story) -> None:
    world.github.rename_repository(OTHER, "octo-org/renamed")
    tells(again(runner, two, repositories=repositories, rotate_after="30d"), "unchanged", 0)
    tells(again(runner, two, repositories=repositories), "rotated", 0)
    assert world.neon.is_live(world.github.secret("octo-org/renamed", SECRET) or "")


def test_a_repository_that_took_the_name_of_another_is_another_place(world: World, runner: Runner, two: Story) -> None:
    world.github.rename_repository(OTHER, "octo-org/renamed")
    world.github.moved.clear()
    world.github.add_repository(OTHER)
    world.github.set_secret(OTHER, SECRET, "somebody else's")
    ended = again(runner, two, repositories=OTHER)
    tells(ended, "refused", 3)
    assert ended.reasons == ["destination-dropped"]
    assert world.neon.is_live(world.github.secret("octo-org/renamed", SECRET) or "")


def test_a_key_that_is_exposed_dies_all_the_same_and_who_is_left_with_it_is_told(
    world: World, runner: Runner, two: Story
) -> None:
    ended = again(runner, two, exposed="true", reason="seen in a log")
    tells(ended, "rotated", 0)
    (warning,) = [one for one in ended.report["warnings"] if one["reason"] == "destination-dropped"]
    assert OTHER in warning["message"]


def test_a_sync_and_a_check_of_fewer_places_revoke_nothing_and_go_on(runner: Runner, two: Story) -> None:
    commands: Mapping[str, str] = {"sync": "unchanged", "check": "unchanged", "sweep": "unchanged"}
    for command, status in commands.items():
        tells(again(runner, two, command=command), status, 0)
