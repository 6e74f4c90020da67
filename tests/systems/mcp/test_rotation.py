"""The program rotates a key that Cursor and Codex hold: every other byte stays, and both are said to need a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rotate.frontends import cli
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.systems.mcp.bench import CODEX, CURSOR, Home

BOTH = "mcp://cursor#Neon,mcp://codex#Neon"


class Laptop:
    """Runs the program where two clients hold the key; the note is kept in a repository."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.world, self.capsys, self.folder = world, capsys, folder
        self.story, self.home = personal(world), Home(folder)
        old = self.story.old_key.value
        self.files = [self.home.put(".cursor/mcp.json", CURSOR, old), self.home.put(".codex/config.toml", CODEX, old)]
        self.before = [file.read_bytes() for file in self.files]
        self.report = dict[str, Any]()

    def run(self, destinations: str = BOTH) -> int:
        old = self.story.old_key
        given = ["--api-host", self.world.neon.url, "--report", str(self.folder), "--old-key-id", str(old.key_id)]
        environment = {
            **self.home.environment,
            "GITHUB_API_URL": self.world.github.url,
            "GITHUB_TOKEN": self.story.inputs["github_token"],
            "GITHUB_REPOSITORY": REPOSITORY,
            "NEON_API_KEY": old.value,
        }
        code = cli.main(["rotate", *given, "--destinations", destinations], environment)
        self.told = "".join(self.capsys.readouterr())
        (report,) = self.folder.glob("*.json")
        self.report = json.loads(report.read_text())
        assert not [one for one in self.world.neon.issued() if one.value in self.told + report.read_text()]
        return code


@pytest.fixture
def laptop(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Laptop:
    return Laptop(world, capsys, tmp_path)


def test_two_clients_are_rotated_and_every_other_byte_stays(laptop: Laptop) -> None:
    assert laptop.run() == 0, laptop.told
    old = laptop.story.old_key
    (new,) = [one for one in laptop.world.neon.live_keys() if one.name.startswith("cursor")]
    after = [was.replace(old.value.encode(), new.value.encode()) for was in laptop.before]
    assert [file.read_bytes() for file in laptop.files] == after != laptop.before
    assert old.revoked
    warned = [one for one in laptop.report["warnings"] if one["reason"] == "restart-by-hand"]
    assert ["Cursor" in warned[0]["message"], "Codex" in warned[1]["message"], len(warned)] == [True, True, 2]


@pytest.mark.parametrize("second", ["mcp://codex#neon", "mcp://windsurf", "mcp://cursor#other"])
def test_what_is_refused_is_refused_before_a_key_is_issued(second: str, laptop: Laptop) -> None:
    laptop.files[0].write_bytes(laptop.before[0].replace(b"Bearer of-another", b"Bearer ${OTHER}"))
    before = [file.read_bytes() for file in laptop.files]
    issued = len(laptop.world.neon.issued())
    assert laptop.run(f"mcp://cursor#Neon,{second}") == 3, laptop.told
    assert (len(laptop.world.neon.issued()), laptop.story.old_key.revoked) == (issued, False)
    assert [file.read_bytes() for file in laptop.files] == before
