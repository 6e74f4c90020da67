"""Owner, mode, ACL and extended attributes outlive a write, on each system by its own means."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from rotate.edit import attributes
from rotate.edit.attributes import copied, extended, keep, security
from rotate.edit.disk import read, replace

ACL = "system.posix_acl_access"
DEFAULT = "system.posix_acl_default"
# acl(5), linux/posix_acl_xattr.h: version 2; then tag, permissions and id of each entry: owner rw, user 1234 r,
# group nothing, mask r, others nothing.
ENTRIES = ((1, 6, 2**32 - 1), (2, 4, 1234), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1))
A_USER = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in ENTRIES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_bytes(b"a")
    return file


def attribute(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            pytest.skip(f"the file system of {path} keeps no `{name}`")
        raise


def test_an_acl_and_attributes_stay(file: Path) -> None:
    attribute(file, ACL, A_USER)
    attribute(file, "user.kept", b"\0by\xff")
    replace(read(file), b"b")
    assert (os.getxattr(file, ACL), os.getxattr(file, "user.kept")) == (A_USER, b"\0by\xff")
    assert file.read_bytes() == b"b"


def test_the_acl_that_a_folder_gives_to_new_files_does_not_widen_one(file: Path) -> None:
    file.chmod(0o600)
    attribute(file.parent, DEFAULT, A_USER)
    replace(read(file), b"b")
    assert ACL not in os.listxattr(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_a_new_file_has_already_is_not_given_to_it_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attribute(file, "user.kept", b"1")
    monkeypatch.setattr(os, "setxattr", None)
    extended(file, file)


def test_what_belongs_to_the_bytes_is_not_copied(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "OF_THE_BYTES", frozenset({"user.digest"}))
    attribute(file, "user.digest", b"of a")
    new = tmp_path / "new"
    new.touch()
    extended(file, new)
    assert os.listxattr(new) == []


def test_a_file_system_without_attributes_has_none_to_keep(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [errno.ENOTSUP]

    def none(path: Path) -> list[str]:
        raise OSError(told[0], "")

    monkeypatch.setattr(os, "listxattr", none)
    extended(file, file)
    told[0] = errno.EIO
    with pytest.raises(OSError, match="Errno 5"):
        extended(file, file)


class Mac:
    """The C library of macOS, as far as copyfile(3) tells of it."""

    def __init__(self, answer: int) -> None:
        self.answer, self.asked = answer, list[object]()

    def fcopyfile(self, source: int, target: int, state: object, flags: int) -> int:
        self.asked = [os.pread(source, 9, 0), os.fstat(target).st_size, state, flags]
        return self.answer


def test_macos_copies_acl_and_attributes_and_no_bytes(file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.touch()
    mac = Mac(0)
    copied(file, new, mac)
    assert mac.asked == [b"a", 0, None, 0b101]
    with pytest.raises(OSError, match="cannot be copied"):
        copied(file, new, Mac(-1))


class Windows:
    """`advapi32`, as far as Microsoft describes these two functions."""

    def __init__(self, held: bytes, *, sets: bool = True) -> None:
        self.held, self.sets, self.given = held, sets, dict[str, bytes]()
        self.GetFileSecurityW, self.SetFileSecurityW = self._get, self._set

    def _get(self, path: str, what: int, buffer: Any, size: int, needed: Any) -> int:
        assert what == 4
        needed._obj.value = len(self.held)
        if size < len(self.held) or not self.held:
            return 0
        buffer[: len(self.held)] = self.held
        return 1

    def _set(self, path: str, what: int, buffer: Any) -> int:
        assert what == 4
        self.given[path] = bytes(buffer)
        return int(self.sets)


def test_windows_copies_the_acl() -> None:
    windows = Windows(b"descriptor")
    security(Path("old"), Path("new"), windows)
    assert windows.given == {"new": b"descriptor"}
    for broken in (Windows(b""), Windows(b"descriptor", sets=False)):
        with pytest.raises(PermissionError, match="ACL"):
            security(Path("old"), Path("new"), broken)


def test_each_platform_goes_its_way(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = tmp_path / "new"
    new.touch()
    mac, windows = Mac(0), Windows(b"descriptor")
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: mac)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: {"advapi32": windows}[name], raising=False)
    found = file.stat()
    keep(file, new, (found.st_uid, found.st_gid), 0o640, "darwin")
    assert mac.asked
    assert new.stat().st_mode & 0o777 == 0o640
    keep(file, new, (0, 0), 0o666, "win32")
    assert windows.given == {str(new): b"descriptor"}
    assert new.stat().st_mode & 0o777 == 0o640


def test_the_owner_is_given_where_it_is_another(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, given = file.stat(), list[tuple[int, int]]()
    monkeypatch.setattr(os, "chown", lambda path, *owner: given.append(owner))
    keep(file, file, (found.st_uid, found.st_gid), 0o600)
    keep(file, file, (found.st_uid, found.st_gid + 1), 0o600)
    assert given == [(found.st_uid, found.st_gid + 1)]
