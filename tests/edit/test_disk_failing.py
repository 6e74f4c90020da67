"""A write that fails leaves the file as it was, and says so: a full disk, a reader on Windows, a mounted file."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from pathlib import Path

import pytest

from rotate.edit import attributes, disk
from rotate.edit.disk import Way, read, replace
from rotate.edit.trouble import Changed
from rotate.errors import Outcome
from tests.support.files import NEW, OLD, alone, refused


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_bytes(OLD)
    return file


def test_a_disk_that_is_full_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], check=False, capture_output=True
    ).returncode:
        pytest.skip("only root mounts a small file system; the test below has the limit of a process")
    try:
        file = tmp_path / ".env"
        file.write_bytes(OLD)
        error = refused(lambda: replace(read(file), NEW * 10000), "file-not-written")
        assert ("No space left" in error.message, error.outcome) == (True, Outcome.NO_EFFECT)
        assert file.read_bytes() == OLD
        alone(file)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_write_that_is_cut_short_leaves_the_file_as_it_is(file: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        error = refused(lambda: replace(read(file), NEW), "file-not-written")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ("too large" in error.message, error.outcome) == (True, Outcome.NO_EFFECT)
    assert file.read_bytes() == OLD
    alone(file)


def test_a_file_that_is_mounted_by_itself_says_so(file: Path) -> None:
    def busy(temporary: Path, real: Path) -> None:
        raise OSError(16, "Device or resource busy")

    assert "mounted by itself" in refused(lambda: replace(read(file), NEW, Way(busy)), "file-not-written").message
    alone(file)


def test_a_disk_that_does_not_confirm_the_rename_leaves_it_unknown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "_sync_folder", broken)
    error = refused(lambda: replace(read(file), NEW), "file-not-written")
    assert (error.outcome, file.read_bytes()) == (Outcome.UNKNOWN, NEW)
    assert "has the new value" in error.message


def test_a_reader_on_windows_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "keep", lambda *_: None)
    slept: list[float] = []
    held = 3

    def swap(temporary: Path, real: Path) -> None:
        if len(slept) < held:
            raise PermissionError(13, "The process cannot access the file")
        temporary.replace(real)

    way = Way(swap, slept.append, "win32")
    replace(read(file), NEW, way)
    assert (file.read_bytes(), slept) == (NEW, [0.05, 0.1, 0.25])
    held = 99
    error = refused(lambda: replace(read(file), OLD, way), "file-not-written")
    assert (error.outcome, file.read_bytes(), len(slept)) == (Outcome.NO_EFFECT, NEW, 3 + len(disk.PAUSES))
    alone(file)


def test_what_was_written_while_a_reader_was_waited_for_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "keep", lambda *_: None)

    def swap(temporary: Path, real: Path) -> None:
        raise PermissionError

    def theirs(pause: float) -> None:
        file.write_bytes(b"theirs")

    with pytest.raises(Changed):
        replace(read(file), NEW, Way(swap, theirs, "win32"))
    assert file.read_bytes() == b"theirs"


def test_elsewhere_what_is_not_allowed_is_not_tried_again(file: Path) -> None:
    slept: list[float] = []

    def swap(temporary: Path, real: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    refused(lambda: replace(read(file), NEW, Way(swap, slept.append)), "file-not-written")
    assert (slept, file.read_bytes()) == ([], OLD)


def test_what_a_killed_run_left_is_removed_once_it_is_old(file: Path) -> None:
    left, live, strange = (file.parent / name for name in ("..env.a.neon-rotate", "..env.b.neon-rotate", ".env.b"))
    for one in (left, live, strange):
        one.touch()
    os.utime(left, (time.time() - 61, time.time() - 61))
    replace(read(file), NEW)
    assert (left.exists(), live.exists(), strange.exists()) == (False, True, True)
