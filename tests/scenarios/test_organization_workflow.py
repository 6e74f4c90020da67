"""The reusable workflow, job by job as GitHub would start them: each reads the environment's secret when it starts."""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.github_apps import App
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from tests.runner import ROOT, Ended, Runner, with_inputs
from tests.scenarios.apps import APP, ELSEWHERE, GRANTED, key_pair
from tests.scenarios.fleets import SECRET, Fleet

PLACE = "neon-rotation"
OTHERS = tuple(f"octo-org/service-{number}" for number in range(1, 8))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/rotate-organization.yml").read_text())
EXPRESSION = re.compile(r"\$\{\{ (secrets|inputs|matrix)\.(\w+) \}\}")


class Organization(Fleet):
    """Seven repositories, and the jobs that look after them."""

    def __init__(self, world: World, runner: Runner) -> None:
        story = personal(world)
        super().__init__(world, story, PLACE, OTHERS, story.old_key.value)
        self.runner, self.shards = runner, ["1/3", "2/3", "3/3"]
        self.app = {"app_id": "", "private_key": ""}

    def with_app(self, elsewhere: str) -> None:
        """Let an App ask in place of the token, of two owners: it has a repository elsewhere too."""
        github, (private, public) = self.world.github, key_pair()
        github.add_repository(elsewhere)
        github.set_secret(elsewhere, SECRET, self.value, updated_days_ago=50)
        github.apps.know(App(APP, public))
        for owner in ("octo-org", elsewhere.partition("/")[0]):
            github.apps.install(APP, owner, {**GRANTED, "secrets": "write", "environments": "write"})
        self.token, self.app = "", {"app_id": APP, "private_key": private}
        self.others = (*self.others, elsewhere)

    def job(self, name: str, shard: str = "", **inputs: str) -> Ended:
        """Run one job to its end."""
        return self.runner.run(self.reads(name, shard, **inputs))

    def reads(self, name: str, shard: str = "", **inputs: str) -> dict[str, str]:
        """Give what a job that starts now finds in its environment."""
        known: dict[str, dict[str, str]] = {
            "secrets": {
                SECRET: self.value,
                "ROTATE_GITHUB_TOKEN": self.token,
                "ROTATE_APP_PRIVATE_KEY": self.app["private_key"],
            },
            "inputs": {
                **self.defaults(),
                "repositories": "\n".join(self.others),
                "environment": PLACE,
                "app_id": self.app["app_id"],
                **inputs,
            },
            "matrix": {"shard": shard},
        }
        (step,) = [step for step in WORKFLOW["jobs"][name]["steps"] if "uses" in step]
        given = {
            key: EXPRESSION.sub(lambda found: known[found[1]][found[2]], str(text).replace("True", "true"))
            for key, text in step["with"].items()
        }
        left_out = dict.fromkeys(("old_key_id", "current_key", "repository"))
        return with_inputs(self.story.environment(), **{**left_out, **given})

    def defaults(self) -> dict[str, str]:
        """What the workflow gives where its caller says nothing."""
        every: dict[str, dict[str, Any]] = WORKFLOW[True]["workflow_call"]["inputs"]
        return {name: str(one.get("default", "")) for name, one in every.items()}

    def routine(self, **inputs: str) -> list[Ended]:
        """Play a routine run as its `needs` and `if` have it."""
        plan = self.job("plan", **inputs)
        assert json.loads(plan.outputs["matrix"]) == {"shard": ["1/1"]}
        unfinished = "rotation-unfinished" in plan.outputs["reasons"]
        done = [self.job("finish", **inputs) if unfinished else plan]
        done += [self.job("before", shard, **inputs) for shard in self.shards]
        if all(one.code == 0 for one in done):
            done.append(self.job("rotate", **inputs))
            if done[-1].outputs["rotated"] == "true":
                done += [self.job("after", shard, **inputs) for shard in self.shards]
        return done


def test_a_routine_run_gives_every_place_the_new_key_and_a_later_one_ends_the_old(world: World, runner: Runner) -> None:
    fleet = Organization(world, runner)
    first = fleet.routine(old_key_id=str(fleet.story.old_key.key_id), overlap="1s")
    assert [one.code for one in first] == [0] * 8, [one.stdout for one in first if one.code]
    new = fleet.value
    assert set(fleet.held()) == {new}
    assert world.neon.is_live(fleet.story.old_key.value), "the overlap"
    time.sleep(1.1)
    second = fleet.routine(overlap="1s")
    assert [one.code for one in second] == [0] * 8
    assert not world.neon.is_live(fleet.story.old_key.value)
    assert (set(fleet.held()), fleet.value) == ({new}, new), "it was not due again"


