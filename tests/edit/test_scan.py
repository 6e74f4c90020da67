"""The search of folders: every key is found once, whatever lies beside it; nothing but plain files is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.edit import scan
from rotate.edit.scan import Scan, values

KEY = "napi_sandbox" + "k" * 57
OTHER = "napi_sandbox" + "m" * 57
OLD = "b1" * 32


def found(root: Path, *known: str, **bounds: int) -> tuple[list[tuple[str, list[int]]], scan.Left]:
    """Give the files with keys below a folder, each with the lines, and what was not searched."""
    search = Scan([one.encode() for one in known], **bounds)
    holding = [one for one in search.folders([str(root)]) if one]
    return sorted((Path(one.path).name, [hit.line for hit in one.hits]) for one in holding), search.left


def test_each_key_is_found_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/.env").write_text(f"A=1\nNEON_API_KEY={KEY}\n\nB={OTHER}\nC={KEY}\n")
    (tmp_path / "plain.txt").write_text("napi_ is how a key begins\n")
    hits, left = found(tmp_path)
    assert hits == [(".env", [2, 4, 5])]
    assert (left.files, left.large, left.binary, left.closed, left.deep) == (2, [], [], [], [])


def test_what_is_like_a_key_and_is_none_is_not_found() -> None:
    assert [*values(b"napi_short xnapi_" + b"k" * 64 + b" napi_" + b"k" * 300)] == []


def test_a_known_value_is_found_whatever_its_shape(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"x\n{OLD}\n{KEY}\n")
    assert found(tmp_path)[0] == [("a", [3])]
    assert found(tmp_path, OLD, KEY, "")[0] == [("a", [2, 3])]


@pytest.mark.parametrize("value", [KEY, OLD])
@pytest.mark.parametrize("before", range(scan.PIECE - 80, scan.PIECE + 2))
def test_a_key_across_the_seam_of_two_pieces_is_found(value: str, before: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (before - 1) + b"\n" + value.encode() + b"\n" + b"y" * scan.PIECE * 2)
    assert found(tmp_path, OLD)[0] == [("a", [2])]


def test_without_the_overlap_the_seam_is_missed(tmp_path: Path) -> None:
    """The control of the test before."""
    (tmp_path / "a").write_bytes(b"x" * (scan.PIECE - 3) + b" " + KEY.encode())
    search = Scan()
    search._overlap = 1
    assert [one for one in search.folders([str(tmp_path)]) if one] == []


def test_a_known_value_that_is_a_key_of_today_costs_no_search_of_its_own() -> None:
    assert Scan([KEY.encode()])._needles == (scan.BEGINNING,)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_in_any_bytes_every_key_is_found(noise: list[bytes]) -> None:
    data = (b" " + KEY.encode() + b"\n").join(noise)
    hits = [hit for hit in values(data) if hit.value == KEY.encode()]
    assert len(hits) >= max(len(noise) - 1, 0)
    assert all(data[: hit.start].count(b"\n") + 1 == hit.line for hit in hits)
    assert KEY not in repr(hits)


def test_what_is_large_binary_deep_or_closed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1/2/3").mkdir(parents=True)
    (tmp_path / "1/2/3/.env").write_text(KEY)
    (tmp_path / "large").write_text(f"{KEY}\n" + "x" * 2 * scan.PIECE)
    (tmp_path / "larger").write_text("x" * 2 * scan.PIECE + KEY)
    (tmp_path / "binary").write_bytes(b"\0" * scan.PIECE + KEY.encode())
    (tmp_path / "database").write_bytes(b"\0 " + KEY.encode())
    (tmp_path / "closed").write_text(KEY)
    real = os.open

    def closed(path: str, flags: int) -> int:
        if str(path).endswith("closed"):
            raise PermissionError(13, "no")
        return real(path, flags)

    monkeypatch.setattr(os, "open", closed)
    hits, left = found(tmp_path, largest=scan.PIECE, deepest=2)
    assert hits == [("database", [1])]
    names = [[Path(one).name for one in sorted(paths)] for paths in (left.large, left.binary, left.closed, left.deep)]
    assert names == [["large", "larger"], ["binary"], ["closed"], ["3"]]


def test_a_file_of_a_gigabyte_of_nothing_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1024**3)
    (tmp_path / "text").write_bytes(b"x" * scan.PIECE)
    os.truncate(tmp_path / "text", 1024**3)
    read = list[int]()
    real = os.read

    def counted(handle: int, size: int) -> bytes:
        data = real(handle, size)
        read.append(len(data))
        return data

    monkeypatch.setattr(os, "read", counted)
    _, left = found(tmp_path)
    assert (len(left.binary), len(left.large), sum(read)) == (1, 1, 2 * scan.PIECE)


def test_pipes_devices_and_loops_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to("missing")
    opened = list[str]()
    real = os.open

    def noted(path: str, flags: int) -> int:
        opened.append(path)
        return real(path, flags)

    monkeypatch.setattr(os, "open", noted)
    hits, left = found(tmp_path)
    assert (hits, opened, left.files) == ([], [], 0)


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    search = Scan()
    assert search.file(str(tmp_path / "pipe")) is None
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    assert search.file(str(tmp_path / "link")) is None, "no link is followed that took the place of a file"


def test_a_link_to_a_file_elsewhere_is_followed_once(tmp_path: Path) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    away.mkdir()
    (away / "env").write_text(KEY)
    (home / ".env").symlink_to(away / "env")
    (home / "again").symlink_to(away / "env")
    (home / "a").write_text(KEY)
    (home / "b").symlink_to("a")
    assert found(home)[0] == [("a", [1]), ("env", [1])]


def test_a_folder_in_another_is_searched_once_and_caches_never(tmp_path: Path) -> None:
    for name in ("node_modules", ".git/objects", "src"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a").write_text(KEY)
    search = Scan()
    holding = [one for one in search.folders([str(tmp_path), str(tmp_path / "src"), str(tmp_path / "gone")]) if one]
    assert [Path(one.path).parent.name for one in holding] == ["src"]


@pytest.mark.parametrize("cruelty", ["gone", "unreadable"])
def test_a_file_that_changes_while_it_is_read_ends_nothing(
    cruelty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text(KEY)
    (tmp_path / "b").write_text(KEY)
    real = os.open

    def broken(handle: int, size: int) -> bytes:
        raise OSError(5, "the disk is broken")

    def opening(path: str, flags: int) -> int:
        if path.endswith("b") and cruelty == "gone":
            (tmp_path / "b").unlink()
        elif path.endswith("b"):
            monkeypatch.setattr(os, "read", broken)
        return real(path, flags)

    monkeypatch.setattr(os, "open", opening)
    search = Scan()
    assert [search.file(str(tmp_path / name)) is not None for name in ("a", "b")] == [True, False]
    assert search.left.closed == ([str(tmp_path / "b")] if cruelty == "unreadable" else [])


def test_a_file_that_is_emptied_between_two_reads_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text(KEY)
    real = os.lseek

    def emptied(handle: int, to: int, whence: int) -> int:
        path.write_text("")
        return real(handle, to, whence)

    monkeypatch.setattr(os, "lseek", emptied)
    assert Scan().file(str(path)) is None


def test_the_systems_own_folders_are_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/a").write_text(KEY)
    monkeypatch.setattr(scan, "NO_DISKS", {str(tmp_path / "proc")})
    assert found(tmp_path)[0] == []


def test_who_waits_hears_after_each_folder(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert [*Scan().folders([str(tmp_path)])] == [None, None, None]


def test_of_a_file_of_thousands_of_values_the_first_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{KEY}\n" * 5000)
    hits, left = found(tmp_path)
    assert hits == [("a", [*range(1, scan.MOST + 1)])]
    assert left.crowded == [str(tmp_path / "a")]
