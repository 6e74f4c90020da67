"""A canary: a workflow that uses the new value must succeed before the old key goes."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, Story
from rotate.sandbox.world import World
from tests.support.canaries import FILE, MAY, with_canary
from tests.support.openapi import check
from tests.support.runner import ROOT, Ended, Runner, with_inputs
from tests.support.stories import STORIES, access_was_never_lost, at_rest, held, lineage_keys, tells, untouched

DISPATCH, RUN = "*/dispatches", "*/actions/runs/*"


class Told:
    """One story whose rotations ask a canary."""

    def __init__(self, world: World, runner: Runner, scope: str = "personal", **workflow: Any) -> None:
        self.story: Story = STORIES[scope](world)
        self.world, self.runner = world, runner
        self.workflow = world.github.add_workflow(self.story.repository, FILE, **workflow)
        self.token = world.github.add_token(repositories={self.story.repository: MAY})

    def _asked(self, environment: dict[str, str], **changes: str | None) -> dict[str, str]:
        """Ask for a rotation whose policy file names a canary."""
        inputs = with_inputs(environment, **{"github_token": self.token, **changes})
        return with_canary(self.story, inputs, self.runner.workspace)

    def start(self, environment: dict[str, str], **changes: str | None) -> subprocess.Popen[str]:
        """Start a process of its own, which a signal can reach."""
        return self.runner.start(self._asked(environment, **changes))

    def first(self, **changes: str | None) -> Ended:
        """Rotate for the first time."""
        return self.runner.collect(self.runner.begin(self._asked(self.story.environment(), **changes)))

    def again(self, **changes: str | None) -> Ended:
        """Rotate with what the secret holds now."""
        return self.runner.collect(self.runner.begin(self._asked(self.story.environment_now(), **changes)))

    def asked(self) -> int:
        """Count how often the canary was asked."""
        return self.world.ledger.count("POST", DISPATCH)

    def both_live(self) -> None:
        """Assert that the old key and the new one are valid, the secret holds the new one, and no lock is left."""
        old, new = lineage_keys(self.world, self.story)
        assert old == self.story.old_key
        assert held(self.world, self.story) == new.value
        assert f"{self.story.secret_name}_ROTATION_LOCK" not in self.world.github.variables(self.story.repository)


Tell = Callable[..., Told]


@pytest.fixture
def tell(world: World, runner: Runner) -> Tell:
    """Begin a story."""
    return lambda scope="personal", **workflow: Told(world, runner, scope, **workflow)


@pytest.mark.parametrize("scope", STORIES)
def test_the_old_key_goes_only_after_the_canary_has_succeeded(scope: str, tell: Tell, world: World) -> None:
    told = tell(scope, seconds=1)
    ended = told.first()
    tells(ended, "rotated", 0)
    at_rest(world, told.story)
    (page,) = [step["detail"] for step in ended.report["steps"] if step["name"] == "canary"]
    assert page.startswith("it succeeded with the new value: https://")
    lines = [line.split(" -> ")[0] for line in world.ledger.transcript()]
    kinds = ["PUT", "POST /repos/octo-org/payments/actions/workflows", "DELETE /"]
    where = [next(number for number, line in enumerate(lines) if f" {kind}" in line) for kind in kinds]
    assert where == sorted(where)
    check(world.ledger)


def test_a_failure_keeps_both_keys_and_the_next_run_after_mending_finishes(tell: Tell, world: World) -> None:
    told = tell(conclusion="failure")
    ended = told.first()
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["canary-failed"]
    assert "/actions/runs/" in ended.report["problems"][0]["message"]
    told.both_live()
    new = lineage_keys(world, told.story)[-1]
    second = told.again()
    tells(second, "incomplete", 4)
    told.both_live()
    told.workflow.conclusion = "success"
    finished = told.again()
    tells(finished, "rotated", 0)
    assert finished.outputs["revoked_key_ids"] == str(told.story.old_key.key_id)
    assert at_rest(world, told.story) == new, "no further key was issued meanwhile"
    assert told.asked() == 3


def test_a_token_that_may_not_start_it_keeps_both_keys_and_says_which_permission(tell: Tell, world: World) -> None:
    told = tell()
    weak = world.github.add_token(repositories={told.story.repository: PERMISSIONS})
    ended = told.first(github_token=weak)
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["canary-unknown"]
    assert "**Actions: Read and write**" in ended.stdout
    told.both_live()
    tells(told.again(), "rotated", 0)
    at_rest(world, told.story)


def test_a_workflow_that_is_not_there_keeps_both_keys(tell: Tell, world: World) -> None:
    told = tell()
    del world.github.repository(told.story.repository).workflows[FILE]
    ended = told.first()
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["canary-unknown"]
    assert f"Is {FILE} there" in ended.stdout
    told.both_live()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelled_while_it_waits_it_ends_at_once_with_both_keys_valid(
    number: signal.Signals, tell: Tell, world: World
) -> None:
    told = tell(conclusion=None)
    process = told.start(told.story.environment())
    world.faults.add(Fault("hook", path=RUN, nth=2, call=lambda *_: process.send_signal(number)))
    ended = told.runner.collect(process)
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["cancelled"]
    assert [problem["reason"] for problem in ended.report["warnings"]] == ["canary-unknown"]
    assert world.ledger.count("GET", RUN) == 2, "it looked no more"
    told.both_live()
    told.workflow.conclusion = "success"
    tells(told.again(), "rotated", 0)
    at_rest(world, told.story)


def test_killed_while_it_waits_the_next_run_asks_anew(tell: Tell, world: World) -> None:
    told = tell()
    process = told.start(told.story.environment())
    world.victim = process.pid
    world.faults.add(Fault("death_after", path=DISPATCH))
    assert told.runner.collect(process).code == -signal.SIGKILL
    world.victim = None
    access_was_never_lost(world, told.story)
    tells(told.again(), "rotated", 0)
    assert told.asked() == 2
    at_rest(world, told.story)


def test_after_an_exposure_nobody_asks(tell: Tell, world: World) -> None:
    told = tell(conclusion="failure")
    tells(told.first(exposed="true", reason="seen in a log"), "rotated", 0)
    assert told.asked() == 0
    at_rest(world, told.story)


def test_with_an_overlap_it_is_asked_at_once_and_again_before_the_revoke(tell: Tell, world: World) -> None:
    told = tell()
    tells(told.first(overlap="6s"), "rotated", 0)
    assert told.asked() == 1
    told.both_live()
    told.workflow.conclusion = "failure"
    tells(told.again(command="sweep", overlap="6s", wait="9s"), "incomplete", 4)
    told.both_live()
    told.workflow.conclusion = "success"
    tells(told.again(command="sweep", overlap="6s", wait="9s"), "rotated", 0)
    assert told.asked() == 3
    at_rest(world, told.story)


def test_a_plan_tells_of_it_and_starts_nothing(tell: Tell, world: World) -> None:
    told = tell()
    ended = told.first(command="plan")
    tells(ended, "planned", 0)
    assert f"run the canary {FILE} and stay until it succeeds, 50 s at most" in ended.stdout
    untouched(world, told.story)


@pytest.mark.parametrize("hidden", [False, True], ids=["new value", "old value"])
def test_the_example_succeeds_amid_a_rotation_unless_an_older_value_hides_the_new_one(
    hidden: bool, tell: Tell, world: World, tmp_path: Path
) -> None:
    told, checks = tell(), list[Ended]()
    (job,) = yaml.safe_load((ROOT / "examples/canary.yml").read_text())["jobs"].values()
    given = job["steps"][0]["with"]
    environment = told.story.environment()

    def check_it(*_: object) -> None:
        value = told.story.old_key.value if hidden else held(world, told.story)
        known = {"command": "check", "api_key": value, "github_token": told.token}
        assert set(given) == set(known)
        runs = {name: text for name, text in environment.items() if not name.startswith("INPUT_")}
        other = {**runs, "INPUT_API_HOST": world.neon.url, "GITHUB_RUN_ID": "5"}
        checks.append(Runner(tmp_path / "canary").run(other, **known))
        told.workflow.conclusion = "success" if checks[-1].code == 0 else "failure"

    world.faults.add(Fault("hook", method="POST", path=DISPATCH, call=check_it))
    ended = told.runner.collect(told.start(environment))
    assert [one.code for one in checks] == [3 if hidden else 0], checks[0].stdout
    if hidden:
        assert checks[0].reasons == ["value-differs"]
        tells(ended, "incomplete", 4)
        told.both_live()
    else:
        tells(ended, "rotated", 0)
        at_rest(world, told.story)
