"""Every key in the files of the clients is seen, where it lies, with the address that writes it; nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.machine import Sighting
from rotate.secret import Secret
from rotate.systems.mcp.clients import CLIENTS
from rotate.systems.mcp.system import SYSTEM
from tests.systems.mcp.bench import CODEX, CURSOR, KEY, OTHER, Home
from tests.systems.mcp.test_entry import GOOSE, NEW, rotated


def seen(home: Home) -> list[Sighting]:
    hidden: list[Secret] = []
    assert SYSTEM.sightings
    found = []
    for one in SYSTEM.sightings(home.machine, hidden.append):
        assert hidden[-1] == one.value, "hidden before it is given"
        found.append(one)
    return found


def text_for(path: Path, container: tuple[str, ...]) -> str:
    if path.suffix == ".toml":
        return CODEX
    if path.suffix == ".yaml":
        return GOOSE
    said: object = {"Neon": {"url": "https://mcp.neon.tech/mcp", "headers": {"Authorization": "Bearer @KEY@"}}}
    for name in reversed(container):
        said = {name: said}
    return json.dumps(said, indent=2)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_each_clients_files_are_looked_at_and_each_address_writes_what_was_seen(tmp_path: Path, platform: str) -> None:
    home = Home(tmp_path, platform)
    for client in CLIENTS:
        for project in (False, True):
            for path in client.files(home.machine, project=project)[:1]:
                home.put(str(path.relative_to(home.path)), text_for(path, client.servers(project=project)))
    found = seen(home)
    wanted = {f"mcp://{one.kind}#Neon" for one in CLIENTS}
    wanted |= {f"mcp://{one.kind}?scope=project#Neon" for one in CLIENTS if one.project}
    wanted -= {"mcp://github-copilot-cli?scope=project#Neon"}  # VS Code's file, where it was seen already
    if platform == "win32":
        assert len(wanted) == len(CLIENTS) * 2 - 7
    assert sorted(one.address for one in found) == sorted(wanted)
    assert {one.value for one in found} == {Secret(KEY)}
    for one in found:
        assert KEY in one.path.read_text().splitlines()[one.line - 1]
        assert one.what.endswith(", MCP server Neon")
        assert SYSTEM.reader.of_address(parsed(one.address)) == {"address": one.address}
        rotated(home.opened(one.address))
    assert {one.value for one in seen(home)} == {NEW}


def test_keys_of_others_references_and_files_that_cannot_be_read_give_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.put(".cursor/mcp.json", CURSOR.replace("Bearer @KEY@", "Bearer ${NEON_API_KEY}"))
    home.put(".kiro/settings/mcp.json", "{ not JSON, and no key: napi_xxx")
    (home.path / ".gemini/settings.json").mkdir(parents=True)
    assert seen(home) == []


def test_in_a_file_that_does_not_parse_the_shape_of_a_key_is_seen(tmp_path: Path) -> None:
    home = Home(tmp_path)
    file = home.put("shop/.vscode/mcp.json", '{\n"servers": {"Neon": {"x": "@KEY@" "y": 1')
    (one,) = seen(home)
    assert (one.path, one.line, one.value, one.address) == (file, 2, Secret(KEY), "")
    assert one.what == "VS Code, a file that does not parse"
    assert one.remedy


def test_the_projects_of_claude_code_are_looked_at(tmp_path: Path) -> None:
    home = Home(tmp_path)
    server = {"command": "npx", "args": ["@neondatabase/mcp-server-neon", "start", KEY]}
    old = {"url": "https://mcp.neon.tech/sse", "headers": {"Authorization": f"Bearer {OTHER}"}}
    projects = {"/a b": {"mcpServers": {"Neon": server}}, "C:\\b": {"mcpServers": {"n/1": old}}, "/c": {"x": "y"}}
    home.put(".claude.json", json.dumps({"mcpServers": {}, "projects": projects}))
    found = {one.address: one.value for one in seen(home)}
    assert found == {
        "mcp://claude-code?project=/a%20b#Neon": Secret(KEY),
        "mcp://claude-code?project=C:%5Cb#n/1": Secret(OTHER),
    }
    for address in found:
        rotated(home.opened(address))


def test_what_no_address_can_write_is_seen_with_what_to_do(tmp_path: Path) -> None:
    home = Home(tmp_path)
    twice = {"env": {"NEON_API_KEY": KEY}, "headers": {"Authorization": OTHER}}
    home.put(".cursor/mcp.json", json.dumps({"mcpServers": {"Neon": twice, "a\x07b": {"env": {"NEON_API_KEY": KEY}}}}))
    found = seen(home)
    assert [one.value.reveal() for one in found] == [KEY, OTHER, KEY]
    assert [one.address for one in found] == ["", "", ""]
    assert ["several places" in one.remedy for one in found] == [True, True, False]
    assert found[2].what == "Cursor, MCP server a·b"


def test_a_project_that_is_the_home_folder_is_looked_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.project = home.path
    home.put(".cursor/mcp.json", CURSOR)
    assert [one.address for one in seen(home)] == ["mcp://cursor#Neon"]
