"""Every key of Neon that lies in the files of MCP clients on a machine, and the address that would write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from rotate.address import Address
from rotate.edit import disk
from rotate.edit.formats import format_of, slots
from rotate.errors import RotateError, one_line
from rotate.machine import Machine, Sighting
from rotate.ports import Hide
from rotate.secret import Secret
from rotate.systems.mcp.address import FOLDER, KIND, PROJECT, SCOPE
from rotate.systems.mcp.clients import CLIENTS, Client
from rotate.systems.mcp.servers import SHAPE, Server, folders, servers

_SEEN, _KEY = re.compile(SHAPE.encode()), re.compile(SHAPE)
# A shorter one is an example in a comment.
SHORTEST = 21
# Files, and which servers of theirs were looked at.
Done: TypeAlias = set[tuple[Path, tuple[str, ...]]]


def sightings(machine: Machine, hide: Hide) -> Iterator[Sighting]:
    """Give every key, with its file and line. A file that is not there, or cannot be read, gives none; of one that does
    not parse, what has the shape of a key is given, with what to do. Of several clients that read the same servers of
    one file the first names them."""
    done: Done = set()
    for client in CLIENTS:
        for project in (False, True):
            for path in client.files(machine, project=project):
                for one in _of_file(client, path, done, project=project):
                    hide(one.value)
                    yield one


def _of_file(client: Client, path: Path, done: Done, *, project: bool) -> Iterator[Sighting]:
    try:
        data = disk.read(path).data
    except RotateError:
        return
    try:
        texts = slots(data, format_of(path))
    except RotateError:
        if (path, ()) not in done:
            done.add((path, ()))
            yield from _unparsed(client, path, data)
        return
    ways = {client.servers(project=project): {SCOPE: PROJECT} if project else {}}
    if client.folders and not project:
        ways |= {client.servers(folder=one): {FOLDER: one} for one in folders(texts, client.folders)}
    for container, options in ways.items():
        if (path, container) not in done:
            done.add((path, container))
            yield from _of_servers(client, path, servers(texts, container).values(), options)


def _of_servers(client: Client, path: Path, found: Iterable[Server], options: dict[str, str]) -> Iterator[Sighting]:
    for server in found:
        held = [one for one in server.held if not one.refers and (server.neons or _KEY.fullmatch(one.key))]
        at = Address(KIND, client.kind, options, server.name)
        named = bool(server.name) and all(text.isprintable() for text in (server.name, *options.values()))
        for one in held:
            remedy = "" if named else "Give the server a name that can be written, and run this again."
            if len(server.held) > 1:
                remedy = "The server holds a key in several places: leave one of them, and run this again."
            what = f"{client.title}, MCP server {one_line(server.name)}"
            yield Sighting(path, one.slot.line, one.secret, what, "" if remedy else str(at), remedy)


def _unparsed(client: Client, path: Path, data: bytes) -> Iterator[Sighting]:
    """Give what has the shape of a key in a file that does not parse."""
    for match in _SEEN.finditer(data):
        if len(match[0]) >= SHORTEST:
            line = data.count(b"\n", 0, match.start()) + 1
            what = f"{client.title}, a file that does not parse"
            yield Sighting(path, line, Secret(match[0].decode()), what, remedy="Mend the file, and run this again.")
