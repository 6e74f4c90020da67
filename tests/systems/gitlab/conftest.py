"""A pretend GitLab beside the world, and a laptop that rotates a key which it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rotate.frontends import cli
from rotate.sandbox.gitlab.server import GitLabServer, Variable
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World

PROJECT, NAME, TOKEN = "octo/sub/payments", "NEON_API_KEY", "glpat-canary"
HERE = f"gitlab://project/{PROJECT}#{NAME}"


class Bench:
    """A key that stands in a project's variable; the note is kept in a repository."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.world, self.capsys, self.folder = world, capsys, folder
        self.story = personal(world)
        self.gitlab = GitLabServer(world.clock)
        self.gitlab.add(PROJECT, Variable(NAME, self.story.old_key.value, masked=True, protected=True, description="d"))
        self.gitlab.add("octo", Variable(NAME, "napi_of_the_group"))
        self.gitlab.add("instance", Variable(NAME, "napi_of_the_instance"))
        self.gitlab.tokens[TOKEN] = {PROJECT, "octo", "instance"}
        world.serve(self.gitlab)
        self.environment = {
            "GITLAB_URL": self.gitlab.url,
            "GITLAB_TOKEN": TOKEN,
            "GITHUB_API_URL": world.github.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": str(self.story.inputs["github_token"]),
        }

    def run(self, command: str = "rotate", destinations: str = HERE, *more: str) -> int:
        """Run with the value that stands in the project."""
        return self._ended(command, "--destinations", destinations, *more)

    def by(self, file: Path) -> int:
        """Rotate as a policy file says."""
        return self._ended("rotate", "--policy", str(file))

    def _ended(self, command: str, *more: str) -> int:
        """Run, and remember what was told."""
        given = ["--api-host", self.world.neon.url, "--report", str(self.folder)]
        code = cli.main([command, *given, *more], {**self.environment, "NEON_API_KEY": self.held})
        self.told = self.capsys.readouterr().out
        *_, last = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        self.report: dict[str, Any] = json.loads(last.read_text())
        return code

    def first(self, destinations: str = HERE, *more: str) -> int:
        """Run for the first time."""
        return self.run("rotate", destinations, "--old-key-id", str(self.story.old_key.key_id), *more)

    @property
    def held(self) -> str:
        """What the project's first variable of the name holds."""
        return next(one.value for one in self.gitlab.variables[PROJECT] if one.key == NAME)

    @property
    def reasons(self) -> list[str]:
        """The reasons of the problems."""
        return [one["reason"] for one in self.report["problems"]]

    def leaks(self) -> bool:
        """Say whether a token or a key was told."""
        values = [TOKEN, *(one.value for one in self.world.neon.issued())]
        return any(value in self.told + json.dumps(self.report) for value in values)


@pytest.fixture
def bench(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Bench:
    return Bench(world, capsys, tmp_path)
