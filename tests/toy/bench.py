"""A key that stands in a box, and a laptop that rotates it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rotate.frontends import cli
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from tests.toy.shelf import TOKEN, Shelf

NAME, HERE = "NEON_API_KEY", "toy://attic#NEON_API_KEY"


class Bench:
    """A key that stands in a box, and what a laptop has to rotate it."""

    def __init__(self, world: World, shelf: Shelf, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.world, self.shelf, self.capsys, self.folder = world, shelf, capsys, folder
        self.story = personal(world)
        shelf.write("attic", NAME, self.story.old_key.value)
        self.environment = {"TOY_URL": shelf.url, "TOY_TOKEN": TOKEN, "GITHUB_API_URL": world.github.url}

    def run(self, command: str = "rotate", destinations: str = HERE, key: str = "", *more: str) -> int:
        """Run with the value that the box holds, and remember what was told."""
        given = ["--api-host", self.world.neon.url, "--destinations", destinations, "--report", str(self.folder)]
        environment = {**self.environment, "NEON_API_KEY": key or self.held}
        code = cli.main([command, *given, *more], environment)
        self.told = self.capsys.readouterr().out
        *_, last = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        self.report = json.loads(last.read_text())
        return code

    def first(self, *more: str) -> int:
        """Run for the first time."""
        return self.run("rotate", HERE, "", "--old-key-id", str(self.story.old_key.key_id), *more)

    @property
    def held(self) -> str:
        """What the box holds."""
        return self.shelf.boxes["attic", NAME][0]

    @property
    def live(self) -> list[StoredKey]:
        """The keys of the lineage that live."""
        keys = self.world.neon.live_keys()
        return [one for one in keys if one is self.story.old_key or one.name.startswith("attic-neon-api-key_")]
