"""One value of a file is replaced and everything else of it stays; what is no plain value of our own is refused."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.edit import disk
from rotate.edit.disk import Original
from rotate.edit.trouble import Changed
from rotate.errors import DestinationError, Outcome
from rotate.machine import this_machine
from rotate.secret import Secret
from rotate.systems.file.value import FileValue
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.files import refused
from tests.systems.file.bench import PLAIN

NEW = Secret("napi_new_value_0123456789")


def opened(file: Path, where: str = NAME, form: str = "", **more: bool) -> FileValue:
    """Open a place as a run does."""
    text = f"file:{file}{form and '?format=' + form}#{where}"
    return FileValue(parsed(text), means_of(os.environ), **more)


def rotated(place: FileValue) -> None:
    before = place.observe()
    place.confirm(before, place.put(NEW))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_text(PLAIN)
    file.chmod(0o600)
    return file


FORMATS = [
    (".env", PLAIN, NAME, ""),
    ("values.yaml", f"# helm\nneon: &n\n    apiKey:   '{BEFORE}'  # why\n    list: [1, 2]\n", "neon.apiKey", ""),
    (
        "compose.yml",
        f"services:\n  web:\n    environment:\n      {NAME}: {BEFORE}\n",
        f"services.web.environment.{NAME}",
        "",
    ),
    ("config.json", f'{{"a": [{{"key": "{BEFORE}"}}, 1],\n\t"b": null}}', "a[0].key", ""),
    ("pyproject.toml", f'[tool.neon]\nkey = "{BEFORE}" # c\n', "tool.neon.key", ""),
    ("terraform.tfvars", f'neon_api_key = "{BEFORE}"\n', "neon_api_key", ""),
    ("terraform.tfvars.json", f'{{"neon_api_key": "{BEFORE}"}}', "neon_api_key", ""),
    (".zshrc", f"alias a=b\nexport {NAME}={BEFORE}\n", NAME, ""),
    ("app.properties", f"neon.api.key={BEFORE}\r\nb=1\r\n", "neon.api.key", ""),
    ("settings", f"[main]\nkey = {BEFORE}\n", "main.key", "ini"),
]


@pytest.mark.parametrize(("name", "text", "where", "form"), FORMATS, ids=[one[0] for one in FORMATS])
def test_one_value_is_replaced_and_every_other_byte_stays(
    name: str, text: str, where: str, form: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(text.encode())
    rotated(opened(file, where, form))
    assert file.read_bytes() == text.replace(BEFORE, NEW.reveal()).encode()


def test_a_name_that_is_missing_is_absent_and_added_where_that_is_meant(file: Path) -> None:
    place = opened(file, "NEW_NAME")
    assert place.observe().mark is None
    assert place.put(NEW).created
    assert file.read_text() == f"{PLAIN}\nNEW_NAME={NEW.reveal()}\n"


def test_whether_a_key_fits_there_is_tried_before_one_is_issued(file: Path) -> None:
    shell = file.with_name("env.sh")
    shell.write_text(f'export {NAME}=na"p"i\n')
    assert "several parts" in refused(opened(shell).observe, "file-not-editable").message
    chart = file.with_name("values.yaml")
    chart.write_text("neon: 1\n")
    refused(opened(chart, "neon.apiKey", creates=True).observe, "file-not-creatable")
    assert opened(chart, "neon.apiKey").observe().mark is None, "nobody asked for it to be created"
    assert (shell.read_text(), chart.read_text()) == (f'export {NAME}=na"p"i\n', "neon: 1\n")


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    refused(opened(tmp_path / ".env").observe, "file-absent")


def test_mode_and_owner_are_flags(file: Path) -> None:
    place = opened(file)
    before = place.observe()
    receipt = place.put(NEW)
    file.chmod(0o644)
    with pytest.raises(DestinationError, match="not as it was before the write: mode"):
        place.confirm(before, receipt)


@pytest.mark.parametrize("text", ["${OTHER}", "op://vault/neon/key", "$OTHER"])
def test_a_reference_is_not_overwritten(text: str, file: Path) -> None:
    file.write_text(f"{NAME}={text}\n")
    refused(opened(file).observe, "destination-refers")


def test_two_of_a_name_are_refused_with_their_lines(file: Path) -> None:
    file.write_text(f"{NAME}=napi_a\nX=1\n{NAME}=napi_b\n")
    assert "lines 1, 3" in refused(opened(file).observe, "destination-ambiguous").message


def test_what_is_wrong_with_a_text_is_told_with_the_place(file: Path) -> None:
    broken = file.with_name("a.json")
    broken.write_text('{"a": ')
    assert (
        f"file:{broken}#a: The file cannot be read as"
        in refused(opened(broken, "a").observe, "file-not-readable").message
    )


@pytest.mark.parametrize(
    ("name", "text", "where", "how"),
    [
        (".env", f'DOTENV_PUBLIC_KEY="03"\n{NAME}="encrypted:BE"\n', NAME, f"dotenvx set {NAME} -f "),
        ("vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6330\n", "neon.key", "ansible-vault edit "),
        (
            "vars.yml",
            f"{NAME}: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6330\n",
            NAME,
            f"ansible-vault encrypt_string --prompt --name {NAME}",
        ),
    ],
)
def test_what_another_program_encrypts_is_refused_with_a_command_that_takes_no_value(
    name: str, text: str, where: str, how: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text)
    assert how in refused(opened(file, where).observe, "file-encrypted").remedy
    assert file.read_text() == text


@pytest.fixture
def tracked(file: Path) -> Path:
    """The file, in a checkout that keeps it."""
    environment = {"PATH": os.environ["PATH"]}
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *words], cwd=file.parent, check=True, env=environment)
    return file


def test_a_file_that_git_keeps_is_refused_unless_that_is_meant(tracked: Path) -> None:
    assert "allow_tracked: true" in refused(opened(tracked).observe, "file-tracked").remedy
    assert tracked.read_text() == PLAIN
    rotated(opened(tracked, allow_tracked=True))
    assert NEW.reveal() in tracked.read_text()


def test_what_may_not_be_written_is_known_before_a_key_is_issued(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").hardlink_to(file)
    refused(opened(file).observe, "file-not-writable")


def told(place: FileValue) -> list[str]:
    return [one.reason for one in place.cautions()]


@pytest.mark.parametrize(("mode", "shown"), [(0o600, False), (0o640, True), (0o644, True)])
def test_a_file_that_others_may_read_is_told_and_stays(mode: int, shown: bool, file: Path) -> None:
    file.chmod(mode)
    place = opened(file)
    place.observe()
    assert told(place) == ["file-shown"] * shown
    place.put(NEW)
    assert told(place) == ["file-shown"] * shown + ["restart-by-hand"]
    assert file.stat().st_mode & 0o777 == mode
    assert all(str(file) in one.remedy for one in place.cautions())


def test_on_windows_the_mode_says_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o666)
    windows = this_machine(os.environ)._replace(platform="win32")
    monkeypatch.setattr("rotate.systems.file.value.this_machine", lambda _: windows)
    place = opened(file)
    place.observe()
    assert told(place) == []


def meanwhile(monkeypatch: pytest.MonkeyPatch, write: Callable[[int], None]) -> list[int]:
    """Let somebody write right before each rename; gives how often that was."""
    calls: list[int] = []
    as_it_is = disk.compare

    def late(original: Original) -> None:
        calls.append(len(calls))
        write(calls[-1])
        as_it_is(original)

    monkeypatch.setattr(disk, "compare", late)
    return calls


def test_a_file_that_changed_meanwhile_is_read_again_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = opened(file)
    before = place.observe()

    def write(number: int) -> None:
        if not number:
            file.write_text(f"THEIRS=1\n{file.read_text()}")

    calls = meanwhile(monkeypatch, write)
    place.confirm(before, place.put(NEW))
    assert len(calls) == 2
    assert file.read_text() == "THEIRS=1\n" + PLAIN.replace(BEFORE, NEW.reveal())


def test_a_file_that_changes_again_and_again_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = opened(file)
    place.observe()
    calls = meanwhile(monkeypatch, lambda number: void(file.write_text(f"THEIRS={number}\n{file.read_text()}")))
    with pytest.raises(Changed) as raised:
        place.put(NEW)
    assert (raised.value.outcome, len(calls)) == (Outcome.NO_EFFECT, 2)
    assert file.read_text() == f"THEIRS=1\nTHEIRS=0\n{PLAIN}"


def void(_: object) -> None:
    """Drop what a write gives back."""


def test_a_value_that_somebody_else_wrote_meanwhile_is_not_overwritten(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened(file)
    place.observe()
    theirs = PLAIN.replace(BEFORE, "napi_theirs")
    meanwhile(monkeypatch, lambda _: void(file.write_text(theirs)))
    refused(lambda: place.put(NEW), "destination-changed")
    assert file.read_text() == theirs