def test_an_app_writes_through_the_installation_of_each_owner(world: World, runner: Runner) -> None:
    fleet = Organization(world, runner)
    fleet.with_app(ELSEWHERE)
    ended = fleet.routine(old_key_id=str(fleet.story.old_key.key_id))
    assert [one.code for one in ended] == [0] * 8, [one.stdout for one in ended if one.code]
    assert fleet.held() == [fleet.value] * 8
    assert fleet.value != fleet.story.old_key.value
    assert world.ledger.count("PUT", f"/repos/{ELSEWHERE}/actions/secrets/{SECRET}") == 2, "before, and after"
    assert world.github.tokens("app") == [], "every job gave back what it was given"


def test_nothing_is_revoked_while_one_place_cannot_be_given_the_key_in_use(world: World, runner: Runner) -> None:
    fleet = Organization(world, runner)
    fleet.routine(old_key_id=str(fleet.story.old_key.key_id), overlap="1s")
    world.github.set_secret(OTHERS[2], SECRET, fleet.story.old_key.value)
    fault = Fault("status", method="PUT", path=f"/repos/{OTHERS[2]}/*", code=403, times=None)
    world.faults.add(fault)
    time.sleep(1.1)
    again = fleet.routine(overlap="1s")
    assert sorted(one.code for one in again) == [0, 0, 0, 4]
    assert world.neon.is_live(fleet.story.old_key.value), "one place holds it still"
    world.faults.reset()
    assert [one.code for one in fleet.routine(overlap="1s")] == [0] * 8
    assert not world.neon.is_live(fleet.story.old_key.value)
    assert set(fleet.held()) == {fleet.value}


@pytest.mark.parametrize(
    ("died_at", "jobs"),
    [(("POST", "*/api_keys"), 8), (("PUT", "*/environments/*/secrets/*"), 5), (("PATCH", "*/variables/*"), 5)],
    ids=["issue", "put", "note"],
)
def test_what_a_rotation_that_died_left_is_finished_by_the_next_run(
    died_at: tuple[str, str], jobs: int, world: World, runner: Runner
) -> None:
    """A key that no note names yet is found when the rotation asks Neon; until then the value in use is distributed."""
    fleet = Organization(world, runner)
    fleet.routine(old_key_id=str(fleet.story.old_key.key_id))
    held = fleet.held()[0]
    time.sleep(1.1)
    died = Fault("death_after", method=died_at[0], path=died_at[1])
    fleet.killed(runner, fleet.reads("rotate", rotate_after="1s"), died)
    world.advance(1000)
    again = fleet.routine()
    assert [one.code for one in again] == [0] * jobs
    assert fleet.value != held
    assert set(fleet.held()) == {fleet.value}
    assert world.neon.is_live(fleet.value)
    assert world.neon.is_live(held), "its overlap goes on"


@pytest.mark.parametrize(("overlap", "code"), [("20h", 0), (" 05m", 0), ("0s", 2), ("00h", 2), (" 0s", 2), ("", 2)])
def test_an_overlap_of_nothing_is_refused_before_anything_is_looked_at(overlap: str, code: int) -> None:
    """Every place would hold a dead key until a shard reaches it."""
    step = WORKFLOW["jobs"]["plan"]["steps"][0]
    assert step["if"] == "${{ !inputs.exposed }}"
    assert step["env"] == {"OVERLAP": "${{ inputs.overlap }}"}
    command = ["bash", "-e", "-c", step["run"]]
    ended = subprocess.run(command, env={"OVERLAP": overlap}, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert ended.stdout.startswith("::error title=") == bool(code)


@pytest.mark.parametrize("noted", [True, False])
def test_an_exposed_key_dies_first_and_every_place_is_given_the_new_one(
    noted: bool, world: World, runner: Runner
) -> None:
    fleet = Organization(world, runner)
    first = {"old_key_id": str(fleet.story.old_key.key_id)}
    if noted:
        fleet.routine(**first, overlap="1s")
    exposed = fleet.value
    kill = fleet.job("kill", reason="seen in a log", **({} if noted else first))
    assert kill.code == 0, kill.stdout
    assert not world.neon.is_live(exposed)
    assert fleet.job("plan").code == 0
    assert [fleet.job("after", shard).code for shard in fleet.shards] == [0, 0, 0]
    assert set(fleet.held()) == {fleet.value}
    assert world.neon.is_live(fleet.value)
