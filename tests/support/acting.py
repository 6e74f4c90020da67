"""Real workflows, run by `act` in real containers.

It differs from GitHub in one thing that matters here: secrets are those of the start of the run, in every job of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from rotate.sandbox.world import World

ACT = Path(sys.executable).parent / "act"
LONGEST_JOB = 300


def act(
    repository: Path, base: str, secrets: Mapping[str, str], world: World, workflow: str = "", **inputs: str
) -> subprocess.CompletedProcess[str]:
    """Run a workflow (or the only one) as if somebody had filled in the form and pressed *Run workflow*."""
    arguments = ["workflow_dispatch", "--rm", "--pull=false", "-P", f"ubuntu-latest={base}"]
    arguments += ["-W", f".github/workflows/{workflow}"] if workflow else []
    form = [word for name, text in {"reason": "tested", **inputs}.items() for word in ("--input", f"{name}={text}")]
    # Names on the command line, values in the environment.
    named = [word for name in secrets for word in ("-s", name)]
    return subprocess.run(
        [str(ACT), *arguments, *form, *named, "--env", f"GITHUB_API_URL={world.github.url}"],
        cwd=repository,
        env={**os.environ, **secrets, "HOME": str(repository.parent), "DOCKER_BUILDKIT": "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_JOB,
        check=False,
    )


def install(example: str, text: str, repository: Path) -> None:
    """Put a workflow where the runner looks for it."""
    workflows = repository / ".github/workflows"
    workflows.mkdir(parents=True, exist_ok=True)
    (workflows / example).write_text(text)
