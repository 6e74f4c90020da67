"""`local apply` and `local pull`: the standing key where a superseded one lay, and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest

from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import personal
from tests.support.desk import Desk

UNKNOWN = "napi_sandbox" + "u" * 57


def keys(desk: Desk) -> tuple[StoredKey, StoredKey, StoredKey]:
    """A key that stands, one that died, and another that lives."""
    story = personal(desk.world)
    dead, other = (desk.world.neon.add_key(story.old_key.user, name=name) for name in ("dead", "other"))
    desk.world.neon.revoke(dead.key_id)
    return story.old_key, dead, other


def test_the_standing_key_takes_the_place_of_dead_ones_alone_and_once(desk: Desk) -> None:
    standing, dead, other = keys(desk)
    for name, key in (("a", dead), ("b", other), ("c", standing), ("script", dead), ("diary", dead)):
        desk.lay(name, key.value)
    assert desk.run("apply", "--yes", key=standing.value) == 0
    assert [desk.on(name) for name in ("a", "b", "c")] == [standing.value, other.value, standing.value]
    assert [desk.on(name) for name in ("script", "diary")] == [dead.value, dead.value]
    assert desk.report["why"] == "the standing key was written to 1 place, 1 place to mend by hand"
    assert (desk.keys["a"]["liveness"], desk.keys["a"]["todo"]) == ("alive", "done: it holds the standing key now")
    assert "1 place of this machine holds the standing key" in desk.report["state"]
    assert desk.run("apply", key=standing.value) == 0, "nothing is left to ask for"
    assert desk.report["state"] == "Nothing was changed."


def test_real_files_are_written_byte_by_byte(desk: Desk) -> None:
    standing, dead, _ = keys(desk)
    path = desk.home / "app, one/.env"
    path.parent.mkdir()
    path.write_text(f"A=1\r\nexport NEON_API_KEY='{dead.value}' # mine\r\n")
    assert desk.run("apply", "--yes", key=standing.value) == 0
    assert path.read_bytes() == f"A=1\r\nexport NEON_API_KEY='{standing.value}' # mine\r\n".encode()


def test_a_key_that_is_dead_is_written_nowhere(desk: Desk) -> None:
    _, dead, _ = keys(desk)
    desk.lay("a", UNKNOWN)
    assert desk.run("apply", "--yes", key=dead.value) == 3
    assert (desk.reasons, desk.on("a")) == (["local-key-dead"], UNKNOWN)
    assert desk.run("apply", "--yes") == 2, "a key must be given"


def test_nobody_who_cannot_be_asked_has_agreed(desk: Desk) -> None:
    standing, dead, _ = keys(desk)
    desk.lay("a", dead.value)
    assert desk.run("apply", key=standing.value) == 3
    assert (desk.reasons, desk.on("a")) == (["local-not-agreed"], dead.value)
    assert "paper://a" in desk.told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("YES\n", 0), ("\n", 3), ("no\n", 3), ("", 3)])
def test_a_person_at_a_terminal_is_asked(answer: str, code: int, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    standing, dead, _ = keys(desk)
    desk.lay("a", dead.value)
    out = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stdout", out)
    assert desk.run("apply", key=standing.value) == code
    assert "Write it there? [y/N]" in out.getvalue()
    assert not [one for one in desk.values if one in out.getvalue()]
    assert desk.on("a") == (standing.value if code == 0 else dead.value)


def test_one_that_fails_does_not_stop_the_next(desk: Desk) -> None:
    standing, dead, _ = keys(desk)
    for name in ("torn", "whole"):
        desk.lay(name, dead.value)
    assert desk.run("apply", "--yes", key=standing.value) == 4
    assert [desk.on(name) for name in ("torn", "whole")] == [dead.value, standing.value]
    assert desk.keys["torn"]["todo"] == "not written: The paper is torn."
    assert "1 place may still hold a superseded one" in desk.report["state"]


def test_what_changed_since_it_was_found_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    standing, dead, other = keys(desk)
    path = desk.lay("a", dead.value)
    desk.lay("b", dead.value)

    def meanwhile(*_: object) -> bool:
        path.write_text(other.value)
        (desk.home / "papers/b").write_text(standing.value)
        return True

    monkeypatch.setattr("rotate.frontends.local.Person.agrees", meanwhile)
    assert desk.run("apply", key=standing.value) == 4
    assert (desk.reasons, desk.on("a"), desk.on("b")) == (["local-changed"], other.value, standing.value)


def test_a_laptop_follows_a_rotation_elsewhere(desk: Desk) -> None:
    standing, dead, _ = keys(desk)
    desk.lay("vault", standing.value)
    desk.lay("a", dead.value)
    assert desk.run("pull", "--from", "paper://vault", "--yes") == 0
    assert desk.on("a") == standing.value


def test_pull_writes_the_places_that_are_named(desk: Desk) -> None:
    standing, dead, other = keys(desk)
    for name, key in (("vault", standing), ("a", dead), ("b", other), ("c", standing), ("torn", dead)):
        desk.lay(name, key.value)
    pull = ("pull", "--from", "paper://vault", "--yes", "--destinations")
    assert desk.run(*pull, "paper://b,paper://c") == 0
    assert [desk.on(name) for name in "abc"] == [dead.value, standing.value, standing.value]
    assert desk.run(*pull, "paper://torn") == 4
    assert desk.run(*pull, "paper://c") == 0
    assert desk.report["why"] == "nothing was to be written"
    assert desk.run(*pull[:3], "--destinations", "paper://a") == 3
    assert (desk.reasons, desk.on("a")) == (["local-not-agreed"], dead.value)


@pytest.mark.parametrize(
    ("address", "variables", "code", "reason"),
    [
        ("paper://blank", {}, 2, "local-not-shown"),
        ("paper://missing", {}, 2, "local-not-shown"),
        ("github://octo-org/payments", {"GITHUB_TOKEN": "ghp_" + "x" * 36}, 2, "local-not-shown"),
        ("paper://nameless", {}, 2, "address-invalid"),
        ("nonsense", {}, 2, "address-invalid"),
        ("paper://vault", {"DRY": "1"}, 1, "token-missing"),
    ],
)
def test_what_shows_no_value_is_refused(
    address: str, variables: dict[str, str], code: int, reason: str, desk: Desk
) -> None:
    desk.lay("blank", UNKNOWN)
    desk.lay("vault", UNKNOWN)
    assert desk.run("pull", "--from", address, "--yes", **variables) == code
    assert desk.reasons == [reason]
