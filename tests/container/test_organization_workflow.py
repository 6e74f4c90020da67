"""The reusable workflow as a real engine reads it: which job runs after which, when, and with what.

Each job is given the value that the environment's secret had when the run began (`acting`). So a shard that begins
after the rotation is given the value before it, as one that was queued for too long would be: it must write nothing.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.acting import act, install
from tests.support.fleets import SECRET, Fleet
from tests.support.runner import ROOT, Runner, with_inputs

PLACE = "neon-rotation"
OTHERS = tuple(f"octo-org/service-{number}" for number in range(1, 4))
WORKFLOW = "rotate-organization.yml"
DEFINED = yaml.safe_load((ROOT / ".github/workflows" / WORKFLOW).read_text())
CALLER = re.search(
    r"```yaml\n(name: Rotate NEON_API_KEY everywhere\n.*?)```", (ROOT / "docs/scale.md").read_text(), re.DOTALL
)
ENDED = re.compile(r"^\[rotate/Rotate for an organization/(.+?)\s*\] .*Job (succeeded|failed)$", re.MULTILINE)
KILL, PLAN, FINISH, ROTATE = (DEFINED["jobs"][job]["name"] for job in ("kill", "plan", "finish", "rotate"))
BEFORE, AFTER = (DEFINED["jobs"][job]["name"].replace("${{ matrix.shard }}", "1/1") for job in ("before", "after"))


class Called(Fleet):
    """Three repositories, and the repository whose workflow looks after them as docs/scale.md shows."""

    def __init__(self, world: World, repository: Path, base: str) -> None:
        story = personal(world)
        super().__init__(world, story, PLACE, OTHERS, story.old_key.value)
        self._repository, self._base = repository, base or "python:3.13-slim"
        install(WORKFLOW, self._localized(), repository)

    def call(self, **given: object) -> dict[str, str]:
        """Run it with these inputs; give how each job ended that began."""
        assert CALLER
        caller = yaml.safe_load(CALLER[1])
        caller["on"] = caller.pop(True)
        (job,) = caller["jobs"].values()
        job["uses"] = f"./.github/workflows/{WORKFLOW}"
        job["secrets"] = "inherit"  # what the environment gives on GitHub
        job["with"] |= {"repositories": "\n".join(OTHERS), "old_key_id": str(self.story.old_key.key_id), **given}
        install("caller.yml", yaml.safe_dump(caller), self._repository)
        secrets = {SECRET: self.value, "ROTATE_GITHUB_TOKEN": self.token}
        ended = act(self._repository, self._base, secrets, self.world, workflow="caller.yml")
        assert not any(key.value in ended.stdout + ended.stderr for key in self.world.neon.issued()), "masked"
        self.log = ended.stdout + ended.stderr
        return dict(ENDED.findall(self.log))

    def _localized(self) -> str:
        """Only where the action comes from and where Neon is are changed."""
        workflow = copy.deepcopy(DEFINED)
        workflow["on"] = workflow.pop(True)
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "uses" in step:
                    step["uses"] = "./action"
                    step["with"]["api_host"] = self.story.environment()["INPUT_API_HOST"]
            job["steps"].insert(0, {"uses": "actions/checkout@v4"})
        return yaml.safe_dump(workflow)


@pytest.fixture
def fleet(world: World, repository: Path, base: str) -> Called:
    """Three places that hold the key, which is old enough to be rotated."""
    return Called(world, repository, base)


def test_after_the_rotation_a_shard_that_was_given_the_value_before_it_writes_nothing(fleet: Called) -> None:
    old = fleet.value
    assert fleet.call() == {PLAN: "succeeded", BEFORE: "succeeded", ROTATE: "succeeded", AFTER: "failed"}
    assert "value-differs" in fleet.log
    assert fleet.value != old
    assert fleet.held() == [old] * 3, "and it is valid: the overlap goes on"
    assert fleet.world.neon.is_live(old)


def test_what_a_rotation_that_died_left_is_finished_first_and_then_reaches_every_place(
    fleet: Called, tmp_path: Path
) -> None:
    given = {"repository": None, "environments": PLACE, "key_name": "neon-api-key", "github_token": fleet.token}
    died = Fault("death_after", method="PUT", path="*/environments/*/secrets/*")
    environment = with_inputs(fleet.story.environment(), **given, overlap="20h")
    # The note of the key is written beside the secret, and the next run goes on by it: it comes before the death.
    fleet.world.faults.add(Fault("delay", method="PUT", path="*/environments/*/secrets/*", seconds=0.5))
    fleet.killed(Runner(tmp_path / "died"), environment, died)
    fleet.world.github.add_run(REPOSITORY, run_id=int(environment["GITHUB_RUN_ID"]), status="completed")
    assert fleet.held() == [fleet.story.old_key.value] * 3
    assert fleet.call() == dict.fromkeys((PLAN, FINISH, BEFORE, ROTATE), "succeeded")
    assert fleet.held() == [fleet.value] * 3
    assert fleet.world.neon.is_live(fleet.value)


def test_an_exposed_key_dies_in_the_first_job_and_nothing_is_distributed_that_is_dead(fleet: Called) -> None:
    exposed = fleet.value
    assert fleet.call(exposed=True) == {KILL: "succeeded", PLAN: "failed"}
    assert not fleet.world.neon.is_live(exposed)
    assert fleet.world.neon.is_live(fleet.value)


def test_an_overlap_of_nothing_ends_the_run_before_anything_is_looked_at(fleet: Called) -> None:
    assert fleet.call(overlap="0s") == {PLAN: "failed"}
    assert not list(fleet.world.ledger)
