"""A key in a client's file on disk: what is written, what is refused, and that no other byte moves."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.edit import disk
from rotate.errors import DestinationError, Refused, RotateError
from rotate.secret import Secret
from rotate.systems.mcp.entry import Entry
from rotate.systems.mcp.system import SYSTEM
from tests.support.bench import means_of
from tests.systems.mcp.bench import CODEX, CURSOR, KEY, OTHER, Home

NEW = Secret("napi_" + "n3w4" * 16)
GOOSE = """\
extensions: # of Goose
  Neon:
    type: streamable_http
    uri: https://mcp.neon.tech/mcp
    headers:
      Authorization: 'Bearer @KEY@'   # Neon's
"""
PLACES = {
    "mcp://cursor#Neon": (".cursor/mcp.json", CURSOR),
    "mcp://cursor": (".cursor/mcp.json", CURSOR),
    "mcp://cursor?scope=project#Neon": ("shop/.cursor/mcp.json", CURSOR),
    "mcp://codex#Neon": (".codex/config.toml", CODEX),
    "mcp://codex?scope=project": ("shop/.codex/config.toml", CODEX),
    "mcp://goose#Neon": (".config/goose/config.yaml", GOOSE),
    "mcp://claude-code?project=/home/ada/shop#Neon": (
        ".claude.json",
        '{"projects": {"/home/ada/shop": {"mcpServers": {"Neon": {"args": ["--header", "Authorization: @KEY@"]}}}}}',
    ),
    "mcp://vscode-settings#Neon": (
        ".config/Code/User/settings.json",
        '{"editor.tabSize": 2, "mcp": {"servers": {"Neon": {"env": {"NEON_API_KEY": "@KEY@"}}}}} // mine',
    ),
    "mcp://github-copilot-cli?scope=project#Neon": (
        "shop/.vscode/mcp.json",
        '{"servers": {"Neon": {"headers": {"Authorization": "Bearer @KEY@"}}}}',
    ),
    "mcp://opencode#Neon": (
        ".config/opencode/opencode.jsonc",
        '{"mcp": {"Neon": {"command": ["npx", "@neondatabase/mcp-server-neon", "start", "@KEY@"]}}}',
    ),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def rotated(entry: Entry) -> None:
    before = entry.observe()
    assert entry.confirm(before, entry.put(NEW)) == entry.written()


def refused(entry: Entry) -> RotateError:
    with pytest.raises(Refused) as raised:
        entry.observe()
    said = f"{raised.value.message} {raised.value.remedy}"
    assert KEY not in said
    assert OTHER not in said
    return raised.value


@pytest.mark.parametrize("address", PLACES)
def test_the_key_is_replaced_and_every_other_byte_stays(address: str, home: Home) -> None:
    path, text = PLACES[address]
    file = home.put(path, text)
    file.chmod(0o640)
    before = file.read_bytes()
    rotated(home.opened(address))
    assert file.read_bytes() == before.replace(KEY.encode(), NEW.reveal().encode())
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(file.parent.iterdir()) == sorted({file, *(file.parent.glob("shop"))})


def test_the_persons_file_and_the_projects_are_two_places(home: Home) -> None:
    own, project = home.put(".cursor/mcp.json", CURSOR), home.put("shop/.cursor/mcp.json", CURSOR)
    rotated(home.opened("mcp://cursor?scope=project#Neon"))
    assert (KEY in own.read_text(), KEY in project.read_text()) == (True, False)


def test_a_server_that_is_not_there_is_refused_with_those_that_are(home: Home) -> None:
    entry = home.opened("mcp://cursor#neon")
    assert str(home.path / ".cursor/mcp.json") in refused(entry).message
    home.put(".cursor/mcp.json", CURSOR)
    error = refused(entry)
    assert (error.reason, "It has `other`, `Neon`." in error.message) == ("destination-absent", True)
    home.put(".cursor/mcp.json", '{"mcpServers": {"other": {"url": "x"}}}')
    error = refused(home.opened("mcp://cursor"))
    assert "no server of https://mcp.neon.tech/mcp" in error.message


def test_nothing_is_created_even_where_it_is_asked_for(home: Home) -> None:
    entry = home.opened("mcp://cursor#Neon")
    refused(entry)
    with pytest.raises(DestinationError) as raised:
        entry.put(NEW)
    assert raised.value.reason == "destination-absent"
    assert not (home.path / ".cursor").exists()


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ('{"mcpServers": {"Neon": {"url": "https://mcp.neon.tech/mcp"}}}', "mcp-no-key", "OAuth"),
        ('{"mcpServers": {"Neon": {"env": {"NEON_API_KEY": "${env:NEON}"}}}}', "destination-refers", "${env:NEON}"),
        (
            '{"mcpServers": {"Neon": {\n"env": {"NEON_API_KEY": "@KEY@"}, "headers": {"Authorization": "@KEY@"}}}}',
            "destination-ambiguous",
            "2 places",
        ),
        (
            '{"mcpServers": {"Neon": {"env": {"NEON_API_KEY": "@KEY@"}},\n"Neon": {"env": {"NEON_API_KEY": "@KEY@"}}}}',
            "destination-ambiguous",
            "line 2",
        ),
        ('{"mcpServers": {"Neon": {"headers": {"Authorization": "@KEY@"}}', "file-not-readable", ".cursor/mcp.json"),
        ("[]", "destination-absent", "no server `Neon`"),
    ],
)
def test_what_is_not_clear_is_left_alone(text: str, reason: str, said: str, home: Home) -> None:
    file = home.put(".cursor/mcp.json", text)
    before = file.read_bytes()
    error = refused(home.opened("mcp://cursor#Neon"))
    assert (error.reason, said in error.message) == (reason, True), error.message
    assert file.read_bytes() == before


def test_two_servers_of_neon_are_named_where_none_is_meant(home: Home) -> None:
    one = '{"url": "https://mcp.neon.tech/mcp", "headers": {"Authorization": "Bearer @KEY@"}}'
    home.put(".cursor/mcp.json", f'{{"mcpServers": {{"Neon": {one}, "neon-ro": {one}}}}}')
    error = refused(home.opened("mcp://cursor"))
    assert error.reason == "destination-ambiguous"
    assert "`#Neon`" in error.message
    assert "`#neon-ro`" in error.message
    rotated(home.opened("mcp://cursor#neon-ro"))


def test_of_one_name_in_two_files_neither_is_guessed(home: Home) -> None:
    text = '{"mcp": {"Neon": {"headers": {"Authorization": "Bearer @KEY@"}}}}'
    for name in ("opencode.json", "opencode.jsonc"):
        home.put(f".config/opencode/{name}", text)
    error = refused(home.opened("mcp://opencode#Neon"))
    assert (error.reason, "opencode.jsonc" in error.message) == ("destination-ambiguous", True)


def test_a_file_that_git_keeps_is_refused(home: Home) -> None:
    file = home.put("shop/.cursor/mcp.json", CURSOR)
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=home.project, check=True, env={"PATH": os.environ["PATH"]})
    assert refused(home.opened("mcp://cursor?scope=project#Neon")).reason == "file-tracked"
    assert KEY in file.read_text()


def meddling(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[], object], times: int) -> None:
    """Let somebody write the file right before it is replaced, so many times."""
    left = [meddle] * times
    real = disk.replace

    def replace(original: disk.Original, data: bytes) -> None:
        if left:
            left.pop()()
        real(original, data)

    monkeypatch.setattr(disk, "replace", replace)


@pytest.mark.parametrize("times", [1, 2])
def test_what_the_client_wrote_meanwhile_is_kept(times: int, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home.put(".cursor/mcp.json", CURSOR)
    entry = home.opened("mcp://cursor#Neon")
    entry.observe()
    meddling(monkeypatch, lambda: file.write_text("// and more\n" + file.read_text()), times)
    if times == 1:
        entry.put(NEW)
        assert file.read_text().startswith("// and more\n")
        assert NEW.reveal() in file.read_text()
        return
    with pytest.raises(DestinationError) as raised:
        entry.put(NEW)
    assert (raised.value.reason, KEY in file.read_text()) == ("file-changed", True)


@pytest.mark.parametrize(("text", "reason"), [(CURSOR, "destination-changed"), ("{}", "destination-absent")])
def test_another_key_that_came_meanwhile_is_not_overwritten(
    text: str, reason: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.put(".cursor/mcp.json", CURSOR)
    entry = home.opened("mcp://cursor#Neon")
    entry.observe()
    meddling(monkeypatch, lambda: home.put(".cursor/mcp.json", text, OTHER), 1)
    with pytest.raises(DestinationError) as raised:
        entry.put(NEW)
    assert raised.value.reason == reason
    assert NEW.reveal() not in (home.path / ".cursor/mcp.json").read_text()


def test_the_home_folder_is_that_of_the_environment(home: Home) -> None:
    home.put(".cursor/mcp.json", CURSOR)
    rotated(Entry(parsed("mcp://cursor#Neon"), means_of(home.environment)))
    assert SYSTEM.lacks({}) == ()
