"""The whole program rotates a key that lies in files of this machine; nothing that it tells has a value."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rotate.frontends import cli
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.systems.file.bench import PROGRAMS, Vault, value

VALUES = "# of the chart\nreplicas: 2\nneon:\n    apiKey: {} # rotated\n"


class Desk:
    """A folder with an `.env` and the values of a chart, and a person who rotates the key in both."""

    def __init__(self, world: World, folder: Path, told: pytest.CaptureFixture[str]) -> None:
        self.world, self.folder, self._capture = world, folder, told
        self.story = personal(world)
        self.env, self.chart = folder / ".env", folder / "deploy" / "values.yaml"
        self.chart.parent.mkdir()
        (folder / "report").mkdir()
        self.env.write_text(f"A=1\n{NAME}={self.story.old_key.value}\n")
        self.env.chmod(0o600)
        self.chart.write_text(VALUES.format(self.story.old_key.value))
        self.chart.chmod(0o600)
        self.environment = {
            "PATH": os.environ["PATH"],
            "GITHUB_API_URL": world.github.url,
            "GITHUB_TOKEN": self.story.inputs["github_token"],
            "GITHUB_REPOSITORY": REPOSITORY,
        }
        self.told, self.report = "", dict[str, Any]()

    def run(self, *more: str, command: str = "rotate", key: str = "") -> int:
        """Run the program with the key that lies in the `.env`."""
        given = ["--api-host", self.world.neon.url, "--report", str(self.folder / "report")]
        key = key or value(self.env) or ""
        code = cli.main([command, *given, *more], {**self.environment, "NEON_API_KEY": key})
        self.told = "".join(self._capture.readouterr())
        files = sorted((self.folder / "report").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        if files:
            self.report = json.loads(files[-1].read_text())
            self.told += files[-1].read_text()
        assert not [one.value for one in self.world.neon.issued() if one.value in self.told]
        return code

    def first(self, *more: str) -> int:
        """Run for the first time."""
        return self.run("--old-key-id", str(self.story.old_key.key_id), *more)

    def by(self, destinations: str) -> int:
        """Run by a policy file."""
        policy = self.folder / "policy.yml"
        policy.write_text(
            f"version: 1\ncredentials:\n  - authenticate_with: ${{NEON_API_KEY}}\n"
            f"    old_key_id: {self.story.old_key.key_id}\n    destinations:\n{destinations}"
        )
        return self.run("--policy", str(policy))

    @property
    def live(self) -> list[str]:
        """The keys of this person that live: the first, and those that the program issued."""
        return [one.value for one in self.world.neon.live_keys() if one is self.story.old_key or "_" in one.name]

    @property
    def reasons(self) -> list[str]:
        return [one["reason"] for one in self.report["problems"]]

    @property
    def warned(self) -> list[str]:
        return [one["reason"] for one in self.report["warnings"]]


@pytest.fixture
def desk(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(world, tmp_path, capsys)


BOTH = "file:.env,file:deploy/values.yaml#neon.apiKey"


def test_both_files_have_the_new_key_and_the_old_one_is_dead(desk: Desk) -> None:
    assert desk.first("--destinations", BOTH) == 0, desk.told
    (new,) = desk.live
    assert desk.env.read_text() == f"A=1\n{NAME}={new}\n"
    assert desk.chart.read_text() == VALUES.format(new)
    assert desk.story.old_key.revoked
    assert [one["name"] for one in desk.report["destinations"]] == [f"file:.env#{NAME}", BOTH.partition(",")[2]]
    assert {one["state"] for one in desk.report["destinations"]} == {"confirmed"}
    assert sorted(path.name for path in desk.folder.iterdir()) == [".env", "deploy", "report"]
    assert desk.warned.count("restart-by-hand") == 2
    assert desk.run("--destinations", BOTH) == 0, desk.told
    assert [value(desk.env)] == [value(desk.chart, "neon.apiKey")] == [*desk.live]


def test_two_values_of_one_file_are_both_written(desk: Desk) -> None:
    desk.env.write_text(f"{desk.env.read_text()}SECOND={desk.story.old_key.value}\n")
    assert desk.first("--destinations", "file:.env,file:.env#SECOND") == 0, desk.told
    assert [value(desk.env)] == [value(desk.env, "SECOND")] == [*desk.live]


def test_a_plan_changes_nothing(desk: Desk) -> None:
    before = desk.env.read_bytes(), desk.env.stat().st_ino
    assert desk.run("--old-key-id", str(desk.story.old_key.key_id), "--destinations", BOTH, command="plan") == 0
    assert (desk.env.read_bytes(), desk.env.stat().st_ino) == before
    assert desk.live == [desk.story.old_key.value]
    assert f"file:.env#{NAME}" in desk.told


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{NAME}=${{OTHER}}\n", "destination-refers"),
        (f"{NAME}=napi_a\n{NAME}=napi_b\n", "destination-ambiguous"),
        ("A=1\n", "secret-absent"),
        (f"{NAME}='unclosed\n", "file-not-readable"),
    ],
)
def test_what_cannot_be_written_is_refused_before_a_key_is_issued(text: str, reason: str, desk: Desk) -> None:
    desk.env.write_text(text)
    key = desk.story.old_key
    assert desk.run("--old-key-id", str(key.key_id), "--destinations", BOTH, key=key.value) == 3, desk.told
    assert desk.reasons == [reason]
    assert (desk.env.read_text(), desk.live) == (text, [key.value])


def test_a_name_that_is_missing_is_created_where_that_is_meant(desk: Desk) -> None:
    desk.env.write_text("A=1\n")
    key = desk.story.old_key
    assert desk.run("--old-key-id", str(key.key_id), "--destinations", BOTH, "--create", key=key.value) == 0, desk.told
    assert desk.env.read_text() == f"A=1\n{NAME}={desk.live[0]}\n"


def test_a_name_that_cannot_be_created_is_told_before_a_key_is_issued(desk: Desk) -> None:
    desk.chart.write_text("neon: 1\n")
    assert desk.first("--destinations", BOTH, "--create") == 3, desk.told
    assert desk.reasons == ["file-not-creatable"]
    assert desk.live == [desk.story.old_key.value]


def test_what_git_keeps_needs_a_word_in_the_policy_file(desk: Desk) -> None:
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *words], cwd=desk.folder, check=True, env={"PATH": os.environ["PATH"]})
    assert desk.first("--destinations", BOTH) == 3
    assert desk.reasons == ["file-tracked"]
    assert desk.live == [desk.story.old_key.value]
    assert desk.by("      - to: file:.env\n        allow_tracked: true\n") == 0, desk.told
    assert [value(desk.env)] == [*desk.live]


def test_a_file_that_others_may_read_is_warned_of_and_stays(desk: Desk) -> None:
    desk.env.chmod(0o644)
    assert desk.first("--destinations", BOTH) == 0, desk.told
    assert desk.warned.count("file-shown") == 1
    assert desk.env.stat().st_mode & 0o777 == 0o644


def test_what_somebody_writes_during_the_overlap_holds_the_old_key(desk: Desk) -> None:
    assert desk.first("--destinations", BOTH, "--overlap", "1h") == 0, desk.told
    new, old = value(desk.env) or "", desk.story.old_key
    desk.chart.write_text(VALUES.format(old.value))
    desk.world.clock.advance(2 * 3600)
    assert desk.run("--destinations", BOTH, command="sweep") == 4
    assert desk.reasons == ["destination-overwritten"]
    assert not old.revoked
    assert desk.run("--destinations", BOTH, command="sync") == 0, desk.told
    assert value(desk.chart, "neon.apiKey") == new


def test_a_file_that_sops_encrypts_is_rotated(desk: Desk) -> None:
    vault = Vault(desk.folder)
    desk.environment |= vault.environment
    assert desk.environment["PATH"].startswith(PROGRAMS)
    vault.sealed("sealed.yaml", f"neon:\n    apiKey: {desk.story.old_key.value}\n")
    assert desk.first("--destinations", "file:.env,file:sealed.yaml#neon.apiKey") == 0, desk.told
    assert vault.opened(desk.folder / "sealed.yaml") == f"neon:\n    apiKey: {desk.live[0]}\n"


def test_doctor_looks_at_it(desk: Desk) -> None:
    assert desk.first("--destinations", BOTH) == 0, desk.told
    desk.run("--destinations", BOTH, command="doctor")
    assert f"file:.env#{NAME}" in [one["about"] for one in desk.report["checkup"]]
