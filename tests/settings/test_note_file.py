"""Whether a file keeps the note and the lock, and which."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rotate.context import Context
from rotate.problems import Problems
from rotate.settings import note_file
from rotate.settings.action_inputs import read_context
from rotate.settings.model import NOTE_FILE
from rotate.settings.note_file import THROWN_AWAY, state_folder
from rotate.system import Keeper, Place
from tests.settings.test_validate import CONTEXT, problems, settings
from tests.support.policies import problems as of_file

HOST = "api.github.com"
APART = "doppler://payments/prd"
HOME = Context(state="/home/anna/.local/state")


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {"HOME": "/home/anna"}, "/home/anna/.local/state"),
        ("linux", {"HOME": "/home/anna", "XDG_STATE_HOME": "/state"}, "/state"),
        ("linux", {"HOME": "/home/anna", "XDG_STATE_HOME": "state"}, "/home/anna/.local/state"),
        ("darwin", {"HOME": "/Users/anna", "XDG_STATE_HOME": "/state"}, "/Users/anna/Library/Application Support"),
        ("win32", {"LOCALAPPDATA": r"C:\Users\anna\AppData\Local"}, r"C:\Users\anna\AppData\Local"),
        ("win32", {"HOME": "/home/anna"}, ""),
        ("linux", {}, ""),
        ("linux", {"HOME": "/home/anna", "CI": "false"}, "/home/anna/.local/state"),
        *(("linux", {"HOME": "/root", name: "true"}, "") for name in THROWN_AWAY),
    ],
)
def test_each_platform_has_a_folder_for_it_and_what_is_thrown_away_has_none(
    platform: str, environment: dict[str, str], folder: str
) -> None:
    assert state_folder(environment, platform) == folder


def test_it_is_read_from_the_environment() -> None:
    assert read_context({"XDG_STATE_HOME": "/state", "HOME": "/root"}).state == "/state"
    assert read_context({"GITHUB_ACTIONS": "true", "HOME": "/root"}).state == ""


def test_where_nothing_else_can_a_file_of_the_machine_keeps_it_named_after_what_it_is_about() -> None:
    keeper = settings(HOME, destinations=APART).keeper
    assert keeper is not None
    path = Path(keeper.where)
    assert (keeper.kind, path.parent) == (NOTE_FILE, Path("/home/anna/.local/state/neon-rotate"))
    assert path.name.startswith("neon_api_key-")
    assert settings(HOME, destinations=APART).kinds == ("doppler",)
    others = [
        settings(HOME, destinations=f"{APART}#OTHER").keeper,
        settings(HOME, destinations=APART, credential="ANOTHER").keeper,
        settings(HOME, destinations="doppler://payments/dev").keeper,
    ]
    assert len({keeper, *others}) == 4
    assert settings(HOME, destinations=f"{APART},doppler://payments/dev").keeper == keeper, "the first place counts"


def test_where_a_runner_is_thrown_away_there_is_nowhere_and_a_file_can_be_named() -> None:
    (problem,) = problems(Context(), destinations=APART)
    assert problem.reason == "input-missing"
    assert "note_file: " in problem.remedy
    assert settings(Context(), destinations=APART, note_file="/n.json").keeper == Keeper(
        NOTE_FILE, "/n.json", NOTE_FILE
    )


def test_github_keeps_it_as_ever_where_it_takes_part_unless_a_file_is_named() -> None:
    """The control: a file that nobody named would leave a user of GitHub without the note that there is."""
    at_home = replace(CONTEXT, state="/home/anna/.local/state")
    for destinations in (None, APART, f"{APART},github://octo-org/a"):
        keeper = settings(at_home, destinations=destinations).keeper
        assert keeper == settings(destinations=destinations).keeper == Keeper("github", "octo-org/payments", HOST)
    by_hand = replace(HOME, repository="")
    for destinations in ("github://octo-org/a", f"{APART},github://octo-org/a"):
        keeper = settings(by_hand, destinations=destinations).keeper
        assert keeper is not None
        assert (keeper.kind, keeper.where) == ("github", "octo-org/a")
    (problem,) = problems(by_hand, destinations=f"{APART},github://orgs/octo-org")
    assert problem.reason == "input-missing"
    named = settings(note_file="notes/n.json")
    assert named.keeper == Keeper(NOTE_FILE, str(Path.cwd() / "notes/n.json"), NOTE_FILE)


@pytest.mark.parametrize("text", ["~/n.json", "a\x07b"])
def test_what_is_no_path_is_told(text: str) -> None:
    (problem,) = problems(note_file=text)
    assert (problem.reason, "`note_file` is `" in problem.message) == ("input-invalid", True)


def test_a_policy_file_has_one_for_each_credential(tmp_path: Path) -> None:
    text = "version: 1\ncredentials:\n"
    for name in ("A", "B"):
        text += f"  - name: {name}\n    note_file: {tmp_path}/n.json\n    current_key: ${{{name}}}\n"
        text += f"    destinations: [{{to: 'github://octo-org/{name}'}}]\n"
    told = [one.message for one in of_file(text)]
    assert any("`note_file`" in one and "A" in one for one in told), told


def test_it_is_no_file_of_a_destination_and_each_checkout_has_its_own() -> None:
    """The control: the same address in two folders means two files, and so two notes."""
    place = Place("file", "file:.env#NEON_API_KEY", ("file:.env#NEON_API_KEY",))
    taken = Problems()
    note_file.keeper({"note_file": ".env"}, [place], "NEON_API_KEY", Context(workspace="/app"), taken)
    (problem,) = [problem for _, problem in taken.found]
    assert "which the note would overwrite" in problem.message
    clear = Problems()
    note_file.keeper({"note_file": "note.json"}, [place], "NEON_API_KEY", Context(workspace="/app"), clear)
    assert not clear.found
    names = {note_file.name_of(place, "NEON_API_KEY", Context(workspace=folder)) for folder in ("/app", "/web")}
    assert len(names) == 2


def test_no_destination_has_the_name_of_a_note_that_lies_beside_it() -> None:
    """The control: GitHub's variables are no secrets, so that a name may be the same there."""
    first = "gitlab://project/octo/payments"
    keeper = settings(Context(), destinations=first).keeper
    assert keeper is not None
    assert (keeper.kind, keeper.where) == ("gitlab", f"{first}#NEON_API_KEY")
    for end in note_file.ENDS:
        (problem,) = problems(Context(), destinations=f"{first},{first}#NEON_API_KEY{end}")
        assert "has the name of a note or a lock" in problem.message
    assert settings(destinations=f"{first},{first}#NEON_API_KEY_ROTATION").keeper == Keeper(
        "github", "octo-org/payments", HOST
    )
