"""`doctor`: what stands in the way of the next rotation, with nothing changed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rotate.frontends import cli
from rotate.protocol.facts.marker import home_of
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import ORGANIZATION, REPOSITORY, personal, personal_with_minter
from rotate.sandbox.stories import organization as of_organization
from rotate.sandbox.world import World
from tests.support.doctors import GROUP, LOCK, NOTE, PLACE, TIMER, found, hides, only_reads, prepare, ready, warned
from tests.support.resealing import resealed
from tests.support.runner import Runner
from tests.support.stories import tells


def test_where_all_is_well_it_says_so_and_only_reads(world: World, runner: Runner) -> None:
    given = ready(world)
    ended = runner.run(given)
    tells(ended, "unchanged", 0)
    only_reads(world)
    seen = found(ended)
    assert {about: state for about, (state, _) in seen.items()} == {
        "This machine's clock": "in order",
        f"GitHub token for {REPOSITORY}": "not known",
        PLACE: "not known",
        NOTE: "not known",
        LOCK: "in order",
        "`api_key`": "in order",
        GROUP: "in order",
        TIMER: "in order",
    }
    assert seen[PLACE][1].startswith("may read; write is not shown; written ")
    assert (seen[NOTE][1], seen[LOCK][1]) == ("may read; write is not shown; there is none yet", "free")
    assert warned(ended) == []
    assert ended.summary.startswith("## ✅ In order: 8 things looked at, 0 to mend, 3 not known")
    assert "| api_key | in order |" in ended.summary.replace("\\_", "_")
    assert "### What was looked at" in ended.summary
    assert f"  {LOCK}  in order  free" in ended.stdout
    hides(ended, given["INPUT_API_KEY"], given["INPUT_GITHUB_TOKEN"])


def test_a_secret_that_does_not_exist_yet_is_told(world: World, runner: Runner) -> None:
    ended = runner.run(ready(world), secret_name="ANOTHER")
    assert found(ended)[f"github://{REPOSITORY}#ANOTHER"][1].endswith("; nothing is stored yet")


def test_the_note_is_told(world: World, runner: Runner) -> None:
    story = personal(world)
    assert runner.run(story.environment()).code == 0
    ended = runner.run(prepare(world, story.environment_now()), old_key_id=None)
    tells(ended, "unchanged", 0)
    assert "it confirms key " in found(ended)[NOTE][1]


@pytest.mark.parametrize(
    ("unfinished", "told"),
    [(False, "it names no key"), (True, "key 7 is not yet everywhere")],
)
@pytest.mark.parametrize("proven", [True, False])
def test_a_note_of_an_unfinished_rotation_is_told(
    proven: bool, unfinished: bool, told: str, world: World, runner: Runner
) -> None:
    given, at = ready(world), world.clock.now().isoformat()
    key = {"key_id": 7, "name": "seven", "fingerprint": "ab", "at": at}
    older = {"key_id": 6, "fingerprint": None, "superseded_at": at, "revoke_after": at, "drain": False}
    note = {
        "version": 3,
        "lineage": "octo-org-payments-neon-api-key",
        "home": home_of("127.0.0.1", world.github.repository(REPOSITORY).repository_id, "NEON_API_KEY"),
        "pending": key if unfinished else None,
        "confirmed": None,
        "previous": [older] if unfinished else [],
        "destinations": [],
        "unnamed": None,
        "run_url": "",
    }
    text = resealed(json.dumps(note), *([given["INPUT_API_KEY"]] if proven else []))
    world.github.set_variable(REPOSITORY, "NEON_API_KEY_ROTATION", text)
    state, said = found(runner.run(given))[NOTE]
    assert (told if proven else "no value at hand vouches for what it says") in said
    assert (state == "not known") is (not proven or "write is not shown" in said)


def test_a_note_that_cannot_be_read_is_a_problem(world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.set_variable(REPOSITORY, "NEON_API_KEY_ROTATION", "garbled")
    ended = runner.run(given)
    tells(ended, "refused", 3)
    only_reads(world)
    assert ended.reasons == ["note-unreadable"]


def lock(world: World, run_id: int, ends: datetime) -> None:
    """Leave a lock behind."""
    text = {"version": 1, "run_id": run_id, "attempt": 1, "token": "abcdefgh", "expires_at": ends.isoformat()}
    world.github.set_variable(REPOSITORY, "NEON_API_KEY_ROTATION_LOCK", json.dumps({**text, "run_url": ""}))


@pytest.mark.parametrize(
    ("status", "minutes", "reason", "told"),
    [
        ("in_progress", 10, "lock-held", "holds the rotation lock until"),
        ("completed", 10, "lock-stale", "is stale: its run is over"),
        ("in_progress", -10, "lock-stale", "is stale: it ended "),
    ],
)
def test_a_lock_is_held_or_stale(
    status: str, minutes: int, reason: str, told: str, world: World, runner: Runner
) -> None:
    given = ready(world)
    run = world.github.add_run(REPOSITORY, status=status)
    lock(world, run.run_id, world.clock.now() + timedelta(minutes=minutes))
    ended = runner.run(given)
    held = reason == "lock-held"
    tells(ended, "refused" if held else "unchanged", 3 if held else 0)
    only_reads(world)
    assert [*ended.reasons, *warned(ended)] == [reason]
    assert f"run {run.run_id} (attempt 1)" in found(ended)[LOCK][1].lower()
    assert told in found(ended)[LOCK][1]


def test_a_dead_key_is_a_problem(world: World, runner: Runner) -> None:
    ended = runner.run(ready(world), api_key="napi_dead")
    tells(ended, "refused", 3)
    assert ended.reasons == ["api-key-dead"]


def test_a_key_that_no_answer_came_for_is_a_problem(world: World, runner: Runner) -> None:
    given = ready(world)
    world.faults.add(Fault("status", method="GET", path="/auth", code=503, times=None))
    ended = runner.run(given)
    tells(ended, "refused", 3)
    assert found(ended)["`api_key`"][0] == "to mend"


def test_without_a_key_github_alone_is_asked(world: World, runner: Runner) -> None:
    ended = runner.run(ready(world), api_key=None)
    tells(ended, "unchanged", 0)
    assert found(ended)["`api_key`"] == ("not known", "none was given, so Neon was not asked")
    assert {entry.server for entry in world.ledger} == {"github"}


def test_the_key_being_replaced_is_looked_at_beside_its_minter(world: World, runner: Runner) -> None:
    given = prepare(world, personal_with_minter(world).environment())
    ended = runner.run(given)
    state, told = found(ended)["`current_key`"]
    assert (state, told.partition(";")[0]) == ("in order", "it answers 200, and is personal as stated")
    assert runner.run(given, current_key="napi_dead").reasons == ["current-key-dead"]


def test_a_minter_of_an_organization_lists_and_an_organization_key_does_not_issue(world: World, runner: Runner) -> None:
    story = of_organization(world)
    given = prepare(world, story.environment())
    ended = runner.run(given)
    state, told = found(ended)["`api_key`"]
    assert state == "not known"
    assert told.endswith(f"of {ORGANIZATION}; that it may issue there is not shown")
    assert runner.run(given, api_key=story.old_key.value).reasons == ["minter-needed"]
    stranger = world.neon.add_key(world.neon.add_user("eve"), name="eve")
    assert runner.run(given, api_key=stranger.value).reasons == ["minter-needed"]


def test_a_laptop_is_told_the_same(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ready(world)
    laptop = {"GH_TOKEN": given["INPUT_GITHUB_TOKEN"], "GITHUB_API_URL": world.github.url}
    assert cli.main(["doctor", "--repository", REPOSITORY], laptop) == 0
    assert "✅ In order: 8 things looked at, 0 to mend" in capsys.readouterr().out


def test_what_the_next_rotation_would_be_refused_for_is_a_problem(world: World, runner: Runner) -> None:
    given = ready(world)
    for command in ("doctor", "plan"):
        ended = runner.run(given, command=command, old_key_id=None)
        tells(ended, "refused", 3)
        assert ended.reasons == ["old-key-unknown"], command
    assert found(runner.run(given, old_key_id=None))["The next rotation"][0] == "to mend"
