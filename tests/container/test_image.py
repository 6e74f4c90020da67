"""What the image holds, and what it does not."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from tests.container.conftest import docker

MEGABYTE = 1_000_000
MOST_UNCOMPRESSED = 85 * MEGABYTE
MOST_COMPRESSED = 29 * MEGABYTE


@pytest.fixture(scope="module")
def contents(image: str) -> list[str]:
    """Every path in the image."""
    made = docker("create", image)
    container = made.stdout.strip()
    try:
        exported = subprocess.run(["docker", "export", container], capture_output=True, check=True, timeout=120)
        listed = subprocess.run(["tar", "-t"], input=exported.stdout, capture_output=True, check=True, timeout=120)
    finally:
        docker("rm", container)
    return listed.stdout.decode().splitlines()


def test_it_is_small(image: str) -> None:
    size = int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=True, timeout=120).stdout
    compressed = len(gzip.compress(saved, 6))
    print(f"\n  image: {size / MEGABYTE:.1f} MB, {compressed / MEGABYTE:.1f} MB compressed")
    assert size <= MOST_UNCOMPRESSED
    assert compressed <= MOST_COMPRESSED


def test_there_is_no_shell_and_no_package_manager(contents: list[str]) -> None:
    names = {path.rpartition("/")[2] for path in contents}
    assert not names & {"sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "pip", "pip3", "ensurepip", "perl"}


def test_the_sandbox_is_not_in_it(contents: list[str]) -> None:
    assert not [path for path in contents if "rotate/sandbox" in path or "site-packages/aiohttp" in path]


def test_every_module_is_compiled(contents: list[str]) -> None:
    sources = {path for path in contents if path.endswith(".py") and "site-packages/rotate/" in path}
    compiled = {path for path in contents if path.endswith(".pyc")}
    for source in sources:
        folder, _, name = source.rpartition("/")
        assert any(path.startswith(f"{folder}/__pycache__/{name[:-3]}.cpython-") for path in compiled), source
    assert len(sources) > 40


def test_it_starts_isolated_as_root_by_an_absolute_path(image: str) -> None:
    config = json.loads(docker("image", "inspect", image).stdout)[0]["Config"]
    assert config["Entrypoint"] == ["/app/bin/python3", "-I", "-B", "-u", "-m", "rotate"]
    assert config["User"] in ("", "root", "0"), "GitHub documents that no other user works"


def test_it_tells_a_newcomer_what_it_does(image: str) -> None:
    told = docker("run", "--rm", image)
    assert told.returncode == 0
    for word in ("rotate", "plan", "check", "sweep", "NEON_API_KEY"):
        assert word in told.stdout


def test_it_says_why_it_has_no_demo(image: str) -> None:
    told = docker("run", "--rm", image, "demo")
    assert told.returncode == 2
    assert "make demo" in told.stdout


def test_everything_that_a_rotation_imports_is_there(image: str) -> None:
    code = "import rotate.run.compose, github, nacl.public, httpx, ssl; ssl.create_default_context(); print('all')"
    told = docker("run", "--rm", "--entrypoint", "/app/bin/python3", image, "-I", "-c", code)
    assert told.stdout == "all\n", told.stderr


@pytest.mark.parametrize("name", ["httpx.py", "sitecustomize.py", "rotate.py", "usercustomize.py"])
def test_nothing_in_the_workspace_is_imported(name: str, image: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("print('planted')\nraise SystemExit(99)\n")
    mounted = ["-v", f"{tmp_path}:/github/workspace", "--workdir", "/github/workspace", "-e", "PYTHONPATH=."]
    told = docker("run", "--rm", *mounted, image, "--version")
    assert told.returncode == 0
    assert "planted" not in told.stdout
