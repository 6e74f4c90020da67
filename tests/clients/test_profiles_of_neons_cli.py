"""Neon's own CLI and this program read what the other wrote in a profile, and the CLI revokes the key that is in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rotate.address import parsed
from rotate.machine import this_machine
from rotate.protocol.facts.destination import Held
from rotate.sandbox.neon.records import StoredKey, User
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.neon_cli.folders import folders
from rotate.systems.neon_cli.profile import Profile
from tests.clients.test_foreign_clients import NEON
from tests.support.bench import means_of

pytestmark = pytest.mark.clients


class Ada:
    """A person with the CLI, a key, and her folder."""

    def __init__(self, world: World, home: Path) -> None:
        self.world, self.home = world, home
        self.user: User = world.neon.add_user("ada")

    def neon(self, *words: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI. A key goes through standard input."""
        return subprocess.run(
            [str(NEON), *words, "--api-host", self.world.neon.url, "--no-analytics", "-o", "json"],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "CI": "1", **more},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def makes(self, profile: str, **more: str) -> StoredKey:
        """Let the CLI write a profile with a key of hers."""
        key = self.world.neon.add_key(self.user, name=f"of {profile}")
        # It makes the folder when somebody logs in, and not here.
        folders(this_machine({"HOME": str(self.home), **more}))[0].mkdir(parents=True, exist_ok=True)
        ended = self.neon("profile", "create", profile, "--api-key", "-", given=key.value, **more)
        assert ended.returncode == 0, ended.stderr
        return key

    def sees(self, profile: str, **more: str) -> list[str]:
        """Name the keys that the CLI lists as a profile."""
        ended = self.neon("api-keys", "list", "--profile", profile, **more)
        assert ended.returncode == 0, ended.stderr
        return [row["name"] for row in json.loads(ended.stdout)]

    def rotates(self, profile: str, **more: str) -> StoredKey:
        """Write another key to a profile, as a rotation does, and revoke the one before it."""
        new = self.world.neon.add_key(self.user, name=f"new of {profile}")
        opened = Profile(parsed(f"neon-cli://{profile}"), means_of({"HOME": str(self.home), **more}))
        before = opened.observe()
        opened.take_key_id(new.key_id)
        assert opened.confirm(before, opened.put(Secret(new.value))) == Held(Secret(new.value).fingerprint)
        return new


@pytest.fixture
def ada(world: World, tmp_path: Path) -> Ada:
    if not (shutil.which("node") and NEON.exists()):
        reason = "no node, or `npm ci --prefix tests/clients` was not run"
        (pytest.fail if os.environ.get("REQUIRE_CLIENTS") == "1" else pytest.skip)(reason)
    return Ada(world, tmp_path)


@pytest.mark.parametrize("way", ["", "XDG_CONFIG_HOME", "NEON_CONFIG_DIR", "NEONCTL_CONFIG_DIR"])
def test_a_profile_that_the_cli_wrote_is_rotated_and_the_cli_works_with_it(ada: Ada, tmp_path: Path, way: str) -> None:
    more = {way: str(tmp_path / "chosen")} if way else {}
    for profile in ("ci", "DEFAULT"):
        old = ada.makes(profile, **more)
        new = ada.rotates(profile, **more)
        ada.world.neon.revoke(old.key_id)
        assert new.name in ada.sees(profile, **more)
    listed = json.loads(ada.neon("profile", "list", **more).stdout)
    assert {row["name"]: row["auth"] for row in listed} == {"DEFAULT": "api key", "ci": "api key"}


def credential_of(ada: Ada, profile: str) -> tuple[Path, dict[str, Any]]:
    path = ada.home / f".config/neon/credentials.{profile}.json"
    return path, json.loads(path.read_bytes())


def test_the_cli_revokes_the_key_that_the_profile_holds_after_a_rotation(ada: Ada) -> None:
    ada.makes("ci")
    assert ada.neon("profile", "rotate-key", "ci").returncode == 0
    path, minted = credential_of(ada, "ci")
    new = ada.rotates("ci")
    assert credential_of(ada, "ci")[1] == {**minted, "api_key": new.value, "key_id": new.key_id}
    assert path.stat().st_mode & 0o777 == 0o600
    ada.world.neon.revoke(minted["key_id"])
    assert ada.neon("profile", "remove", "ci", "--yes").returncode == 0
    assert not ada.world.neon.is_live(new.value)


def test_control_with_the_old_id_beside_it_the_new_key_would_stay_alive(ada: Ada) -> None:
    ada.makes("ci")
    assert ada.neon("profile", "rotate-key", "ci").returncode == 0
    new = ada.rotates("ci")
    path, held = credential_of(ada, "ci")
    minted = next(one for one in ada.world.neon.live_keys() if one.key_id != new.key_id)
    path.write_text(json.dumps({**held, "key_id": minted.key_id}))
    ada.world.neon.revoke(minted.key_id)
    ada.neon("profile", "remove", "ci", "--yes")
    assert ada.world.neon.is_live(new.value)


def test_the_cli_reads_the_files_of_its_former_name_in_place_and_so_do_we(ada: Ada) -> None:
    old = ada.makes("DEFAULT")
    (ada.home / ".config/neon").rename(ada.home / ".config/neonctl")
    new = ada.rotates("DEFAULT")
    ada.world.neon.revoke(old.key_id)
    assert ada.sees("DEFAULT") == [new.name]
    assert not (ada.home / ".config/neon/credentials.json").exists()
