"""A laptop that rotates the key which one place of a service holds; the note is kept in a repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rotate.frontends import cli
from rotate.registry import system
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import REPOSITORY, personal
from tests.support.bench import Bench

GITHUB = f"github://{REPOSITORY}"


class Laptop:
    """Runs the program on what a bench holds. No value and no token is ever in what it tells."""

    def __init__(self, bench: Bench, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        assert bench.web
        self.bench, self.web, self.world = bench, bench.web, bench.web.world
        self.here = str(self.web.address)
        self.capsys, self.folder = capsys, folder
        self.story = personal(self.world)
        bench.write(self.story.old_key.value)
        self.environment = {
            **self.web.environment,
            "GITHUB_API_URL": self.world.github.url,
            "GITHUB_TOKEN": self.story.inputs["github_token"],
            "GITHUB_REPOSITORY": REPOSITORY,
        }
        self.told, self.report = "", dict[str, Any]()

    @property
    def held(self) -> str:
        """What the place holds."""
        return self.bench.held() or ""

    @property
    def live(self) -> list[StoredKey]:
        """The old key and those that this program issued, as far as they live."""
        return [one for one in self.world.neon.live_keys() if one is self.story.old_key or "_" in one.name]

    def run(self, *more: str, command: str = "rotate", to: str = "", key: str = "") -> int:
        """Run with the value that stands there. What runs with the previous one is started anew, if it keeps that."""
        anew = command == "rotate" and "--overlap" not in more and system(self.web.address.kind).traits.redeploys
        more = (*more, "--redeploy") if anew else more
        return self._ended(command, "--destinations", to or self.here, *more, key=key)

    def by(self, policy: Path) -> int:
        """Rotate as a policy file says."""
        return self._ended("rotate", "--policy", str(policy))

    def _ended(self, command: str, *more: str, key: str = "") -> int:
        """Run, and remember what was told."""
        given = ["--api-host", self.world.neon.url, "--report", str(self.folder)]
        values = {self.web.token, *(one.value for one in self.world.neon.issued())}
        code = cli.main([command, *given, *more], {**self.environment, "NEON_API_KEY": key or self.held})
        self.told = "".join(self.capsys.readouterr())
        if files := sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
            self.report = json.loads(files[-1].read_text())
            self.told += files[-1].read_text()
        values |= {one.value for one in self.world.neon.issued()}
        assert not [one for one in values if one in self.told]
        return code

    def first(self, *more: str, to: str = "", key: str = "") -> int:
        """Run for the first time."""
        return self.run("--old-key-id", str(self.story.old_key.key_id), *more, to=to, key=key)

    @property
    def reasons(self) -> list[str]:
        """What the last run complained of."""
        return [one["reason"] for one in self.report["problems"]]
