"""What Neon's own CLI writes with (`add-mcp`), for every client and platform: this program finds it and rotates it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rotate.edit.formats import format_of, slots
from rotate.secret import Secret
from rotate.systems.mcp.clients import BY_KIND
from rotate.systems.mcp.servers import servers
from rotate.systems.mcp.sightings import sightings
from tests.systems.mcp.bench import KEY, OTHER, Home

HERE = Path(__file__).resolve().parent
# Those that the library does not know: Kiro, and where VS Code had its servers before.
UNKNOWN = {"kiro", "vscode-settings"}
pytestmark = pytest.mark.clients


@pytest.fixture(autouse=True)
def _clients() -> None:
    if shutil.which("node") and (HERE / "node_modules/add-mcp").exists():
        return
    reason = "no node, or `npm ci --prefix tests/clients` was not run"
    if os.environ.get("REQUIRE_CLIENTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def write(home: Home) -> list[dict[str, Any]]:
    """Let it write for all."""
    given = {"HOME": str(home.path), "FOLDER": str(home.project), "PLATFORM": home.platform, "KEY": KEY}
    ended = subprocess.run(
        ["node", str(HERE / "write_mcp.mjs")],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    written: list[dict[str, Any]] = json.loads(ended.stdout)
    return written


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_what_it_writes_is_found_and_rotated_and_every_other_byte_stays(platform: str, tmp_path: Path) -> None:
    home = Home(tmp_path, platform)
    written = write(home)
    assert {one["name"] for one in written} == BY_KIND.keys() - UNKNOWN
    found = {(one.path, one.what.rpartition("MCP server ")[2]) for one in sightings(home.machine, lambda _: None)}
    assert found == {(Path(one["path"]), one["server"]) for one in written}
    done = set[tuple[Path, str]]()
    for one in written:
        file, client = Path(one["path"]), BY_KIND[one["name"]]
        assert file in client.files(home.machine, project=one["project"])
        before, scope = file.read_bytes(), "?scope=project" if one["project"] else ""
        entry = home.opened(f"mcp://{one['name']}{scope}#{one['server'].replace(' ', '%20')}")
        seen = entry.observe()
        assert entry.confirm(seen, entry.put(Secret(OTHER))) == entry.written()
        after = file.read_bytes()
        if (file, one["server"]) in done:
            assert after == before, "two clients have one file in a project"
            continue
        done.add((file, one["server"]))
        others = {before[:at] + OTHER.encode() + before[at + len(KEY) :] for at in places(before)}
        assert after in others


def places(data: bytes) -> list[int]:
    """Give every place of the key."""
    return [found.start() for found in re.finditer(KEY.encode(), data)]


def test_the_table_says_where_it_puts_the_key_and_the_url(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for one in write(home):
        if one["server"] != "Neon":
            continue
        file, client = Path(one["path"]), BY_KIND[one["name"]]
        texts = slots(file.read_bytes(), format_of(file))
        server = servers(texts, client.servers(project=one["project"]))["Neon"]
        paths = {path for path, _ in server.slots}
        if not (client.kind == "vscode" and one["project"]):  # which Copilot's CLI writes too
            assert {(client.url,), (client.headers, "Authorization")} <= paths, client.kind
