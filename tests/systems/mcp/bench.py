"""A person's home folder with the settings of MCP clients, and what opens a server in them as a run does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rotate.address import parsed
from rotate.machine import Machine
from rotate.systems.mcp.entry import Entry
from tests.support.bench import BEFORE, Bench, means_of

KEY = "napi_" + "a1b2c3d4" * 8
OTHER = "napi_" + "z9y8x7w6" * 8
# What an editor and a person leave in such a file: comments, a comma at the end, tabs, CRLF, no end of the last line.
CURSOR = """\
// mine\r
{\r
\t"mcpServers": {\r
\t\t"other": {"url": "https://mcp.example/mcp", "headers": {"Authorization": "Bearer of-another"}},\r
\t\t/* Neon's */ "Neon": {\r
\t\t\t"url": "https://mcp.neon.tech/mcp?readonly=true",\r
\t\t\t"headers": {"Authorization": "Bearer @KEY@"},\r
\t\t},\r
\t}\r
}"""
CODEX = """\
model = "o5" # mine

[mcp_servers.docs]
command = 'docs'

[mcp_servers.Neon]
type = "http"
url = "https://mcp.neon.tech/mcp"

[mcp_servers.Neon.http_headers]
Authorization = "Bearer @KEY@"   # Neon's
"""


class Home:
    """A folder of a person, with a project in it. `platform`: as `sys.platform` says it."""

    def __init__(self, folder: Path, platform: str = "linux") -> None:
        self.path, self.project = folder / "home", folder / "home" / "shop"
        self.project.mkdir(parents=True, exist_ok=True)
        self.environment = {"HOME": str(self.path)}
        self.platform = platform

    @property
    def machine(self) -> Machine:
        """The machine, as far as it is this person's."""
        return Machine(self.path, self.project, self.environment, self.platform)

    def put(self, path: str, text: str, key: str = KEY) -> Path:
        """Write a file, with the key where it says `@KEY@`."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.replace("@KEY@", key).encode())
        return file

    def opened(self, address: str) -> Entry:
        """Open a server as a run does."""
        return Entry(parsed(address), means_of(self.environment), self.machine)


@contextmanager
def mcp() -> Iterator[Bench]:
    """A server in the file of Cursor."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        file = home.put(".cursor/mcp.json", CURSOR, BEFORE)

        def held() -> str | None:
            found = re.search(r'"Bearer (napi_\w+)"', file.read_text())
            return found[1] if found else None

        def write(text: str | None) -> None:
            file.write_text(CURSOR.replace("@KEY@", text) if text else '{"mcpServers": {"other": {"url": "x"}}}')

        yield Bench(home.opened("mcp://cursor#Neon"), held, write, creates=False)
