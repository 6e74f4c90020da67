"""The command line: the same commands as the action, secrets from the environment only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rotate.frontends import cli
from rotate.protocol.facts.policy import Command
from rotate.protocol.story.audit import Link, chained
from rotate.sandbox.stories import organization, personal
from rotate.sandbox.world import World
from tests.support.runner import ROOT
from tests.support.stories import at_rest, untouched


def environment(story_environment: dict[str, str]) -> dict[str, str]:
    """Give what a laptop has: keys and the token, no runner."""
    names = {"INPUT_API_KEY": "NEON_API_KEY", "INPUT_CURRENT_KEY": "NEON_CURRENT_KEY", "INPUT_GITHUB_TOKEN": "GH_TOKEN"}
    secrets = {new: story_environment[old] for old, new in names.items() if old in story_environment}
    return {**secrets, "GITHUB_API_URL": story_environment["GITHUB_API_URL"]}


def flags(world: World, *more: str) -> list[str]:
    return ["--api-host", world.neon.url, "--repository", "octo-org/payments", *more]


def test_a_laptop_rotates(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    story = personal(world)
    given = flags(world, "--old-key-id", str(story.old_key.key_id), "--report", str(tmp_path))
    assert cli.main(["rotate", *given], environment(story.environment())) == 0
    new = at_rest(world, story)
    told = capsys.readouterr().out
    assert f"key {new.key_id}" in told
    assert new.value not in told
    assert "::add-mask::" not in told, "a terminal masks nothing"
    (report,) = tmp_path.glob("*.json")
    assert json.loads(report.read_text())["status"] == "rotated"


def test_the_token_that_somebody_set_on_purpose_counts_before_the_one_of_a_codespace(world: World) -> None:
    story = personal(world)
    weak = world.github.add_token(repositories={story.repository: {}})
    given = {**environment(story.environment()), "GITHUB_TOKEN": weak}
    assert cli.main(["rotate", *flags(world, "--old-key-id", str(story.old_key.key_id))], given) == 0
    at_rest(world, story)


def test_a_check_needs_the_key_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    story = personal(world)
    assert cli.main(["check", "--api-host", world.neon.url], {"NEON_API_KEY": story.old_key.value}) == 0
    assert "the key answers 200" in capsys.readouterr().out
    assert world.ledger.count(server="github") == 0
    world.neon.revoke(story.old_key.key_id)
    assert cli.main(["check", "--api-host", world.neon.url], {"NEON_API_KEY": story.old_key.value}) == 3


def test_a_step_of_a_workflow_is_told_as_by_the_action(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """On a runner that starts no containers the command line stands in: it masks, and fills the runner's files."""
    story = personal(world)
    given = story.environment()
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_WORKSPACE": "."}
    runner = {name: text for name, text in given.items() if name.startswith("GITHUB_")}
    place = {**environment(given), **runner, **{name: str(tmp_path / file) for name, file in files.items()}}
    asked = ["rotate", "--api-host", world.neon.url, "--old-key-id", str(story.old_key.key_id)]
    assert cli.main(asked, place) == 0
    new, told = at_rest(world, story), capsys.readouterr().out
    assert f"::add-mask::{new.value}" in told
    assert "status<<" in (tmp_path / "output").read_text()
    assert (tmp_path / "summary").read_text().startswith("## ✅ Rotated")
    assert len(list(tmp_path.glob("*.json"))) == 1
    assert new.value not in told.replace(f"::add-mask::{new.value}", "")


def test_an_organization_key_takes_the_minter_and_the_current_key(world: World) -> None:
    story = organization(world)
    scope = ["--scope", "organization", "--org-id", story.environment()["INPUT_ORG_ID"]]
    given = flags(world, *scope, "--old-key-id", str(story.old_key.key_id))
    assert cli.main(["rotate", *given], environment(story.environment())) == 0
    at_rest(world, story)


def test_a_plan_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    story = personal(world)
    given = flags(world, "--old-key-id", str(story.old_key.key_id))
    assert cli.main(["plan", *given], environment(story.environment())) == 0
    assert f"revoke key {story.old_key.key_id}" in capsys.readouterr().out
    untouched(world, story)


def test_without_secrets_every_problem_is_told_and_nobody_contacted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["rotate", "--repository", "payments", "--scope", "galaxy"], {}) == 2
    told = capsys.readouterr().out
    for reason in ("input-missing", "repository-invalid", "input-invalid"):
        assert reason in told
    assert len(world.ledger) == 0


@pytest.mark.parametrize("command", [command.value for command in Command if command is not Command.AUDIT])
def test_every_command_has_a_help_that_says_where_secrets_come_from(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"], {})
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "NEON_API_KEY" in told
    assert "--repository OWNER/NAME" in told


def test_an_audit_is_verified_anywhere_on_this_machine_and_nothing_else_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, end = chained([{"at": "2026-01-31T04:05:00+00:00"}], Link())
    (tmp_path / "audit.jsonl").write_bytes(data)
    given = ["audit", str(tmp_path / "audit.jsonl"), "--report", str(tmp_path)]
    assert cli.main(given, {}) == 0
    assert f"1 records from 2026-01-31 04:05:00 UTC to 2026-01-31 04:05:00 UTC, head {end.head}" in (
        capsys.readouterr().out
    )
    (tmp_path / "audit.jsonl").write_bytes(data + data)
    assert cli.main(given, {}) == 3
    assert "Line 2" in json.loads((tmp_path / "neon-rotate-report.json").read_text())["why"]
    with pytest.raises(SystemExit) as ended:
        cli.main(["audit", "--repository", "owner/name", "audit.jsonl"], {})
    assert ended.value.code == 2


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"], {})
    told = capsys.readouterr().out
    for word in (*Command, "demo", "exit codes"):
        assert word in told


@pytest.mark.parametrize("flag", ["--api-key", "--github-token", "--current-key", "--repo"])
def test_a_secret_is_not_taken_from_the_arguments_and_nothing_is_abbreviated(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["rotate", flag, "value"], {})
    assert ended.value.code == 2
    assert "unrecognized arguments" in capsys.readouterr().err


def test_the_version_is_told() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "rotate", "--version"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert told.stdout.startswith("neon-rotate ")


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert cli._colour({})
    assert not cli._colour({"NO_COLOR": "1"})
