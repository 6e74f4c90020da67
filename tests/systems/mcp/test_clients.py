"""Where each client's files are on each platform, what an address may say, and the page that shows the table."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.machine import Machine
from rotate.systems.mcp.clients import BY_KIND, CLIENTS, MOVED, Client
from rotate.systems.mcp.system import SYSTEM
from tests.support.pages import ROOT

PAGE = ROOT / "docs/systems/mcp.md"
HEAD = "| Client | The person's file | The project's file | Where the key stands | How it takes a new key |\n"
LINE = "|---|---|---|---|---|\n"


def machine(platform: str, **environment: str) -> Machine:
    return Machine(Path("/home/ada"), Path("/work/shop"), environment, platform)


@pytest.mark.parametrize(
    ("kind", "platform", "path"),
    [
        ("cursor", "win32", "/home/ada/.cursor/mcp.json"),
        ("claude-desktop", "linux", "/home/ada/.config/Claude/claude_desktop_config.json"),
        ("claude-desktop", "darwin", "/home/ada/Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude-desktop", "win32", "/home/ada/AppData/Roaming/Claude/claude_desktop_config.json"),
        ("vscode", "darwin", "/home/ada/Library/Application Support/Code/User/mcp.json"),
        ("zed", "linux", "/home/ada/.config/zed/settings.json"),
        ("zed", "darwin", "/home/ada/.config/zed/settings.json"),
        ("zed", "win32", "/home/ada/AppData/Roaming/Zed/settings.json"),
        ("goose", "darwin", "/home/ada/.config/goose/config.yaml"),
        ("goose", "win32", "/home/ada/AppData/Roaming/Block/goose/config/config.yaml"),
    ],
)
def test_each_platform_has_its_folders(kind: str, platform: str, path: str) -> None:
    assert BY_KIND[kind].files(machine(platform), project=False)[0] == Path(path)


@pytest.mark.parametrize(
    ("kind", "platform", "variable", "path"),
    [
        ("claude-code", "linux", "CLAUDE_CONFIG_DIR", "/else/.claude.json"),
        ("codex", "darwin", "CODEX_HOME", "/else/config.toml"),
        ("vscode", "linux", "XDG_CONFIG_HOME", "/else/Code/User/mcp.json"),
        ("opencode", "darwin", "XDG_CONFIG_HOME", "/else/opencode/opencode.json"),
        ("claude-desktop", "win32", "APPDATA", "/else/Claude/claude_desktop_config.json"),
    ],
)
def test_a_variable_moves_what_its_client_keeps_there(kind: str, platform: str, variable: str, path: str) -> None:
    assert BY_KIND[kind].files(machine(platform, **{variable: "/else"}), project=False)[0] == Path(path)


def test_a_projects_file_is_in_the_folder_where_this_runs() -> None:
    for client in CLIENTS:
        for path in client.files(machine("linux"), project=True):
            assert path.is_relative_to("/work/shop")
    assert len(BY_KIND) == len(CLIENTS)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("mcp://curser#Neon", "it names no client; those are cursor, claude-code"),
        ("mcp://cursor/x#Neon", "it names no client"),
        ("mcp://cursor?scope=mine#Neon", "`user` or `project`"),
        ("mcp://windsurf?scope=project#Neon", "Windsurf has no file in a project"),
        ("mcp://cursor?project=/shop#Neon", "keeps no servers of single projects"),
        ("mcp://claude-code?project=/shop&scope=project#Neon", "it takes one of them"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(address: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        SYSTEM.reader.of_address(parsed(address))


def test_the_page_has_the_table_as_it_is() -> None:
    before, head, rest = PAGE.read_text().partition(HEAD + LINE)
    told, behind, after = rest.partition("\n\n")
    table = "\n".join(_row(client) for client in CLIENTS)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PAGE.write_text(before + head + table + behind + after)
    assert told == table


def _row(client: Client) -> str:
    own = [f"`{_shown(one)}`" for one in client.user]
    own += [f"macOS: `{_shown(one, 'macOS')}`" for one in client.mac]
    own += [f"Windows: `{_shown(one, 'Windows')}`" for one in client.windows]
    project = " or ".join(f"`{one}`" for one in client.project) or "none"
    where = ".".join((*client.container, "<server>", client.headers, "Authorization"))
    cells = [f"{client.title}: `{client.kind}`", "; ".join(own), project, f"`{where}`", client.restart]
    return f"| {' | '.join(cells)} |"


def _shown(path: str, platform: str = "") -> str:
    """Write a path as people do. `<settings>` stands for a folder that each platform has elsewhere."""
    name, _, rest = path.partition("/")
    variable, usual = MOVED.get(name, ("", ""))
    if name == "support":
        return {"macOS": "~/Library/Application Support", "Windows": "%APPDATA%"}.get(
            platform, "<settings>"
        ) + f"/{rest}"
    return f"{f'${variable}' if name == 'xdg' else f'~/{usual}'.rstrip('/')}/{rest}"
