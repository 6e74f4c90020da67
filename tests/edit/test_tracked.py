"""A file that git keeps is told from one that it does not, whatever else the repository says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rotate.edit.tracked import refuse_tracked, tracked
from rotate.errors import Refused


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository that keeps one file of two, and whose settings name a program to run at each look."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("kept.json", "own.json"):
        (folder / name).write_text("{}")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    trap.chmod(0o700)
    for words in (["init", "-q"], ["add", "kept.json"], ["config", "core.fsmonitor", str(trap)]):
        subprocess.run(["git", *words], cwd=folder, check=True, env={"PATH": os.environ["PATH"]})
    return folder


def test_what_is_in_the_index_is_kept_and_nothing_else_is(checkout: Path, tmp_path: Path) -> None:
    assert tracked(checkout / "kept.json")
    assert not tracked(checkout / "own.json")
    assert not tracked(tmp_path / "kept.json"), "no repository is there"
    assert not tracked(tmp_path / "gone" / "kept.json"), "no folder is there"
    assert not (tmp_path / "sprung").exists(), "nothing that the repository names is run"


def test_without_git_nothing_is_kept(checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not tracked(checkout / "kept.json")


def test_the_refusal_says_how_git_forgets_it_and_that_works(checkout: Path) -> None:
    refuse_tracked("mcp://cursor", checkout / "own.json")
    with pytest.raises(Refused) as raised:
        refuse_tracked("mcp://cursor", checkout / "kept.json", "Or say `allow_tracked: true`.\n\n")
    assert raised.value.reason == "file-tracked"
    assert "Or say `allow_tracked: true`." in raised.value.remedy
    lines = [line.strip() for line in raised.value.remedy.splitlines() if line.startswith("    ")]
    for line in lines:
        subprocess.run(["sh", "-c", line], cwd=checkout, check=True, env={"PATH": os.environ["PATH"]})
    refuse_tracked("mcp://cursor", checkout / "kept.json")
