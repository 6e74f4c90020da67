"""`local rotate`: a rotation into every place that holds the key, with the note in a file and no GitHub."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from rotate.frontends import local, session
from rotate.sandbox.stories import personal
from tests.support.desk import Desk


def test_the_key_is_rotated_wherever_it_lies_and_its_note_tells_find(desk: Desk) -> None:
    old = personal(desk.world).old_key
    for name in ("a", "b", "script"):
        desk.lay(name, old.value)
    (desk.home / ".env").write_text(f"K={old.value}\n")
    assert desk.run("rotate", "--yes", "--old-key-id", str(old.key_id), key=old.value) == 0, desk.told
    assert desk.report["status"] == "rotated"
    new = desk.on("a")
    assert (new != old.value, desk.on("b"), (desk.home / ".env").read_text()) == (True, new, f"K={new}\n")
    assert "papers/script:1 (a paper)" in desk.told
    assert not desk.world.neon.is_live(old.value)
    assert desk.world.ledger.count(server="github") == 0
    assert [path.name for path in (desk.home / ".local/state/neon-rotate").glob("*.json")] == [
        "local-neon_api_key.json"
    ]
    assert desk.run("find", "--probe", key=new) == 3
    told = {name: (row["role"], row["key_id"] is not None, row["liveness"]) for name, row in desk.keys.items()}
    assert told["a"] == ("current", True, "alive")
    assert told["script"][2] == "dead"
    desk.lay("late", old.value)
    assert desk.run("rotate", "--yes", key=new) == 0, "the note tells which key it is, wherever it lies"


def test_a_dry_run_asks_nobody_and_changes_nothing(desk: Desk) -> None:
    old = personal(desk.world).old_key
    desk.lay("a", old.value)
    assert desk.run("rotate", "--dry-run", "--old-key-id", str(old.key_id), key=old.value) == 0
    assert (desk.report["status"], desk.on("a")) == ("planned", old.value)


def test_nothing_is_rotated_without_a_word_a_place_or_a_key(desk: Desk) -> None:
    old = personal(desk.world).old_key
    assert desk.run("rotate", "--yes", key=old.value) != 0
    assert "local-nowhere" in desk.reasons
    desk.lay("a", old.value)
    assert desk.run("rotate", key=old.value) != 0
    assert "local-not-agreed" in desk.reasons
    assert desk.run("rotate", "--yes") == 2
    assert (desk.on("a"), desk.world.neon.is_live(old.value)) == (old.value, True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Slow:
    """A clock that a test moves."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_long_search_says_how_far_it_is_in_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told, clock = Terminal(), Slow()
    monkeypatch.setattr(sys, "stderr", told)
    around = type("Around", (), {"clock": clock, "scrub": staticmethod(str)})()
    person = local.Person(around, yes=True)
    person.hear(10)
    assert told.getvalue() == "", "what is quick says nothing"
    for clock.now in (2.0, 2.1, 2.3):
        person.hear(int(clock.now * 1000))
    assert told.getvalue() == "\r2,000 files looked at … \r2,300 files looked at … "
    person.alone()
    person.alone()
    assert told.getvalue().endswith(f"… {local.CLEARED}")
    assert session.guarded(lambda: 1) == 1


@pytest.mark.parametrize("asked", [["local"], ["local", "--probe"], ["find"], [], ["local", "-h"], ["local", "apply"]])
def test_local_alone_means_find(asked: list[str]) -> None:
    bare = asked in (["local"], ["local", "--probe"])
    assert local.with_find(asked) == (["local", "find", *asked[1:]] if bare else asked)


def test_a_note_that_cannot_be_read_is_told(desk: Desk, tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    note.write_text("{")
    assert desk.run("find", "--note-file", str(note)) == 0
    assert [one["reason"] for one in desk.report["warnings"]] != []


def test_a_repository_that_is_named_keeps_the_note(desk: Desk) -> None:
    story = personal(desk.world)
    desk.lay("a", story.old_key.value)
    token = story.inputs["github_token"]
    given = ("--yes", "--repository", story.repository, "--old-key-id", str(story.old_key.key_id))
    code = desk.run("rotate", *given, key=story.old_key.value, GITHUB_TOKEN=token, GITHUB_API_URL=desk.world.github.url)
    assert code == 0, desk.told
    assert desk.on("a") != story.old_key.value
    assert not (desk.home / ".local/state").exists()
