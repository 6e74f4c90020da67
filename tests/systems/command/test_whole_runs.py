"""The program rotates a key that a program of somebody's own puts in its place, from plan to the last look."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from rotate.frontends import cli
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.laptop import GITHUB
from tests.systems.command.bench import COMPARES, PROVES, PUT, Runs, address, script


@pytest.fixture
def runs(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Runs:
    return Runs(world, capsys, tmp_path)


def proved(runs: Runs, text: str) -> str:
    """Give the address with a program that proves."""
    script(runs.here / "prove", text)
    return address(runs.here, f"prove={runs.here}/prove")


def test_a_key_is_rotated_again_and_again_and_said_to_be_accepted_alone(runs: Runs) -> None:
    assert runs.first(command="plan") == 0, runs.told
    assert f"confirm the write to {address(runs.here)} (accepted, not provable)" in runs.told
    assert runs.first() == 0, runs.told
    (new,) = runs.live
    assert runs.held == new.value, "the bytes of the value, and no more"
    (told,) = runs.report["destinations"]
    assert (told["name"], told["state"]) == (address(runs.here), "confirmed")
    assert told["proof"] == "accepted, not provable"
    note = json.loads(runs.world.github.variables(REPOSITORY)["NEON_API_KEY_ROTATION"])
    assert note["destinations"] == [address(runs.here)]
    assert runs.run() == 0, runs.told
    assert [runs.held] == [one.value for one in runs.live] != [new.value]
    assert runs.run(command="check") == 0, runs.told
    assert runs.run(command="doctor") == 0, runs.told


@pytest.mark.parametrize("text", [COMPARES, PROVES])
def test_with_a_program_that_proves_it_the_plan_and_the_report_say_so(runs: Runs, text: str) -> None:
    to = proved(runs, text)
    assert runs.first(to=to, command="plan") == 0, runs.told
    assert f"confirm the write to {to} (its value, read back)" in runs.told
    assert runs.first(to=to) == 0, runs.told
    assert runs.report["destinations"][0]["proof"] == "its value, read back"
    assert [runs.held] == [one.value for one in runs.live]
    assert runs.run(to=to) == 0, runs.told
    assert [runs.held] == [one.value for one in runs.live]


def policy(runs: Runs, lines: str) -> Path:
    """Write a policy file that asks for a proof."""
    file = runs.folder / "policy.yml"
    file.write_text(
        f"""\
