"""A race with an editor: what it wrote since we read is never overwritten, and no reader ever sees a mixture."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rotate.edit import attributes, disk
from rotate.edit.disk import Way, read, replace
from rotate.edit.trouble import Changed

OLD, NEW, THEIRS = b"KEY=old\n", b"KEY=new\n", b"KEY=old\nOTHER=1\n"
REWRITES = 1000
# Rewrites a file so often, each time by a rename: counts in it, and keeps whatever else stands there.
EDITOR = f"""
import os, re, sys, time
path = sys.argv[1]
for _ in range({REWRITES}):
    text = open(path).read()
    assert re.fullmatch("COUNT=[0-9]+\\nKEY=(a+|b+)\\nEND\\n", text), "mixed"
    count = int(text[6:].partition("\\n")[0]) + 1
    with open(path + ".theirs", "w") as file:
        file.write(re.sub("COUNT=[0-9]+", f"COUNT={{count}}", text))
    os.replace(path + ".theirs", path)
    time.sleep(0.001)
"""


def in_place(file: Path) -> None:
    file.write_bytes(THEIRS)


def by_rename(file: Path) -> None:
    (file.parent / "theirs").write_bytes(THEIRS)
    (file.parent / "theirs").replace(file)


def same_bytes_in_another_file(file: Path) -> None:
    (file.parent / "theirs").write_bytes(OLD)
    (file.parent / "theirs").replace(file)


def of_the_same_length_and_time(file: Path) -> None:
    found = file.stat()
    file.write_bytes(OLD[::-1])
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def by_mode(file: Path) -> None:
    file.chmod(0o600)


def removed(file: Path) -> None:
    file.unlink()


WRITES = (in_place, by_rename, same_bytes_in_another_file, of_the_same_length_and_time, by_mode, removed)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_bytes(OLD)
    file.chmod(0o640)
    return file


def state(file: Path) -> object:
    return (file.read_bytes(), file.stat().st_mode, file.stat().st_ino) if file.exists() else None


def meanwhile(file: Path, write: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> object:
    """Let somebody write after the new file was prepared, and say what they left."""
    left: list[object] = []
    as_it_is = attributes.keep

    def late(*given: Any) -> None:
        as_it_is(*given)
        write(file)
        left.append(state(file))

    original = read(file)
    monkeypatch.setattr(attributes, "keep", late)
    with pytest.raises(Changed) as raised:
        replace(original, NEW, Way())  # where no two files can change places
    assert raised.value.reason == "file-changed"
    assert [one.name for one in file.parent.iterdir()] == ([file.name] if left[0] else [])
    return left[0]


@pytest.mark.parametrize("write", WRITES)
def test_whatever_somebody_did_since_we_read_stays(
    write: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert meanwhile(file, write, monkeypatch) == state(file)


@pytest.mark.parametrize("write", WRITES)
def test_control_without_the_look_before_the_rename_it_is_lost(
    write: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "compare", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        meanwhile(file, write, monkeypatch)
    assert file.read_bytes() == NEW


def test_a_link_that_was_turned_meanwhile_is_a_change(file: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link", tmp_path / "other"
    other.write_bytes(OLD)
    link.symlink_to(file)
    original = read(link)
    link.unlink()
    link.symlink_to(other)
    with pytest.raises(Changed):
        replace(original, NEW)
    assert file.read_bytes() == other.read_bytes() == OLD


def raced(file: Path, look: Callable[[disk.Original], None], monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Replace the key again and again while an editor counts; give how many of its writes were lost, and our tries."""
    monkeypatch.setattr(disk, "compare", look)
    file.write_bytes(b"COUNT=0\nKEY=aaaaaaaa\nEND\n")
    tries = 0
    with subprocess.Popen([sys.executable, "-c", EDITOR, file], stderr=subprocess.PIPE) as editor:
        while editor.poll() is None:
            tries += 1
            original = read(file)
            key = b"b" * (tries % 5000 + 1) if tries % 2 else b"a" * (tries % 5000 + 1)
            head, _, rest = original.data.partition(b"KEY=")
            data = head + b"KEY=" + key + b"\nEND\n"
            assert rest.endswith(b"\nEND\n"), "mixed"
            try:
                replace(original, data)
            except Changed:
                continue
        assert editor.stderr
        assert (editor.returncode, editor.stderr.read()) == (0, b"")
    return REWRITES - int(file.read_bytes()[6:].partition(b"\n")[0]), tries


def test_a_thousand_rewrites_of_an_editor_and_no_mixed_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What falls between the last look and the rename is put back; only an editor that reads in that very moment, and
    then writes what it read, can lose a write of its own. Without both looks, hundreds are lost."""
    with_look, tries = raced(file, disk.compare, monkeypatch)
    monkeypatch.setattr(disk, "_as_read", lambda *_: True)
    without, _ = raced(file, lambda _: None, monkeypatch)
    print(f"lost with the look {with_look} of {REWRITES} in {tries} tries, without it {without}")
    assert tries > 100
    assert with_look * 4 <= without
    assert with_look <= REWRITES // 20


def test_the_usual_way_is_a_rename() -> None:
    assert Way().swap is os.replace
