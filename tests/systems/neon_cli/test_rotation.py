"""Whole runs of the program on a laptop: a profile has the new key and its id, whatever happens on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rotate.frontends import cli
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.systems.neon_cli.bench import Home, credential

GITHUB = f"github://{REPOSITORY}"


class Laptop:
    """A person's machine: the old key in a profile with its id, and a repository that keeps the note."""

    def __init__(self, world: World, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
        self.world, self.home, self.capsys = world, home, capsys
        self.story = personal(world)
        self.old = self.story.old_key
        self.path = home.keep(credential(self.old.value, key_id=self.old.key_id, user_id="ada"), "credentials.ci.json")
        home.point(ci="credentials.ci.json")
        self.environment = {
            **home.environment,
            "GITHUB_API_URL": world.github.url,
            "GITHUB_TOKEN": self.story.inputs["github_token"],
            "GITHUB_REPOSITORY": REPOSITORY,
        }

    @property
    def held(self) -> dict[str, Any]:
        """What the profile holds."""
        found = json.loads(self.path.read_bytes())
        assert isinstance(found, dict)
        return found

    @property
    def newest(self) -> dict[str, Any]:
        """What it should hold: the youngest key of the lineage."""
        key = [one for one in self.world.neon.live_keys() if "neon-api-key_" in one.name][-1]
        return credential(key.value, key_id=key.key_id, user_id="ada")

    def run(self, *more: str, command: str = "rotate", to: str = "neon-cli://ci", key: str = "") -> int:
        """Run with the value that the profile holds. No value is told."""
        given = ["--api-host", self.world.neon.url, "--destinations", to, "--report", str(self.home.folder / "reports")]
        environment = {**self.environment, "NEON_API_KEY": key or self.held["api_key"]}
        code = cli.main([command, *given, *more], environment)
        self.told = "".join(self.capsys.readouterr())
        assert not [one for one in self.world.neon.issued() if one.value in self.told]
        return code

    def first(self, *more: str, to: str = "neon-cli://ci") -> int:
        """Run for the first time."""
        return self.run("--old-key-id", str(self.old.key_id), *more, to=to)


@pytest.fixture
def laptop(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Laptop:
    return Laptop(world, Home(tmp_path / "home"), capsys)


def test_a_profile_is_rotated_again_and_again(laptop: Laptop) -> None:
    assert laptop.first() == 0, laptop.told
    assert laptop.old.revoked
    assert laptop.held == laptop.newest
    second = laptop.held["key_id"]
    assert laptop.run() == 0, laptop.told
    assert laptop.held == laptop.newest
    assert laptop.held["key_id"] > second


def test_a_run_that_died_is_finished_with_the_id_of_the_key_that_it_left(laptop: Laptop) -> None:
    laptop.world.github.set_secret(REPOSITORY, "NEON_API_KEY", laptop.old.value)
    both = f"neon-cli://ci,{GITHUB}"
    laptop.world.faults.add(Fault("status", server="github", method="PUT", path="*/secrets/*", code=500, times=20))
    assert laptop.first(to=both) != 0
    left = laptop.held
    assert left == laptop.newest
    laptop.world.faults.reset()
    assert laptop.run(to=both) == 0, laptop.told
    assert laptop.held == laptop.newest
    assert laptop.old.revoked


def test_sync_writes_the_standing_key_and_its_id_to_a_profile_that_has_an_earlier_one(laptop: Laptop) -> None:
    stale = laptop.held
    assert laptop.first() == 0, laptop.told
    standing = laptop.held
    laptop.home.keep(stale, "credentials.ci.json")
    assert laptop.run(command="sync", key=standing["api_key"]) == 0, laptop.told
    assert laptop.held == standing


def test_a_browser_login_is_refused_before_a_key_is_issued(laptop: Laptop) -> None:
    key = laptop.held["api_key"]
    laptop.home.keep({"access_token": "token-of-a-login", "user_id": "ada"}, "credentials.ci.json")
    assert laptop.run("--old-key-id", str(laptop.old.key_id), key=key) == 3
    assert "neon-profile-of-login" in laptop.told
    assert "token-of-a-login" not in laptop.told
    assert laptop.world.ledger.count("POST", server="neon") == 0


def test_a_policy_file_has_it_by_fields_and_the_folder_beside_it(laptop: Laptop) -> None:
    folder = laptop.home.folder / "elsewhere"
    laptop.home.config.rename(folder)
    laptop.path = folder / laptop.path.name
    file = laptop.home.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.old.key_id}\n    destinations:\n"
        f"      - type: neon-cli\n        profile: ci\n        dir: {folder}\n"
    )
    given = ["rotate", "--api-host", laptop.world.neon.url, "--policy", str(file)]
    assert cli.main(given, {**laptop.environment, "NEON_API_KEY": laptop.held["api_key"]}) == 0
    assert laptop.held == laptop.newest
