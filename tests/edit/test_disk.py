"""Files are read whole and replaced at once; what is no text file of ours is refused, and left as it is."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from rotate.edit import attributes
from rotate.edit.disk import Way, read, replace, require
from rotate.edit.trouble import Absent, Changed
from rotate.errors import DestinationError, Refused
from tests.support.files import NEW, OLD, alone, refused

NOBODY = 65534
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_bytes(OLD)
    return file


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a user without rights can reach, unlike that of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def without_rights(*owned: Path) -> Iterator[None]:
    """Be a usual user, who owns these."""
    if IS_ROOT:
        for path in owned:
            os.chown(path, NOBODY, NOBODY)
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if IS_ROOT:
            os.seteuid(0)
            os.setegid(0)


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(file: Path) -> None:
    before = file.stat().st_ino
    original = read(file)
    assert original.data == OLD
    replace(original, NEW)
    assert file.read_bytes() == NEW
    assert file.stat().st_ino != before
    alone(file)


def test_no_byte_of_a_file_is_in_what_is_told_of_it(file: Path) -> None:
    assert "napi" not in repr(read(file))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o700, 0o4755])
def test_the_mode_stays_and_the_new_file_is_never_wider(mode: int, file: Path) -> None:
    file.chmod(mode)
    seen = []

    def swap(temporary: Path, real: Path) -> None:
        seen.append(temporary.read_bytes())
        temporary.replace(real)

    original = read(file)
    assert original.shown is bool(mode & 0o044)
    replace(original, NEW, Way(swap))
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert seen == [NEW]


def test_while_it_is_written_only_its_owner_may_read_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.chmod(0o666)
    seen = []

    def keep(old: Path, new: Path, *more: object) -> None:
        seen.append((stat.S_IMODE(new.stat().st_mode), new.read_bytes()))

    monkeypatch.setattr(attributes, "keep", keep)
    replace(read(file), NEW)
    assert seen == [(0o600, NEW)]


def test_a_link_stays_one_and_what_it_points_to_is_replaced(file: Path, tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "elsewhere" / "far"
    far.parent.mkdir()
    far.symlink_to(Path("..") / file.name)
    near.symlink_to(far)
    replace(read(near), NEW)
    assert (near.is_symlink(), far.is_symlink(), file.is_symlink()) == (True, True, False)
    assert (near.readlink(), file.read_bytes()) == (far, NEW)


@pytest.mark.parametrize("size", [0, 1, 10])
def test_a_file_of_the_limit_is_read_and_a_larger_one_is_not(size: int, file: Path) -> None:
    file.write_bytes(b"a" * size)
    assert read(file, size).data == b"a" * size
    file.write_bytes(b"a" * (size + 1))
    assert f"more than {size} bytes" in refused(lambda: read(file, size), "file-unfit").message


def test_of_a_gigabyte_no_more_than_the_limit_is_read(file: Path) -> None:
    os.truncate(file, 2**30)
    assert "33554432 bytes" in refused(lambda: read(file), "file-unfit").message


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, why in (
        (pipe, "a pipe"),
        (Path("/dev/zero"), "a device"),
        (Path("/dev/stdin"), ""),
        (tmp_path, "folder"),
    ):
        assert why in refused(partial(read, path), "file-unfit").message


def test_what_became_a_pipe_after_the_first_look_is_refused_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_it_is = os.open

    def late(path: Path, flags: int) -> int:
        file.unlink()
        os.mkfifo(file)
        return as_it_is(path, flags)

    monkeypatch.setattr(os, "open", late)
    refused(lambda: read(file), "file-unfit")


@pytest.mark.parametrize("data", [b"\0", OLD + b"\0", OLD.decode().encode("utf-16")])
def test_binary_is_refused(data: bytes, file: Path) -> None:
    file.write_bytes(data)
    assert "binary" in refused(lambda: read(file), "file-unfit").message


def test_links_that_lead_nowhere_or_in_a_circle_are_told_apart(file: Path, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("gone")
    assert "circle" in refused(lambda: read(tmp_path / "a"), "file-unfit").message
    assert "points to nothing" in refused(lambda: read(tmp_path / "c"), "file-absent").message
    assert "no folder" in refused(lambda: read(file / "x"), "file-unfit").message
    with pytest.raises(Absent, match="gone") as raised:
        read(tmp_path / "gone")
    assert "points" not in raised.value.message


def test_a_file_without_rights_is_refused(folder: Path) -> None:
    file = folder / ".env"
    file.write_bytes(OLD)
    file.chmod(0)
    with without_rights(folder, file):
        refused(lambda: read(file), "file-not-permitted")
        file.chmod(0o400)
        assert "may not be written" in refused(lambda: require(read(file)), "file-not-writable").message
        refused(lambda: replace(read(file), NEW), "file-not-writable")
        file.chmod(0o600)
        folder.chmod(0o555)
        assert "its folder" in refused(lambda: replace(read(file), NEW), "file-not-writable").message
        folder.chmod(0o755)
    assert file.read_bytes() == OLD
    alone(file)


def test_what_belongs_to_somebody_else_is_refused() -> None:
    with without_rights():
        original = read(Path("/etc/passwd"))
        assert "another user" in refused(lambda: replace(original, NEW), "file-not-writable").message


@pytest.mark.skipif(not IS_ROOT, reason="only root gives files away")
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, 4321, 4322)
    replace(read(file), NEW)
    assert (file.stat().st_uid, file.stat().st_gid) == (4321, 4322)


def test_a_second_hard_link_is_refused_since_it_would_keep_the_old_value(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").hardlink_to(file)
    error = refused(lambda: replace(read(file), NEW), "file-not-writable")
    assert "2 hard links" in error.message
    assert file.read_bytes() == (tmp_path / "other").read_bytes() == OLD


def test_an_immutable_file_is_refused_before_it_is_tried(file: Path) -> None:
    if subprocess.run(["chattr", "+i", file], check=False, capture_output=True).returncode:
        pytest.skip("only root, on a file system that can, makes a file immutable")
    try:
        assert "chattr -i" in refused(lambda: require(read(file)), "file-not-writable").remedy
    finally:
        subprocess.run(["chattr", "-i", file], check=True)


def test_refusals_are_of_the_kinds_that_callers_tell_apart() -> None:
    assert issubclass(Absent, Refused)
    assert issubclass(Changed, DestinationError)