version: 1
credentials:
  - current_key: ${{NEON_API_KEY}}
    old_key_id: {runs.story.old_key.key_id}
    require_proof: true
    destinations:
      - type: command
        program: {runs.here}/put
{lines}"""
    )
    return file


@pytest.mark.parametrize(("text", "code"), [("", 3), (COMPARES, 0), (PROVES, 0)])
def test_a_proof_that_is_required_is_one_of_each_place(runs: Runs, text: str, code: int) -> None:
    script(runs.here / "prove", text)
    lines = f"        prove: {runs.here}/prove\n        timeout: 2m\n        pass: HOME:PATH\n" if text else ""
    given = ["--api-host", runs.world.neon.url, "--report", str(runs.reports), "--policy", str(policy(runs, lines))]
    environment = {**runs.environment, "NEON_API_KEY": runs.held}
    assert cli.main(["rotate", *given], environment) == code, runs.capsys.readouterr().out
    (report,) = runs.reports.glob("*.json")
    reasons = [one["reason"] for one in json.loads(report.read_text())["problems"]]
    assert reasons == ([] if code == 0 else ["destination-not-provable"])
    assert (runs.held == runs.story.old_key.value) is (code == 3)


def test_it_and_github_hold_the_same_key(runs: Runs) -> None:
    both = f"{address(runs.here)},{GITHUB}"
    assert runs.first(to=both) == 0, runs.told
    assert [runs.held, runs.world.github.secret(REPOSITORY, "NEON_API_KEY")] == [runs.live[-1].value] * 2
    assert len(runs.live) == 1


def test_a_program_that_is_not_there_is_told_before_anything_is_asked(runs: Runs) -> None:
    before = len(runs.world.ledger)
    (runs.here / "put").chmod(0o644)
    to = f"{address(runs.here, f'prove={runs.here}/prove&pass=DEPLOY_TOKEN:HOME')}"
    assert runs.first(to=to) == 2
    assert runs.reasons == ["command-missing", "command-missing", "destination-token-missing"]
    assert len(runs.world.ledger) == before


def test_a_program_that_says_that_nothing_changed_lets_the_new_key_die(runs: Runs) -> None:
    script(runs.here / "put", "exit 3\n")
    assert runs.first() == 1, runs.told
    assert runs.reasons == ["command-failed"]
    assert runs.live == [runs.story.old_key]
    (revoked,) = [one for one in runs.world.neon.issued() if one.revoked]
    assert revoked is not runs.story.old_key


def test_after_exit_code_75_both_keys_live_and_the_next_run_ends_it(runs: Runs) -> None:
    script(runs.here / "put", f"{PUT}exit 75\n")
    assert runs.first() == 4, runs.told
    assert "command-undecided" in runs.reasons
    assert len(runs.live) == 2
    script(runs.here / "put", PUT)
    assert runs.run() == 0, runs.told
    assert [runs.held] == [one.value for one in runs.live]


def test_a_key_that_somebody_puts_back_during_the_overlap_is_seen_where_the_program_tells(runs: Runs) -> None:
    to = proved(runs, PROVES)
    assert runs.first("--overlap", "1h", to=to) == 0, runs.told
    new = runs.held
    (runs.here / "held").write_text(runs.story.old_key.value)
    runs.world.clock.advance(2 * 3600)
    assert runs.run(command="sweep", to=to, key=new) == 4
    assert "destination-overwritten" in runs.reasons
    assert not runs.story.old_key.revoked
    assert runs.run(command="sync", to=to, key=new) == 0, runs.told
    assert runs.held == new


def test_what_is_not_proven_holds_the_old_key(runs: Runs) -> None:
    to = proved(runs, "exit 1\n")
    assert runs.first(to=to) == 4, runs.told
    assert "write-not-confirmed" in runs.reasons
    assert len(runs.live) == 2


def test_a_program_hears_which_key_it_is_given(runs: Runs) -> None:
    script(runs.here / "put", f'echo "$NEON_ROTATE_KEY_ID $NEON_ROTATE_FINGERPRINT" >"$HOME/told"\n{PUT}')
    assert runs.first() == 0, runs.told
    (new,) = runs.live
    assert (runs.here / "told").read_text().split() == [str(new.key_id), Secret(new.value).fingerprint]


def test_a_laptop_that_uses_the_old_key_holds_it_after_the_overlap(runs: Runs) -> None:
    assert runs.first("--overlap", "1h") == 0, runs.told
    old, new = runs.story.old_key, runs.held
    runs.world.clock.advance(2 * 3600)
    url = f"{runs.world.neon.url}/users/me"
    assert httpx.get(url, headers={"Authorization": f"Bearer {old.value}"}).status_code == 200
    for _ in range(2):
        assert runs.run(command="sweep", key=new) == 0, runs.told
        assert f"it was used at {old.last_used_at:%F %T} UTC from 127.0.0.1" in runs.told
        assert not old.revoked


def test_a_laptop_that_has_the_new_key_lets_the_old_one_go_after_the_overlap(runs: Runs) -> None:
    assert runs.first("--overlap", "1h") == 0, runs.told
    new = runs.held
    runs.world.clock.advance(2 * 3600)
    url = f"{runs.world.neon.url}/users/me"
    assert httpx.get(url, headers={"Authorization": f"Bearer {new}"}).status_code == 200
    assert runs.run(command="sweep", key=new) == 0, runs.told
    assert runs.story.old_key.revoked


def test_a_program_that_prints_the_key_shows_it_to_nobody(runs: Runs) -> None:
    script(runs.here / "put", 'value=$(cat)\necho "got $value" >&2\nprintf %s "$value" | base64 -w0\nexit 3\n')
    assert runs.first() == 1
    assert 'It said: "got ***' in runs.told
