"""Keys in the files of a machine: what holds each, which address would write it, and what a person does otherwise."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from rotate.errors import RotateError
from rotate.machine import Machine, Sighting, Watch
from rotate.secret import Secret
from rotate.systems.file.holders import holder
from rotate.systems.file.sightings import sightings

KEY = "napi_sandbox" + "k" * 57


class Heard(Watch):
    def __init__(self) -> None:
        self.files = 0
        self.missed: list[RotateError] = []

    def passed(self, files: int) -> None:
        self.files += files

    def left_out(self, what: RotateError) -> None:
        self.missed.append(what)


def look(home: Path, platform: str = "linux") -> tuple[list[Sighting], Heard]:
    hidden, heard = list[Secret](), Heard()
    seen = [*sightings(Machine(home, home, {}, platform, watch=heard), hidden.append)]
    assert [one.value for one in seen] == hidden, "each is hidden before it is given"
    return seen, heard


def put(home: Path, name: str, text: str) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_value_that_stands_alone_has_an_address(tmp_path: Path) -> None:
    put(tmp_path, ".env", f"A=1\nNEON_API_KEY={KEY}\n")
    put(tmp_path, "app/settings.json", f'{{"neon": {{"keys": ["x", "{KEY}"]}}}}')
    seen, heard = look(tmp_path)
    told = {(one.line, one.what, one.address.removeprefix(f"file:{tmp_path}/"), one.remedy) for one in seen}
    assert told == {
        (2, "an environment file", ".env#NEON_API_KEY", ""),
        (1, "a file (json)", "app/settings.json#neon.keys.1", ""),
    }
    assert heard.files == 2
    assert all(one.general and not one.past for one in seen)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", f'{{"a": "Bearer {KEY}"}}'),
        ("b.json", f'{{"a": "{KEY}"'),
        ("script.py", f"key = '{KEY}'"),
        (".env", f"A={KEY}\nA={KEY}\n"),
    ],
    ids=["a part of a value", "no json", "no format", "one name twice"],
)
def test_what_cannot_be_written_says_what_to_do(name: str, text: str, tmp_path: Path) -> None:
    put(tmp_path, name, text)
    seen, _ = look(tmp_path)
    assert {(one.address, f"in line {one.line};" in one.remedy) for one in seen} == {("", True)}


def test_a_program_that_keeps_its_own_file_is_to_be_given_the_key(tmp_path: Path) -> None:
    (tmp_path / "state.vscdb").write_bytes(b"SQLite\0" + KEY.encode() + b"\0")
    ((one,), _) = look(tmp_path)
    assert (one.address, "give that program the new key" in one.remedy) == ("", True)


def test_terraforms_state_and_histories_are_never_written(tmp_path: Path) -> None:
    put(tmp_path, "terraform.tfstate", f'{{"key": "{KEY}"}}')
    put(tmp_path, ".bash_history", f"ls\nneon --api-key {KEY}\n")
    put(tmp_path, ".local/share/fish/fish_history", f"- cmd: {KEY}\n")
    put(tmp_path, ".zsh_history", f": 1:0;{KEY}\n")
    seen = {one.what: one for one in look(tmp_path)[0]}
    assert {one.address for one in seen.values()} == {""}
    assert "terraform apply" in seen["Terraform state"].remedy
    assert "sed -i '2d'" in seen["bash's history"].remedy
    assert "history delete" in seen["fish's history"].remedy
    assert "remove line 1" in seen["zsh's history"].remedy
    assert {name: one.past for name, one in seen.items()} == {
        "Terraform state": False,
        "bash's history": True,
        "fish's history": True,
        "zsh's history": True,
    }


def test_what_was_not_searched_is_told(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"\0" * 100_000)
    _, heard = look(tmp_path)
    ((reason, message),) = [(one.reason, one.message) for one in heard.missed]
    assert (reason, message) == (
        "local-not-searched",
        f"Not searched: 1 path, no text, and searched only in the first 64 KiB; the first is {tmp_path}/film.",
    )


POWERSHELL = "C:/Users/ann/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"


@pytest.mark.parametrize(
    ("path", "platform", "what"),
    [
        (PurePosixPath("/h/.bashrc"), "linux", "a shell's profile"),
        (PurePosixPath("/h/.config/fish/config.fish"), "linux", "a shell's profile"),
        (PurePosixPath("/h/.config/powershell/Microsoft.PowerShell_profile.ps1"), "darwin", "a shell's profile"),
        (PureWindowsPath("C:/h/Documents/PowerShell/microsoft.powershell_PROFILE.ps1"), "win32", "a shell's profile"),
        (PureWindowsPath(POWERSHELL), "win32", "PowerShell's history"),
        (PureWindowsPath(POWERSHELL.lower()), "win32", "PowerShell's history"),
        (PurePosixPath("/h/.BASH_HISTORY"), "darwin", "bash's history"),
        (PurePosixPath("/h/.BASH_HISTORY"), "linux", "a file"),
        (PurePosixPath("/h/.npmrc"), "linux", "npm's settings"),
        (PurePosixPath("/h/.docker/config.json"), "linux", "Docker's settings"),
        (PurePosixPath("/h/other/config.json"), "linux", "a file (json)"),
        (PurePosixPath("/h/prod.tfvars"), "linux", "Terraform variables"),
        (PurePosixPath("/h/prod.auto.tfvars.json"), "linux", "Terraform variables"),
        (PurePosixPath("/h/terraform.tfstate.backup"), "linux", "Terraform state"),
        (PurePosixPath("/h/docker-compose.prod.yml"), "linux", "a Compose file"),
        (PurePosixPath("/h/compose.yaml"), "linux", "a Compose file"),
        (PurePosixPath("/h/.env.production"), "linux", "an environment file"),
        (PurePosixPath("/h/ci.env"), "linux", "an environment file"),
    ],
    ids=str,
)
def test_what_a_file_is_its_name_tells(path: PurePosixPath | PureWindowsPath, platform: str, what: str) -> None:
    assert holder(path, platform).what == what
