"""The image, built on the base that `NEON_ROTATE_BASE` names; without it on the pinned one, which needs a registry."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.runner import ROOT

IMAGE = "neon-rotate-test"
LONGEST_BUILD = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs an engine and takes its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.container)
            item.add_marker(pytest.mark.timeout(LONGEST_BUILD))


def docker(*arguments: str, **options: int) -> subprocess.CompletedProcess[str]:
    """Ask the engine."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, env=environment, timeout=LONGEST_BUILD, check=False
    )


def require_engine() -> None:
    """Skip, or fail, where no engine answers."""
    try:
        answer = docker("info")
        reason = "" if answer.returncode == 0 else f"no container engine answers: {answer.stderr.strip()}"
    except FileNotFoundError:
        reason = "no container engine is installed"
    if not reason:
        return
    if os.environ.get("REQUIRE_DOCKER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def base() -> str:
    """The local stand-in for the base image; empty for the pinned one."""
    require_engine()
    return os.environ.get("NEON_ROTATE_BASE", "")


@pytest.fixture(scope="session")
def image(base: str) -> str:
    """The image as it is shipped."""
    arguments = ["--network", "host", *(["--build-arg", f"BASE={base}"] if base else [])]
    with (Path(tempfile.gettempdir()) / f"{IMAGE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = docker("build", *arguments, "--tag", IMAGE, str(ROOT))
    assert built.returncode == 0, built.stderr
    return IMAGE
