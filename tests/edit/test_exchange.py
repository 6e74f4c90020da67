"""What somebody writes between the last look and the rename comes out of the exchange, and is put back."""

from __future__ import annotations

import ctypes
import errno
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from rotate.edit import disk
from rotate.edit.disk import USUAL, Way, read, replace
from rotate.edit.exchange import exchange, exchanged
from rotate.edit.trouble import Changed
from tests.edit.test_race import NEW, OLD, THEIRS, by_mode, by_rename, in_place, same_bytes_in_another_file

WRITES = (in_place, by_rename, same_bytes_in_another_file, by_mode)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / ".env"
    file.write_bytes(OLD)
    file.chmod(0o640)
    if not exchange(file, file):
        pytest.skip("this file system lets no files change places")
    return file


def late(write: Callable[[Path], None], at: int = 1) -> Way:
    """Let somebody write in the moment before two files change places for the so-many-th time."""
    calls: list[Path] = []

    def trade(one: Path, other: Path) -> bool:
        calls.append(one)
        if len(calls) == at:
            write(other)
        return exchange(one, other)

    return Way(trade=trade)


def state(file: Path) -> tuple[bytes, int, int]:
    return file.read_bytes(), file.stat().st_mode, file.stat().st_ino


@pytest.mark.parametrize("write", WRITES)
def test_what_falls_between_the_look_and_the_rename_stays(write: Callable[[Path], None], file: Path) -> None:
    left: list[tuple[bytes, int, int]] = []

    def noted(path: Path) -> None:
        write(path)
        left.append(state(path))

    original = read(file)
    with pytest.raises(Changed):
        replace(original, NEW, late(noted))
    assert [state(file)] == left
    assert [one.name for one in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("write", WRITES)
def test_control_without_the_look_at_what_comes_out_it_is_lost(
    write: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_as_read", lambda *_: True)
    replace(read(file), NEW, late(write))
    assert file.read_bytes() == NEW


def test_who_writes_while_it_is_put_back_has_the_last_word(file: Path) -> None:
    def again(path: Path) -> None:
        (path.parent / "again").write_bytes(b"KEY=again\n")
        (path.parent / "again").replace(path)

    original, second = read(file), late(again, at=2)

    def trade(one: Path, other: Path) -> bool:
        if file.read_bytes() == OLD:
            by_rename(other)
        return second.trade(one, other)

    with pytest.raises(Changed):
        replace(original, NEW, Way(trade=trade))
    assert file.read_bytes() == b"KEY=again\n"
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_who_writes_for_ever_is_given_way(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "MOST_TRADES", 3)

    def trade(one: Path, other: Path) -> bool:
        by_rename(other)
        return exchange(one, other)

    with pytest.raises(Changed):
        replace(read(file), NEW, Way(trade=trade))
    assert file.read_bytes() == THEIRS


def test_a_file_that_is_gone_in_that_moment_is_not_made_again(file: Path) -> None:
    with pytest.raises(Changed):
        replace(read(file), NEW, late(Path.unlink))
    assert list(file.parent.iterdir()) == []


def test_the_usual_way_lets_files_change_places(file: Path) -> None:
    assert USUAL.trade is exchange
    before = file.stat().st_mode
    replace(read(file), NEW)
    assert (file.read_bytes(), file.stat().st_mode) == (NEW, before)
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def refusing(code: int) -> Callable[..., int]:
    def call(*_: object) -> int:
        ctypes.set_errno(code)
        return -1

    return call


def test_where_the_system_cannot_it_says_so(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert not exchanged(one, other, "linux", SimpleNamespace())
    assert not exchanged(one, other, "win32", None)
    assert not exchanged(one, other, "linux", SimpleNamespace(renameat2=refusing(errno.EINVAL)))
    with pytest.raises(PermissionError):
        exchanged(one, other, "linux", SimpleNamespace(renameat2=refusing(errno.EACCES)))


def test_macos_has_a_call_of_its_own(tmp_path: Path) -> None:
    asked: list[tuple[object, ...]] = []

    def call(*given: object) -> int:
        asked.append(given)
        return 0

    assert exchanged(tmp_path / "one", tmp_path / "other", "darwin", SimpleNamespace(renamex_np=call))
    assert asked == [(bytes(tmp_path / "one"), bytes(tmp_path / "other"), 2)]
