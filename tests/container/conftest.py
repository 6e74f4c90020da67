"""The image, built on the base that `NEON_ROTATE_BASE` names; without it on the pinned one, which needs a registry."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.runner import ROOT

IMAGE = "neon-rotate-test"
SHIPPED = ("action.yml", "Dockerfile", ".dockerignore", "entrypoint.py")
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


@pytest.fixture
def repository(tmp_path: Path, base: str) -> Path:
    """A checked-out repository that has the action in a folder, built on the local base."""
    root = tmp_path / "repository"
    action = root / "action"
    action.mkdir(parents=True)
    for name in SHIPPED:
        shutil.copy(ROOT / name, action)
    (action / "requirements").mkdir()
    for name in ("image.txt", "strip.py"):
        shutil.copy(ROOT / "requirements" / name, action / "requirements")
    leave_out = shutil.ignore_patterns("__pycache__", "sandbox")
    shutil.copytree(ROOT / "rotate", action / "rotate", ignore=leave_out)
    if base:
        dockerfile = action / "Dockerfile"
        dockerfile.write_text(re.sub("(?m)^ARG BASE=.*$", f"ARG BASE={base}", dockerfile.read_text()))
    git = ["git", "-C", str(root), "-c", "user.name=test", "-c", "user.email=test@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "start"]):
        subprocess.run([*git, *words], check=True, timeout=60)
    origin = ["remote", "add", "origin", "https://github.com/octo-org/payments"]
    subprocess.run([*git, *origin], check=True, timeout=60)
    return root


@pytest.fixture(autouse=True)
def _fine_times(request: pytest.FixtureRequest) -> None:
    """The finer the times that Neon tells, the shorter the knock of a first rotation."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").neon.use_grain = 0.0
