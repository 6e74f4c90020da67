"""Start a container action exactly as GitHub's runner does (facts: GitHub §5.2)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.support.runner import ROOT, Ended, Runner, read_outputs

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


class ContainerRunner(Runner):
    """The runner's directories, mounted where it mounts them."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.files = directory / "_runner_file_commands"
        self.home, self.workflow = directory / "_github_home", directory / "_github_workflow"
        for path in (self.files, self.home, self.workflow):
            path.mkdir()
        self.output, self.summary = self.files / "set_output_1a2b", self.files / "step_summary_1a2b"
        self.output.touch()
        self.summary.touch()

    def start_container(self, image: str, story: Mapping[str, str]) -> subprocess.Popen[str]:
        """Run the action's entry point; names on the command line, values in the client's environment."""
        passed = {
            **story,
            "HOME": "/github/home",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_OUTPUT": f"/github/file_commands/{self.output.name}",
            "GITHUB_STEP_SUMMARY": f"/github/file_commands/{self.summary.name}",
            "RUNNER_TEMP": "/github/runner_temp",
            "CI": "true",
        }
        names = [word for name in passed for word in ("-e", name)]
        mounts = {
            self.workspace.parent: "/github/runner_temp",
            self.home: "/github/home",
            self.workflow: "/github/workflow",
            self.files: "/github/file_commands",
            self.workspace: "/github/workspace",
        }
        volumes = [word for path, inside in mounts.items() for word in ("-v", f"{path}:{inside}")]
        command = ["docker", "run", "--workdir", "/github/workspace", "--rm", *names, "--network", "host", *volumes]
        runs = ACTION["runs"]
        return subprocess.Popen(
            [*command, "--entrypoint", runs["entrypoint"], image, *runs["args"]],
            env={**os.environ, **passed},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_container(self, image: str, story: Mapping[str, str]) -> Ended:
        """Run to the end."""
        return self.collect(self.start_container(image, story))


__all__ = ["ACTION", "ContainerRunner", "read_outputs"]
