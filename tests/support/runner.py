"""Start the entry point as the runner does, as far as a process can tell, and collect everything it tells."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.haste import Haste
from tests.support.zygote import Forked, Zygote

ROOT = Path(__file__).resolve().parents[2]
LONGEST_RUN = 150.0
ENTRY, QUIET = "entrypoint.py", "tests/support/quiet_entrypoint.py"
_ENTRY = re.compile(r"^(?P<name>[^=<\n]+)<<(?P<mark>\S+)\n(?P<value>.*?)\n?^(?P=mark)$\n?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Ended:
    """One run: its exit code (negative: the signal that killed it) and everything that came out of it."""

    code: int
    stdout: str
    stderr: str
    outputs: Mapping[str, str]
    summary: str
    report: Mapping[str, Any]
    files: Mapping[str, str]

    @property
    def everything(self) -> str:
        """All texts that left the process, for a search."""
        return "\n".join([self.stdout, self.stderr, *self.files.values()])

    @property
    def reasons(self) -> list[str]:
        """The reason codes of the problems, in order."""
        return [problem["reason"] for problem in self.report.get("problems", [])]


class Runner:
    """One pretend runner directory: workspace, output file, summary file. With a zygote, its runs start warm, and may
    be in a hurry; they knock only where that is asked for."""

    def __init__(
        self, directory: Path, zygote: Zygote | None = None, haste: Haste | None = None, *, knocks: bool = False
    ) -> None:
        self._zygote = zygote
        self._haste = haste
        self._knocks = knocks
        self.workspace = directory / "workspace"
        self.output = directory / "output"
        self.summary = directory / "summary"
        self.workspace.mkdir(parents=True)
        self.output.touch()
        self.summary.touch()

    def environment(self, story: Mapping[str, str]) -> dict[str, str]:
        """Give what the process finds in its environment: the story, the runner's files, and coverage's own."""
        passed = {name: text for name, text in os.environ.items() if name.startswith(("COVERAGE_", "COV_", "PATH"))}
        files = {
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
        }
        return {**passed, **files, **story}

    def start(self, story: Mapping[str, str], arguments: Sequence[str] = (QUIET,)) -> subprocess.Popen[str]:
        """Start the entry point."""
        return subprocess.Popen(
            [sys.executable, "-B", "-u", *arguments],
            cwd=ROOT,
            env=self.environment(story),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def begin(self, story: Mapping[str, str], script: str = ENTRY) -> subprocess.Popen[str] | Forked:
        """Start the entry point, as a child of the zygote if there is one."""
        if self._zygote is None:
            return self.start(story, (QUIET if script == ENTRY else script,))
        return self._zygote.start(self.environment(story), script, self._haste, knocks=self._knocks)

    def collect(self, process: subprocess.Popen[str] | Forked) -> Ended:
        """Wait for the end and read everything."""
        try:
            stdout, stderr = process.communicate(timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        outputs = read_outputs(self.output.read_text())
        report = self.workspace / outputs["report"] if outputs.get("report") else None
        files = {
            str(path.relative_to(self.workspace.parent)): path.read_text(errors="replace")
            for path in sorted(self.workspace.parent.rglob("*"))
            if path.is_file()
        }
        return Ended(
            process.returncode,
            stdout,
            stderr,
            outputs,
            self.summary.read_text(),
            json.loads(report.read_text()) if report and report.exists() else {},
            files,
        )

    def run(self, story: Mapping[str, str], **changes: str | None) -> Ended:
        """Run once. `changes` are inputs by their names in action.yml; `None` takes one away."""
        return self.collect(self.begin(with_inputs(story, **changes)))


def with_inputs(story: Mapping[str, str], **changes: str | None) -> dict[str, str]:
    """Give the environment with some inputs changed."""
    environment = dict(story)
    for name, text in changes.items():
        environment.pop(f"INPUT_{name.upper()}", None)
        if text is not None:
            environment[f"INPUT_{name.upper()}"] = text
    return environment


def read_outputs(text: str) -> dict[str, str]:
    """Read a `GITHUB_OUTPUT` file as the runner does."""
    return {found["name"]: found["value"] for found in _ENTRY.finditer(text)}
