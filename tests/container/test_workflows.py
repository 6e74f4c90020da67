"""The examples, run as real workflows by `act` in real containers against the sandbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import PERMISSIONS, Story
from rotate.sandbox.world import World
from tests.support.acting import act, install
from tests.support.runner import ROOT
from tests.support.stories import STORIES, at_rest

RUNS = {"personal.yml": "personal", "organization.yml": "organization", "project.yml": "project"}


def localized(example: str, story: Story) -> tuple[str, dict[str, str]]:
    """Give an example for the pretend world, and its secrets: only addresses and ids are changed."""
    workflow = yaml.safe_load((ROOT / "examples" / example).read_text())
    workflow["on"] = workflow.pop(True)
    secrets: dict[str, str] = {}
    given = {name.removeprefix("INPUT_").lower(): text for name, text in story.environment().items()}
    (job,) = workflow["jobs"].values()
    for step in job["steps"]:
        if not step.get("uses", "").startswith("neon-rotate/neon-rotate@"):
            continue
        step["uses"] = "./action"
        step["with"] |= {"api_host": given["api_host"]}
        for name, text in step["with"].items():
            secret = re.fullmatch(r"\$\{\{ secrets\.(\w+) \}\}", str(text))
            if secret:
                secrets[secret[1]] = given[name]
            elif name in ("org_id", "project_id", "old_key_id"):
                step["with"][name] = given[name]
    job["steps"].insert(0, {"uses": "actions/checkout@v4"})
    return yaml.safe_dump(workflow), secrets


@pytest.mark.parametrize("example", RUNS)
def test_an_example_rotates(example: str, repository: Path, base: str, world: World) -> None:
    story = STORIES[RUNS[example]](world)
    text, secrets = localized(example, story)
    if example == "project.yml":
        world.github.set_secret(story.repository, "NEON_PROJECT_KEY", story.old_key.value, updated_days_ago=9)
    install(example, text, repository)
    ended = act(repository, base or "python:3.13-slim", secrets, world)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Rotated: key" in ended.stdout
    assert not world.neon.is_live(story.old_key.value)
    for key in world.neon.issued():
        assert key.value not in ended.stdout + ended.stderr, "masked"
    if example != "project.yml":
        at_rest(world, story)


@pytest.mark.parametrize("example", ["check.yml", "canary.yml"])
def test_an_example_that_checks_finds_the_key_in_order(example: str, repository: Path, base: str, world: World) -> None:
    text, secrets = localized(example, STORIES["personal"](world))
    install(example, text, repository)
    ended = act(repository, base or "python:3.13-slim", secrets, world)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "In order" in ended.stdout
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def test_the_inventory_example_tells_of_every_key(repository: Path, base: str, world: World) -> None:
    story = STORIES["personal"](world)
    text, secrets = localized("inventory.yml", story)
    install("inventory.yml", text, repository)
    ended = act(repository, base or "python:3.13-slim", secrets, world)
    assert ended.returncode != 0, "a key is older than the example's `max_age`"
    assert "inventory-too-old" in ended.stdout
    assert all(str(key.key_id) in ended.stdout for key in world.neon.live_keys())
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def test_the_policy_example_rotates_every_key_of_its_file(repository: Path, base: str, world: World) -> None:
    story = STORIES["organization"](world)
    minter = next(key for key in world.neon.live_keys() if key.name == "minter")
    everywhere = dict.fromkeys([story.repository, "octo-org/invoices"], PERMISSIONS)
    world.github.add_repository("octo-org/invoices")
    world.github.set_secret("octo-org/invoices", "NEON_API_KEY", story.old_key.value, updated_days_ago=9)
    world.github.set_secret(story.repository, "NEON_MINTER_KEY", minter.value, updated_days_ago=9)
    secrets = {
        "NEON_MINTER_KEY": minter.value,
        "NEON_API_KEY": story.old_key.value,
        "ROTATE_GITHUB_TOKEN": world.github.add_token(repositories=everywhere),
    }
    install("policy.yml", localized("policy.yml", story)[0], repository)
    (repository / ".github/neon-rotate.yml").write_text(policy({1234567: story.old_key, 1234568: minter}))
    ended = act(repository, base or "python:3.13-slim", secrets, world)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 credentials" in ended.stdout
    held = {world.github.secret(name, "NEON_API_KEY") for name in everywhere}
    assert len(held) == 1
    assert held & {key.value for key in world.neon.live_keys()}
    assert world.neon.is_live(story.old_key.value), "its overlap goes on"
    assert not world.neon.is_live(minter.value)


def policy(keys: Mapping[int, StoredKey]) -> str:
    """Give the example file for the pretend world, open at every hour."""
    text = (ROOT / "examples/policy/neon-rotate.yml").read_text()
    for shown, key in keys.items():
        text = re.sub(rf"\b{shown}\b", str(key.key_id), text)
    document = yaml.safe_load(text)
    for credential in document["credentials"]:
        for calendar in ("window", "freeze"):
            credential.pop(calendar, None)
    return yaml.safe_dump(document)


@pytest.mark.parametrize("when", ["primary", "all"])
def test_the_exposure_example_kills_the_key(when: str, repository: Path, base: str, world: World) -> None:
    story = STORIES["personal"](world)
    text, secrets = localized("exposure.yml", story)
    install("exposure.yml", text, repository)
    first_run = {"exposed_key_id": str(story.old_key.key_id), "exposed_at": "2026-01-31T22:15:00Z"}
    ended = act(repository, base or "python:3.13-slim", secrets, world, revoke_when=when, **first_run)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"The exposed key {story.old_key.key_id} is dead" in ended.stdout
    assert "Exposed since: 2026-01-31 22:15:00 UTC" in ended.stdout
    assert not world.neon.is_live(story.old_key.value)
    at_rest(world, story)


def test_the_exposure_example_is_red_where_the_key_stays_alive(repository: Path, base: str, world: World) -> None:
    story = STORIES["personal"](world)
    text, secrets = localized("exposure.yml", story)
    install("exposure.yml", text, repository)
    world.faults.add(Fault("status", server="neon", method="DELETE", code=500, times=None))
    form = {"exposed_key_id": str(story.old_key.key_id), "revoke_when": "primary"}
    ended = act(repository, base or "python:3.13-slim", secrets, world, **form)
    assert ended.returncode != 0
    assert f"The exposed key {story.old_key.key_id} is still alive" in ended.stdout


def test_every_example_is_run() -> None:
    assert {path.name for path in (ROOT / "examples").glob("*.yml")} == {
        *RUNS,
        "canary.yml",
        "check.yml",
        "exposure.yml",
        "inventory.yml",
        "policy.yml",
        "several-systems.yml",  # by `tests/systems/test_several.py`
    }
