"""Every client, on every platform, in every form in which it holds a key: the key is replaced, and no other byte.

The table here is independent of the program's: it is what `add-mcp` 2.0.0, the library in Neon's own CLI, wrote on each
platform, and for Kiro the README of github.com/neondatabase/mcp-server-neon.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from rotate.secret import Secret
from rotate.systems.mcp.clients import CLIENTS
from tests.systems.mcp.bench import KEY, Home

NEW = Secret("napi_" + "n3w4" * 16)
URL, PACKAGE = "https://mcp.neon.tech/mcp", "@neondatabase/mcp-server-neon"
PLATFORMS = ("linux", "darwin", "win32")
MAC, ROAMING = "Library/Application Support", "AppData/Roaming"
CODE = {"linux": ".config/Code/User", "darwin": f"{MAC}/Code/User", "win32": f"{ROAMING}/Code/User"}
CLINE = "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
DESKTOP = "Claude/claude_desktop_config.json"


class Fact(NamedTuple):
    """What is known of one client. `own`: the person's file below the home folder, by platform. `project`: the one of a
    project. `container`, `in_project`: where servers stand in either. `words`: what it calls `url` and `headers`."""

    own: dict[str, str]
    project: str = ""
    container: str = "mcpServers"
    in_project: str = ""
    words: tuple[str, str] = ("url", "headers")


def same(path: str) -> dict[str, str]:
    return dict.fromkeys(PLATFORMS, path)


FACTS = {
    "cursor": Fact(same(".cursor/mcp.json"), ".cursor/mcp.json"),
    "claude-code": Fact(same(".claude.json"), ".mcp.json"),
    "claude-desktop": Fact(
        {"linux": f".config/{DESKTOP}", "darwin": f"{MAC}/{DESKTOP}", "win32": f"{ROAMING}/{DESKTOP}"}
    ),
    "vscode": Fact({one: f"{CODE[one]}/mcp.json" for one in PLATFORMS}, ".vscode/mcp.json", "servers"),
    "vscode-settings": Fact(
        {one: f"{CODE[one]}/settings.json" for one in PLATFORMS}, ".vscode/settings.json", "mcp.servers"
    ),
    "windsurf": Fact(same(".codeium/windsurf/mcp_config.json"), words=("serverUrl", "headers")),
    "zed": Fact(
        {
            "linux": ".config/zed/settings.json",
            "darwin": f"{MAC}/Zed/settings.json",
            "win32": f"{ROAMING}/Zed/settings.json",
        },
        ".zed/settings.json",
        "context_servers",
    ),
    "cline": Fact({one: f"{CODE[one]}/{CLINE}" for one in PLATFORMS}),
    "cline-cli": Fact(same(".cline/data/settings/cline_mcp_settings.json")),
    "codex": Fact(same(".codex/config.toml"), ".codex/config.toml", "mcp_servers", words=("url", "http_headers")),
    "grok-build": Fact(same(".grok/config.toml"), ".grok/config.toml", "mcp_servers"),
    "gemini-cli": Fact(same(".gemini/settings.json"), ".gemini/settings.json"),
    "antigravity": Fact(same(".gemini/config/mcp_config.json"), words=("serverUrl", "headers")),
    "github-copilot-cli": Fact(same(".copilot/mcp-config.json"), ".vscode/mcp.json", in_project="servers"),
    "opencode": Fact(same(".config/opencode/opencode.json"), "opencode.json", "mcp"),
    "mcporter": Fact(same(".mcporter/mcporter.json"), "config/mcporter.json"),
    "goose": Fact(
        {**same(".config/goose/config.yaml"), "win32": f"{ROAMING}/Block/goose/config/config.yaml"},
        container="extensions",
        words=("uri", "headers"),
    ),
    "kiro": Fact(same(".kiro/settings/mcp.json"), ".kiro/settings/mcp.json"),
}


def forms(kind: str, platform: str) -> dict[str, dict[str, Any]]:
    """Give what stands in the server, in each form in which this client takes a key."""
    url, headers = FACTS[kind].words
    words = ["npx", "-y", PACKAGE, "start"]
    words = ["cmd", "/c", *words] if platform == "win32" else words
    remote = ["npx", "-y", "mcp-remote", URL, "--header", f"Authorization: Bearer {KEY}"]

    def run(words: list[str]) -> dict[str, Any]:
        if kind == "opencode":
            return {"type": "local", "command": words}
        return {"cmd" if kind == "goose" else "command": words[0], "args": words[1:]}

    variables = {"opencode": "environment", "goose": "envs"}.get(kind, "env")
    return {
        "header": {"type": "http", url: URL, headers: {"Authorization": f"Bearer {KEY}"}},
        "argument": run([*words, KEY]),
        "variable": {**run(words), variables: {"LOG": "1", "NEON_API_KEY": KEY}},
        "mcp-remote": run(remote),
    }


def text(path: str, container: str, said: dict[str, Any]) -> str:
    """Write it as the client's format has it, beside another server, with comments and in the layout of a person."""
    other = {"command": "docs", "args": ["--key", "of-another"]}
    if path.endswith(".toml"):
        return f'# mine\nmodel = "o5"\n\n{_toml(container, "docs", other)}\n{_toml(container, "Neon", said)}# the end'
    whole: dict[str, Any] = {"docs": other, "Neon": said}
    for name in reversed(container.split(".")):
        whole = {name: whole}
    if path.endswith(".yaml"):
        return f"# mine\r\n{yaml.safe_dump(whole, sort_keys=False)}last: [1,  2] # the end"
    lines = json.dumps(whole, indent="\t").splitlines()
    return "\r\n".join([lines[0], "\t// mine", '\t"ours" :  [1,2,], /* kept */', *lines[1:]])


