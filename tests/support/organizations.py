"""The reusable workflow, played on the wire: its own conditions say which job runs, and each reads the environment's
secret when it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.github.apps import App
from rotate.sandbox.stories import REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.apps import APP, GRANTED, key_pair
from tests.support.fleets import SECRET, Fleet
from tests.support.runner import ROOT, Ended, Runner, with_inputs
from tests.support.workflows import Look, Value, value_of

PLACE = "neon-rotation"
OTHERS = tuple(f"octo-org/service-{number}" for number in range(1, 8))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/rotate-organization.yml").read_text())
JOBS: Mapping[str, Any] = WORKFLOW["jobs"]
INPUTS: Mapping[str, Any] = WORKFLOW[True]["workflow_call"]["inputs"]
OURS = "neon-rotate/neon-rotate@v0"


class Organization(Fleet):
    """Seven repositories, and the jobs that look after them."""

    def __init__(self, world: World, runner: Runner, make: Callable[[World], Story] = personal) -> None:
        story = make(world)
        super().__init__(world, story, PLACE, OTHERS, story.old_key.value)
        self.runner, self.shards = runner, ["1/3", "2/3", "3/3"]
        given = story.environment()
        self._run = ""
        self.secrets = {"NEON_MINTER_KEY": given["INPUT_API_KEY"] if "INPUT_CURRENT_KEY" in given else ""}
        self.inputs: dict[str, Value] = {
            name: given.get(f"INPUT_{name.upper()}", INPUTS[name]["default"])
            for name in ("scope", "org_id", "project_id")
        }

    def with_app(self, elsewhere: str) -> None:
        """Let an App ask in place of the token, of two owners: it has a repository elsewhere too."""
        github, (private, public) = self.world.github, key_pair()
        github.add_repository(elsewhere)
        github.set_secret(elsewhere, SECRET, self.value, updated_days_ago=50)
        github.apps.know(App(APP, public))
        for owner in ("octo-org", elsewhere.partition("/")[0]):
            github.apps.install(APP, owner, {**GRANTED, "secrets": "write", "environments": "write"})
        self.token, self.inputs["app_id"] = "", APP
        self.secrets["ROTATE_APP_PRIVATE_KEY"] = private
        self.others = (*self.others, elsewhere)

    def play(self, dies: Mapping[str, Fault] | None = None, **inputs: Value) -> dict[str, list[Ended]]:
        """Call the workflow, and give how the step of each job ended, shard by shard, of the jobs that ran.

        `dies`: a job is killed at a request.
        """
        self._run = self.story.environment()["GITHUB_RUN_ID"]
        needs: dict[str, Value] = {}
        ran: dict[str, list[Ended]] = {}
        for name, job in JOBS.items():
            look = self._looking({**needs, **self._inputs(inputs)})
            if not value_of(job.get("if", "true"), look):
                needs[f"needs.{name}.result"] = "skipped"
                continue
            ran[name] = [
                self.killed(self.runner, self.reads(name, shard, **inputs), dies[name])
                if dies and name in dies
                else self.job(name, shard, **inputs)
                for shard in (self.shards if "strategy" in job else [""])
            ]
            needs |= _told(name, job, ran[name], look)
        self._run = ""
        return ran

    def job(self, name: str, shard: str = "", **inputs: Value) -> Ended:
        """Run one job to its end."""
        return self.runner.run(self.reads(name, shard, **inputs))

    def reads(self, name: str, shard: str = "", **inputs: Value) -> dict[str, str]:
        """Give what a job that starts now finds in its environment."""
        secrets = {SECRET: self.value, "ROTATE_GITHUB_TOKEN": self.token, **self.secrets}
        known: dict[str, Value] = {f"secrets.{secret}": text for secret, text in secrets.items()}
        look = self._looking({**known, "matrix.shard": shard, **self._inputs(inputs)})
        (step,) = [step for step in JOBS[name]["steps"] if step.get("uses") == OURS]
        given = {key: str(value_of(text, look)).replace("True", "true") for key, text in step["with"].items()}
        left_out = dict.fromkeys(("old_key_id", "current_key", "repository"))
        environment = with_inputs(self.story.environment(), **{**left_out, **given})
        if self._run:  # every job is of one run, which goes on
            github = self.world.github
            github.add_run(REPOSITORY, run_id=int(environment["GITHUB_RUN_ID"]), status="completed")
            github.add_run(REPOSITORY, run_id=int(self._run), status="in_progress")
            environment["GITHUB_RUN_ID"] = self._run
        return environment

    def _inputs(self, given: Mapping[str, Value]) -> dict[str, Value]:
        usual = {name: one.get("default", "") for name, one in INPUTS.items()}
        ours = {"repositories": "\n".join(self.others), "environment": PLACE, **self.inputs}
        return {f"inputs.{name}": text for name, text in {**usual, **ours, **given}.items()}

    def _looking(self, known: Mapping[str, Value]) -> Look:
        return lambda name: known.get(name, "")


def _told(name: str, job: Mapping[str, Any], ended: list[Ended], look: Look) -> dict[str, Value]:
    """Give what later jobs are told of one: its result, and its outputs, of a job that failed too."""
    well, (step,) = all(one.code == 0 for one in ended), [one for one in job["steps"] if one.get("uses") == OURS]
    known: dict[str, Value] = {f"steps.{step.get('id')}.outcome": "success" if well else "failure"}
    alive = ended[0].code >= 0
    known |= {f"steps.{step.get('id')}.outputs.{output}": text for output, text in ended[0].outputs.items() if alive}

    def at(word: str) -> Value:
        return known.get(word, "") if word.startswith("steps.") else look(word)

    ends = [one for one in job["steps"] if one.get("run") == "exit 1" and value_of(one["if"], at)]
    result = "success" if not ends and (well or step.get("continue-on-error")) else "failure"
    outputs = {f"needs.{name}.outputs.{output}": value_of(text, at) for output, text in job.get("outputs", {}).items()}
    # An output is a text: true and false are words.
    texts = {output: str(text).lower() if isinstance(text, bool) else text for output, text in outputs.items()}
    return {f"needs.{name}.result": result, **texts}
