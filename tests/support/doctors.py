"""A world in which a rotation is ready, and what `doctor` tells of it."""

from __future__ import annotations

from collections.abc import Mapping

from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Ended

PLACE = f"github://{REPOSITORY}#NEON_API_KEY"
NOTE = f"The variable NEON_API_KEY_ROTATION of {REPOSITORY}"
LOCK = f"The variable NEON_API_KEY_ROTATION_LOCK of {REPOSITORY}"
FOLDER = ".github/workflows"
FILE = f"{FOLDER}/rotate.yml"
GROUP, TIMER = f"{FILE}: concurrency", f"{FILE}: schedule"
WORKFLOW = """\
on:
  schedule:
    - cron: '23 4 * * *'
concurrency:
  group: rotate
jobs:
  rotate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: neon-rotate/neon-rotate@v0
"""
CALLS = """\
on: {schedule: [{cron: '1 2 * * *'}]}
jobs:
  all:
    uses: neon-rotate/neon-rotate/.github/workflows/rotate-organization.yml@v0
"""
WITHOUT = WORKFLOW.replace("concurrency:\n  group: rotate\n", "")
MAY = {**PERMISSIONS, "contents": "read"}


def prepare(world: World, given: Mapping[str, str], text: str = WORKFLOW) -> dict[str, str]:
    """Give the repository a workflow that runs every day, and the environment of a step that asks for the doctor."""
    github = world.github
    github.repository(REPOSITORY).files = {
        FILE: text,
        f"{FOLDER}/test.yml": "on: push\njobs: {test: {steps: [{run: make}, nothing]}, next: none}\n",
        f"{FOLDER}/broken.yml": "on: [push\n",
    }
    github.add_workflow(REPOSITORY, "rotate.yml", changed_days_ago=300)
    github.add_run(REPOSITORY, status="completed", event="schedule", created_days_ago=0.5)
    world.ledger.clear()
    return {**given, "INPUT_COMMAND": "doctor"}


def ready(world: World, may: Mapping[str, str] = MAY, text: str = WORKFLOW) -> dict[str, str]:
    """Make a world in which all is well."""
    given = prepare(world, personal(world).environment(), text)
    return {**given, "INPUT_GITHUB_TOKEN": world.github.add_token(repositories={REPOSITORY: may})}


def found(ended: Ended) -> dict[str, tuple[str, str]]:
    """Give each thing that was looked at, its state and the finding."""
    return {one["about"]: (one["state"], one["finding"]) for one in ended.report["checkup"]}


def warned(ended: Ended) -> list[str]:
    """Give the reasons of the warnings."""
    return [one["reason"] for one in ended.report["warnings"]]


def only_reads(world: World) -> None:
    """Assert that nothing was asked but to read, as GitHub and Neon describe it."""
    assert {entry.method for entry in world.ledger} == {"GET"}
    check(world.ledger)


def hides(ended: Ended, *secrets: str) -> None:
    """Assert that no secret is anywhere, but where the runner is told to mask it."""
    told = ended.everything
    for secret in secrets:
        assert secret not in told.replace(f"::add-mask::{secret}", "")