def _toml(container: str, name: str, said: dict[str, Any]) -> str:
    plain = {key: value for key, value in said.items() if not isinstance(value, dict)}
    lines = [f"[{container}.{name}]", *(f"{key} =  {json.dumps(value)} # kept" for key, value in plain.items())]
    for key, value in said.items():
        if isinstance(value, dict):
            lines += [f"\n[{container}.{name}.{key}]", *(f"{one} = {json.dumps(value[one])}" for one in value)]
    return "\n".join(lines) + "\n"


def differ(before: bytes, after: bytes) -> bool:
    """Say whether anything but the one key differs."""
    return before.count(KEY.encode()) != 1 or after != before.replace(KEY.encode(), NEW.reveal().encode())


def test_every_client_is_tried() -> None:
    assert FACTS.keys() == {client.kind for client in CLIENTS}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", FACTS)
def test_the_key_alone_is_replaced(kind: str, platform: str, tmp_path: Path) -> None:
    fact, tried = FACTS[kind], 0
    for form, said in forms(kind, platform).items():
        for scope in ("user", "project") if fact.project else ("user",):
            home = Home(tmp_path / form / scope, platform)
            path = f"{home.project.name}/{fact.project}" if scope == "project" else fact.own[platform]
            container = (scope == "project" and fact.in_project) or fact.container
            file = home.put(path, text(path, container, said))
            before = file.read_bytes()
            entry = home.opened(f"mcp://{kind}?scope={scope}#Neon")
            seen = entry.observe()
            assert entry.confirm(seen, entry.put(NEW)) == entry.written()
            assert not differ(before, file.read_bytes()), (form, scope)
            tried += 1
    assert tried == (8 if fact.project else 4)


def test_a_writer_that_lays_the_file_out_anew_would_be_caught() -> None:
    before = text("mcp.json", "mcpServers", forms("cursor", "linux")["header"])
    plain = before.replace("\t// mine\r\n", "").replace('\t"ours" :  [1,2,], /* kept */\r\n', "")
    changed = plain.replace(KEY, NEW.reveal())
    assert not differ(plain.encode(), changed.encode())
    assert differ(plain.encode(), json.dumps(json.loads(changed), indent="\t").encode())
    assert differ(before.encode(), changed.encode())
