"""The reusable workflow, run after run: whatever happens to a job, no place is left with a dead key for long."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story, organization, personal, project
from rotate.sandbox.world import World
from tests.support.apps import ELSEWHERE
from tests.support.fleets import SECRET
from tests.support.organizations import JOBS, OTHERS, Organization
from tests.support.resealing import unsealed
from tests.support.runner import Ended, Runner

DONE, THRICE = [0], [0, 0, 0]
ROUTINE = {"plan": DONE, "before": THRICE, "rotate": DONE, "after": THRICE}
NOT_DUE = {"plan": DONE, "before": THRICE, "rotate": DONE}
NOW: dict[str, Any] = {"exposed": True, "reason": "seen in a log"}


def codes(ran: Mapping[str, list[Ended]]) -> dict[str, list[int]]:
    """Give how each job ended, shard by shard."""
    return {name: [one.code for one in ended] for name, ended in ran.items()}


def begun(world: World, runner: Runner, make: Callable[[World], Story] = personal, **inputs: str) -> Organization:
    """Give an organization whose key was rotated once, so that a note tells of it."""
    fleet = Organization(world, runner, make)
    ran = fleet.play(None, old_key_id=str(fleet.story.old_key.key_id), **inputs)
    assert codes(ran) == ROUTINE, [one.stdout for ended in ran.values() for one in ended if one.code]
    return fleet


@pytest.mark.parametrize("make", [personal, organization, project])
def test_a_routine_run_gives_every_place_the_new_key_and_a_later_one_ends_the_old(
    make: Callable[[World], Story], world: World, runner: Runner
) -> None:
    fleet = begun(world, runner, make, overlap="1s")
    new = fleet.value
    assert set(fleet.held()) == {new}
    assert world.neon.is_live(fleet.story.old_key.value), "the overlap"
    time.sleep(1.1)
    second = fleet.play(overlap="1s")
    assert json.loads(second["plan"][0].outputs["matrix"]) == {"shard": ["1/1"]}
    assert all(one == 0 for job in codes(second).values() for one in job)
    assert not world.neon.is_live(fleet.story.old_key.value)
    assert (set(fleet.held()), fleet.value) == ({new}, new), "it was not due again"


def test_an_app_writes_through_the_installation_of_each_owner(world: World, runner: Runner) -> None:
    fleet = Organization(world, runner)
    fleet.with_app(ELSEWHERE)
    assert codes(fleet.play(old_key_id=str(fleet.story.old_key.key_id))) == ROUTINE
    assert fleet.held() == [fleet.value] * 8
    assert fleet.value != fleet.story.old_key.value
    assert world.ledger.count("PUT", f"/repos/{ELSEWHERE}/actions/secrets/{SECRET}") == 2, "before, and after"
    assert world.github.tokens("app") == [], "every job gave back what it was given"


def test_nothing_is_revoked_while_one_place_cannot_be_given_the_key_in_use(world: World, runner: Runner) -> None:
    fleet = begun(world, runner, overlap="1s")
    world.github.set_secret(OTHERS[2], SECRET, fleet.story.old_key.value)
    world.faults.add(Fault("status", method="PUT", path=f"/repos/{OTHERS[2]}/*", code=403, times=None))
    time.sleep(1.1)
    again = codes(fleet.play(overlap="1s"))
    assert (sorted(again["before"]), list(again)) == ([0, 0, 4], ["plan", "before"])
    assert world.neon.is_live(fleet.story.old_key.value), "one place holds it still"
    world.faults.reset()
    assert "rotate" in fleet.play(overlap="1s")
    assert not world.neon.is_live(fleet.story.old_key.value)
    assert set(fleet.held()) == {fleet.value}


DEATHS = {
    "issue": [Fault("death_after", method="POST", path="*/api_keys")],
    "put, before the note": [
        Fault("death_before", method="PATCH", path="*/variables/*"),
        Fault("delay", method="PATCH", path="*/variables/*", seconds=0.5),
    ],
    "put": [Fault("death_after", method="PUT", path="*/environments/*/secrets/*")],
    "note": [Fault("death_after", method="PATCH", path="*/variables/*")],
}


@pytest.mark.parametrize("death", DEATHS)
def test_what_a_rotation_that_died_left_is_finished_by_the_next_run(death: str, world: World, runner: Runner) -> None:
    fleet = begun(world, runner)
    held = fleet.held()[0]
    time.sleep(1.1)
    died, *beside = DEATHS[death]
    for one in beside:
        world.faults.add(one)
    fleet.killed(runner, fleet.reads("rotate", rotate_after="1s"), died)
    again = fleet.play()
    assert codes(again) == {**NOT_DUE, "plan": [3], "finish": DONE}
    assert again["plan"][0].reasons == ["rotation-unfinished"]
    assert fleet.value != held
    assert set(fleet.held()) == {fleet.value}
    assert world.neon.is_live(fleet.value)
    assert world.neon.is_live(held), "its overlap goes on"


def test_a_note_that_nobody_proves_is_begun_anew_before_anything_rests_on_it(world: World, runner: Runner) -> None:
    fleet = begun(world, runner)
    unsealed(world, fleet.story.repository, f"{SECRET}_ROTATION")
    again = fleet.play()
    assert codes(again) == {**NOT_DUE, "plan": [3], "finish": DONE}
    assert again["plan"][0].reasons == ["note-unproven"]
    assert set(fleet.held()) == {fleet.value}


@pytest.mark.parametrize(("overlap", "code"), [("20h", 0), (" 05m", 0), ("0s", 2), ("00h", 2), (" 0s", 2), ("", 2)])
def test_an_overlap_of_nothing_is_refused_before_anything_is_looked_at(overlap: str, code: int) -> None:
    """Every place would hold a dead key until a shard reaches it."""
    step = JOBS["plan"]["steps"][0]
    assert step["if"] == "${{ !inputs.exposed }}"
    assert step["env"] == {"OVERLAP": "${{ inputs.overlap }}"}
    command = ["bash", "-e", "-c", step["run"]]
    ended = subprocess.run(command, env={"OVERLAP": overlap}, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert ended.stdout.startswith("::error title=") == bool(code)


@pytest.mark.parametrize("make", [personal, organization])
@pytest.mark.parametrize("noted", [True, False])
def test_an_exposed_key_dies_first_and_every_place_is_given_the_new_one(
    noted: bool, make: Callable[[World], Story], world: World, runner: Runner
) -> None:
    fleet = begun(world, runner, make) if noted else Organization(world, runner, make)
    exposed = fleet.value
    first = {} if noted else {"old_key_id": str(fleet.story.old_key.key_id)}
    ran = fleet.play(None, **NOW, **first)
    assert codes(ran) == {"kill": DONE, "plan": DONE, "after": THRICE}
    assert not world.neon.is_live(exposed)
    assert set(fleet.held()) == {fleet.value}
    assert world.neon.is_live(fleet.value)


@pytest.mark.parametrize("nth", [1, 2])
def test_after_an_exposure_that_died_amid_its_work_the_same_run_or_the_next_repairs_every_place(
    nth: int, world: World, hasty: Runner
) -> None:
    """Where the lock of the job that died counts still, the run is red and says so; who starts it again is helped."""
    fleet = begun(world, hasty)
    exposed = fleet.value
    died = Fault("death_before", method="PATCH", path="*/variables/*", nth=nth)
    ran = codes(fleet.play({"kill": died}, **NOW))
    assert ran.pop("kill")[0] < 0
    # The first put goes out beside the note: where it did not land, every place still holds the exposed value.
    repaired = set(fleet.held()) == {fleet.value} and fleet.value != exposed
    again = {} if repaired else fleet.play(**NOW)
    assert ran or again
    assert set(fleet.held()) == {fleet.value}
    assert world.neon.is_live(fleet.value)
    assert not world.neon.is_live(exposed)


def test_a_kill_without_effect_is_red_and_gives_the_exposed_key_to_nobody(world: World, runner: Runner) -> None:
    fleet = begun(world, runner)
    world.github.set_secret(OTHERS[0], SECRET, "mended by hand")
    world.faults.add(Fault("status", method="POST", path="*/api_keys", code=503, times=None))
    assert codes(fleet.play(**NOW)) == {"kill": [1]}
    assert fleet.held()[0] == "mended by hand"


def test_a_kill_whose_revoke_failed_is_red_and_done_again_reaches_every_place(world: World, runner: Runner) -> None:
    fleet = begun(world, runner)
    exposed = fleet.value
    world.faults.add(Fault("status", server="neon", method="DELETE", code=500, times=None))
    assert codes(fleet.play(**NOW)) == {"kill": [1]}
    world.faults.reset()
    assert codes(fleet.play(**NOW)) == {"kill": DONE, "plan": DONE, "after": THRICE}
    assert set(fleet.held()) == {fleet.value}
    assert world.neon.is_live(fleet.value)
    assert not world.neon.is_live(exposed)
