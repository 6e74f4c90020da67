"""Keys in the past of a checkout: found with the commit that added them, within bounds that are told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rotate.errors import RotateError
from rotate.machine import Machine, Sighting, Watch
from rotate.secret import Secret
from rotate.systems.file import past

KEY = "napi_sandbox" + "k" * 57
OTHER = "napi_sandbox" + "m" * 57


class Heard(Watch):
    def __init__(self) -> None:
        self.missed: list[RotateError] = []

    def left_out(self, what: RotateError) -> None:
        self.missed.append(what)


def git(folder: Path, *words: str) -> str:
    given = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *who, *words], cwd=folder, env=given, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return git(folder, "rev-parse", "--short", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def look(folder: Path, commits: int = 100, seconds: float = 60.0, path: str = "") -> tuple[list[Sighting], list[str]]:
    heard, hidden = Heard(), list[Secret]()
    environment = {"PATH": path or os.environ["PATH"], "NEON_API_KEY": KEY}
    machine = Machine(folder, folder, environment, watch=heard)
    seen = [*past.sightings(machine, hidden.append, commits, seconds)]
    assert [one.value for one in seen] == hidden
    return seen, [one.message for one in heard.missed]


def test_a_key_that_was_removed_is_found_with_its_commit(checkout: Path) -> None:
    added = commit(checkout, ".env", f"A={KEY}\n")
    commit(checkout, ".env", "A=\n")
    commit(checkout, "b.txt", f"{OTHER} {OTHER}\n")
    (checkout / "inside").mkdir()
    seen, missed = look(checkout / "inside")
    assert [(one.value.reveal(), one.path, one.line, one.past) for one in seen] == [
        (OTHER, checkout / ".git", 0, True),
        (KEY, checkout / ".git", 0, True),
    ]
    assert seen[1].what == f"git's past: commit {added}, .env"
    assert "rotate the key" in seen[1].remedy
    assert missed == []


def test_each_value_of_a_file_is_told_once_with_the_newest_commit_that_added_it(checkout: Path) -> None:
    commit(checkout, "a", f"{KEY}\n")
    commit(checkout, "a", "\n")
    newest = commit(checkout, "a", f"x\n{KEY}\n")
    assert [one.what for one in look(checkout)[0]] == [f"git's past: commit {newest}, a"]


def test_the_bound_of_commits_is_told_when_it_is_met(checkout: Path) -> None:
    commit(checkout, "a", f"{KEY}\n")
    commit(checkout, "b", "\n")
    seen, (missed,) = look(checkout, commits=1)
    assert (seen, missed) == (
        [],
        "Of the past of this checkout the last 1 commits were searched: a key may lie there all the same.",
    )


def test_the_bound_of_time_is_told_when_it_is_met(checkout: Path, tmp_path: Path) -> None:
    commit(checkout, "a", f"{KEY}\n")
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (slow / "git").chmod(0o755)
    seen, (missed,) = look(checkout, seconds=0.2, path=f"{slow}{os.pathsep}{os.environ['PATH']}")
    assert (seen, "ended after 0.2 seconds" in missed) == ([], True)


def test_a_git_that_cannot_tell_is_told(checkout: Path) -> None:
    (checkout / ".git/HEAD").write_text("nonsense")
    seen, (missed,) = look(checkout)
    assert (seen, "Git does not tell" in missed) == ([], True)


def test_without_git_it_is_said_and_without_a_checkout_nothing(checkout: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (_, (missed,)) = look(checkout, path=str(empty))
    assert "Git is not installed" in missed
    assert look(Path("/")) == ([], [])


def test_a_line_without_end_is_read_in_pieces(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "PIECE", 200)
    commit(checkout, "a", "x" * 500 + f" {KEY}\n" + "y\n")
    commit(checkout, "a", "z\n")
    seen, _ = look(checkout)
    assert [one.value.reveal() for one in seen] == [KEY], "once, as an added line; what is removed is not counted"


def test_settings_of_the_checkout_start_nothing(checkout: Path, tmp_path: Path) -> None:
    """The control is `git log` itself, which these settings make start the program."""
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\necho x >> {sprung}\ncat /dev/null\n")
    trap.chmod(0o755)
    commit(checkout, ".gitattributes", "* diff=evil\n")
    for name in ("diff.external", "diff.evil.textconv", "diff.evil.command", "core.fsmonitor", "gpg.program"):
        git(checkout, "config", name, str(trap))
    git(checkout, "config", "log.showSignature", "true")
    (checkout / "a").write_text(f"{KEY}\n")
    git(checkout, "-c", "core.fsmonitor=false", "add", "-A")
    git(checkout, "-c", "core.fsmonitor=false", "commit", "-qm", "x")
    sprung.unlink(missing_ok=True)
    seen, _ = look(checkout)
    assert ([one.value.reveal() for one in seen], sprung.exists()) == ([KEY], False)
    git(checkout, "log", "-p", "--ext-diff")
    assert sprung.exists()
