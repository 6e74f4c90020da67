"""A laptop without any GitHub rotates again and again; the note lies in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.benches import BENCHES
from tests.support.laptop import Laptop


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    """One that reaches a service and Neon alone."""
    with BENCHES["doppler"]() as bench:
        found = Laptop(bench, capsys, tmp_path)
        found.environment = {**found.web.environment, "HOME": str(tmp_path / "home")}
        yield found


def notes(laptop: Laptop) -> list[Path]:
    return list((laptop.folder / "home/.local/state/neon-rotate").glob("*.json"))


def test_the_state_folder_keeps_the_note_from_run_to_run(laptop: Laptop) -> None:
    assert laptop.run(command="plan", key=laptop.held) == 3, "the first run must be told which key it replaces"
    assert not (laptop.folder / "home").exists()
    assert laptop.first() == 0, laptop.told
    (note,) = notes(laptop)
    kept = json.loads(note.read_text())
    (new,) = laptop.live
    assert (kept["confirmed"]["key_id"], kept["destinations"]) == (new.key_id, [laptop.here])
    assert new.value not in note.read_text()
    assert not note.with_name(f"{note.name}.lock").exists()
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live] != [new.value]
    for command in ("check", "plan", "doctor"):
        assert laptop.run(command=command) == 0, laptop.told
    assert str(note) in laptop.told
    assert laptop.world.ledger.count(server="github") == 0


def test_a_named_file_keeps_it_and_another_one_knows_nothing(laptop: Laptop) -> None:
    here, there = (str(laptop.folder / name / "note.txt") for name in ("here", "there"))
    assert laptop.first("--note-file", here) == 0, laptop.told
    assert laptop.run("--note-file", here) == 0, laptop.told
    assert not notes(laptop)
    assert laptop.run("--note-file", there) == 3
    assert laptop.reasons == ["old-key-unknown"]


def test_after_an_exposure_what_stood_in_the_notes_place_is_kept_beside_it(laptop: Laptop) -> None:
    assert laptop.first() == 0
    (note,) = notes(laptop)
    note.write_text("scribble")
    old = laptop.live[0]
    assert laptop.run() == 3
    assert laptop.reasons == ["note-unreadable"]
    named = ("--exposed", "--reason", "seen in a log", "--exposed-key-id", str(old.key_id))
    assert laptop.run(*named) in (0, 4), laptop.told
    assert old.revoked
    assert note.with_name(f"{note.name}.bad").read_text() == "scribble"


def test_in_a_runner_that_is_thrown_away_nothing_is_begun(laptop: Laptop) -> None:
    laptop.environment["CI"] = "true"
    assert laptop.first() == 2
    assert "note_file: " in laptop.told or "--note-file" in laptop.told
    assert not notes(laptop)
