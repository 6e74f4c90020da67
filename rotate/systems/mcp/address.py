"""Addresses of MCP clients: `mcp://<client>#<server>`, with `?scope=project` for the file of the project.

`?project=<folder>` means the servers that Claude Code keeps for one project in the person's file (its scope *local*:
code.claude.com/docs, *MCP installation scopes*).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rotate.address import Address
from rotate.systems.mcp.clients import BY_KIND

KIND = "mcp"
SCOPE, PROJECT, FOLDER, USER = "scope", "project", "project", "user"
USUAL: Mapping[str, str] = MappingProxyType({SCOPE: USER})


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    client = BY_KIND.get(address.where)
    scope, folder = address.options.get(SCOPE, USER), address.options.get(FOLDER)
    if client is None:
        return f"it names no client; those are {', '.join(BY_KIND)}"
    if scope not in (USER, PROJECT):
        return f"its `{SCOPE}` is `{USER}` or `{PROJECT}`"
    if scope == PROJECT and not client.project:
        return f"{client.title} has no file in a project"
    if folder and not client.folders:
        return f"{client.title} keeps no servers of single projects in the person's file"
    if folder and scope == PROJECT:
        return f"`{SCOPE}` means the file of the project, and `{FOLDER}` a part of the person's: it takes one of them"
    return ""


def of_project(address: Address) -> bool:
    """Say whether it means the file of the project in whose folder the program was started."""
    return address.options.get(SCOPE) == PROJECT
