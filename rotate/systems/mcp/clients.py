"""Which MCP clients there are, where their files lie, and how each takes a new key. One line each: the table is data.

Sources: the agents of `add-mcp` 2.0.0, the library with which Neon's own CLI writes these files (paths, containers and
variables; a test lets it write them all); github.com/neondatabase/mcp-server-neon, README (Kiro). Beside those:
code.claude.com/docs, *MCP installation scopes* (`projects` in .claude.json) and *Environment variables*
(`CLAUDE_CONFIG_DIR`); zed.dev/docs/configuring-zed (on macOS too it is ~/.config/zed); opencode.ai/docs/config
(opencode.jsonc); docs.github.com, *Copilot CLI configuration directory* (`COPILOT_HOME`); code.visualstudio.com, *MCP
servers* (`mcp.servers` in settings.json, until 1.102).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rotate.machine import Machine

DARWIN, WINDOWS = "darwin", "win32"
# Folder → the variable that moves it, and where it is else, below the home folder.
MOVED: Mapping[str, tuple[str, str]] = {
    "claude": ("CLAUDE_CONFIG_DIR", ""),
    "cline": ("CLINE_DIR", ".cline"),
    "codex": ("CODEX_HOME", ".codex"),
    "copilot": ("COPILOT_HOME", ".copilot"),
    "grok": ("GROK_HOME", ".grok"),
    "xdg": ("XDG_CONFIG_HOME", ".config"),
}
SERVERS = ("mcpServers",)
CODE = "support/Code/User"


class Client(NamedTuple):
    """One client. `user`: its file for a person, by the folder that it is in (`_folders`), the one that is usual first;
    `mac` and `windows`: where it is another one there. `project`: its file in a project's folder, empty where it has
    none. `container`: the names under which its servers stand; `in_project`: where that differs there. `folders`: the
    name under which its user's file has servers of single projects too. `url`, `headers`: what it calls these of a
    server. `restart`: how a client that runs takes a new key."""

    kind: str
    title: str
    user: tuple[str, ...]
    project: tuple[str, ...] = ()
    container: tuple[str, ...] = SERVERS
    url: str = "url"
    headers: str = "headers"
    restart: str = "Quit it and start it again."
    mac: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    in_project: tuple[str, ...] = ()
    folders: str = ""

    def files(self, machine: Machine, *, project: bool) -> tuple[Path, ...]:
        """Give its files, the usual one first: those of the person, or of the project in whose folder this runs."""
        if project:
            return tuple(machine.folder / one for one in self.project)
        own = {DARWIN: self.mac, WINDOWS: self.windows}.get(machine.platform) or self.user
        folders = _folders(machine)
        return tuple(folders[name] / rest for name, _, rest in (one.partition("/") for one in own))

    def servers(self, *, project: bool = False, folder: str = "") -> tuple[str, ...]:
        """Give the names under which its servers stand in such a file; `folder`: those of this one project alone."""
        if folder:
            return (self.folders, folder, *self.container)
        return (self.in_project or self.container) if project else self.container


def _folders(machine: Machine) -> dict[str, Path]:
    """Give where each of the folders is that the table names."""
    home, found = machine.home, dict[str, Path]()
    for name, (variable, usual) in MOVED.items():
        given = machine.environment.get(variable)
        found[name] = Path(given) if given else home / usual
    roaming = machine.environment.get("APPDATA")
    support = {
        DARWIN: home / "Library/Application Support",
        WINDOWS: Path(roaming) if roaming else home / "AppData/Roaming",
    }
    return {"home": home, "support": support.get(machine.platform, found["xdg"]), **found}


_RELOAD = "Reload its window, or start the server anew (*MCP: List Servers*)."
CLIENTS = (
    Client(
        "cursor",
        "Cursor",
        ("home/.cursor/mcp.json",),
        (".cursor/mcp.json",),
        restart="Switch the server off and on in its settings, or quit it and start it again.",
    ),
    Client(
        "claude-code",
        "Claude Code",
        ("claude/.claude.json",),
        (".mcp.json",),
        restart="Reconnect the server by `/mcp`, or start a new session.",
        folders="projects",
    ),
    Client(
        "claude-desktop",
        "Claude Desktop",
        ("support/Claude/claude_desktop_config.json",),
        restart="Quit it and start it again; to close its window is not enough.",
    ),
    Client("vscode", "VS Code", (f"{CODE}/mcp.json",), (".vscode/mcp.json",), ("servers",), restart=_RELOAD),
    Client(
        "vscode-settings",
        "VS Code (settings.json)",
        (f"{CODE}/settings.json",),
        (".vscode/settings.json",),
        ("mcp", "servers"),
        restart=_RELOAD,
    ),
    Client("windsurf", "Windsurf", ("home/.codeium/windsurf/mcp_config.json",), url="serverUrl"),
    Client(
        "zed",
        "Zed",
        ("xdg/zed/settings.json",),
        (".zed/settings.json",),
        ("context_servers",),
        mac=("home/.config/zed/settings.json", "support/Zed/settings.json"),
        windows=("support/Zed/settings.json",),
    ),
    Client(
        "cline",
        "Cline (VS Code)",
        (f"{CODE}/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",),
        restart="Restart the server in its panel *MCP Servers*, or reload the window of VS Code.",
    ),
    Client("cline-cli", "Cline CLI", ("cline/data/settings/cline_mcp_settings.json",)),
    Client("codex", "Codex", ("codex/config.toml",), (".codex/config.toml",), ("mcp_servers",), headers="http_headers"),
    Client("grok-build", "Grok Build", ("grok/config.toml",), (".grok/config.toml",), ("mcp_servers",)),
    Client("gemini-cli", "Gemini CLI", ("home/.gemini/settings.json",), (".gemini/settings.json",)),
    Client(
        "antigravity",
        "Antigravity",
        ("home/.gemini/config/mcp_config.json", "home/.gemini/antigravity/mcp_config.json"),
        url="serverUrl",
    ),
    Client(
        "github-copilot-cli",
        "GitHub Copilot CLI",
        ("copilot/mcp-config.json", "xdg/mcp-config.json"),
        (".vscode/mcp.json",),
        in_project=("servers",),
    ),
    Client(
        "opencode",
        "opencode",
        ("xdg/opencode/opencode.json", "xdg/opencode/opencode.jsonc"),
        ("opencode.json", "opencode.jsonc"),
        ("mcp",),
    ),
    Client(
        "mcporter",
        "mcporter",
        ("home/.mcporter/mcporter.json", "home/.mcporter/mcporter.jsonc"),
        ("config/mcporter.json",),
        restart="Nothing, unless its daemon runs: start that anew.",
    ),
    Client(
        "goose",
        "Goose",
        ("xdg/goose/config.yaml",),
        container=("extensions",),
        url="uri",
        windows=("support/Block/goose/config/config.yaml",),
    ),
    Client("kiro", "Kiro", ("home/.kiro/settings/mcp.json",), (".kiro/settings/mcp.json",)),
)
BY_KIND: Mapping[str, Client] = {one.kind: one for one in CLIENTS}
