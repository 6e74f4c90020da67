"""What may lie where a client's file belongs, and what may stand in one: it is refused in time, and left as it was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rotate.edit.disk import LIMIT
from rotate.errors import Refused
from rotate.systems.mcp.system import SYSTEM
from tests.systems.mcp.bench import CURSOR, KEY, Home
from tests.systems.mcp.test_entry import GOOSE, NEW, rotated

TEXT = CURSOR.replace("@KEY@", KEY).encode()
DEEP = 100_000
BOMB = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
LYING: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a device": lambda file: file.symlink_to("/dev/zero"),
    "links in a circle": lambda file: file.symlink_to(file),
    "a link to nothing": lambda file: file.symlink_to(file.parent / "none"),
}
HELD: dict[str, bytes] = {
    "an empty file": b"",
    "a NUL": TEXT.replace(b"mine", b"mi\0ne"),
    "bytes that are no UTF-8": TEXT.replace(b"mine", b"mi\xffne"),
    "too many bytes": TEXT + b" " * LIMIT,
    "lists in lists": b"[" * DEEP + b"]" * DEEP,
    "servers in servers": b'{"mcpServers":' * DEEP,
    "a number in place of servers": b'{"mcpServers": 7}',
    "text in place of a server": b'{"mcpServers": {"Neon": "' + KEY.encode() + b'"}}',
    "a list of servers": b'{"mcpServers": [{"name": "Neon", "headers": {"Authorization": "' + KEY.encode() + b'"}}]}',
    "half a file": TEXT[: len(TEXT) // 2],
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def refused(home: Home) -> str:
    with pytest.raises(Refused) as raised:
        home.opened("mcp://cursor#Neon").observe()
    assert KEY not in f"{raised.value.message} {raised.value.remedy}"
    return raised.value.reason


@pytest.mark.parametrize("what", LYING)
def test_what_is_no_file_is_refused_and_not_waited_for(what: str, home: Home) -> None:
    file = home.path / ".cursor/mcp.json"
    file.parent.mkdir()
    LYING[what](file)
    assert refused(home) == ("destination-absent" if what == "a link to nothing" else "file-unfit")
    assert SYSTEM.sightings
    assert list(SYSTEM.sightings(home.machine, lambda _: None)) == []


@pytest.mark.parametrize("what", HELD)
def test_what_cannot_be_read_as_settings_is_left_alone(what: str, home: Home) -> None:
    file = home.path / ".cursor/mcp.json"
    file.parent.mkdir()
    file.write_bytes(HELD[what])
    assert refused(home) in {"destination-absent", "file-unfit", "file-not-readable"}
    assert file.read_bytes() == HELD[what]
    assert SYSTEM.sightings
    assert all(not one.address for one in SYSTEM.sightings(home.machine, lambda _: None))


def test_names_that_would_grow_without_end_are_read_as_they_stand(home: Home) -> None:
    file = home.put(".config/goose/config.yaml", f"a0: &a0 [x]\n{BOMB}{GOOSE}")
    before = file.read_text()
    rotated(home.opened("mcp://goose#Neon"))
    assert file.read_text() == before.replace(KEY, NEW.reveal())


def test_a_byte_order_mark_and_a_link_stay(home: Home) -> None:
    file = home.path / "dotfiles.json"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT)
    (home.path / ".cursor").mkdir()
    (home.path / ".cursor/mcp.json").symlink_to(file)
    rotated(home.opened("mcp://cursor#Neon"))
    assert (home.path / ".cursor/mcp.json").is_symlink()
    assert file.read_bytes()[:6] == b"\xef\xbb\xbf// "
    assert KEY not in file.read_text()


def test_names_of_servers_that_would_break_a_line_are_shown_in_one(home: Home) -> None:
    named = {"a\n::error::x": {"url": "x"}, "b\x1b[2J": {"url": "x"}}
    home.put(".cursor/mcp.json", json.dumps({"mcpServers": named}))
    with pytest.raises(Refused) as raised:
        home.opened("mcp://cursor#Neon").observe()
    assert raised.value.message.isprintable()
