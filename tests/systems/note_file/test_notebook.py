"""The note and the lock in files: who may read them, whose process is gone, what is no file of ours, Windows."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Pages
from rotate.systems.note_file import files
from rotate.systems.note_file.notebook import FileNotebook

HOLDER = """
import sys, time
from pathlib import Path
from rotate.systems.note_file.notebook import FileNotebook
book = FileNotebook(Path(sys.argv[1]), writes=True, machine="here")
book.take_lock("theirs", replacing=None)
print("taken", flush=True)
time.sleep(60)
"""


def book(folder: Path, *, writes: bool = True, machine: str = "here") -> FileNotebook:
    return FileNotebook(folder / "state" / "note.json", writes=writes, machine=machine)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "state").iterdir())


def test_the_files_are_the_persons_own_and_nothing_else_stays(tmp_path: Path) -> None:
    ours = book(tmp_path)
    assert ours.read() == Pages(None, None)
    ours.write_note("odd")
    ours.put_aside("odd")
    ours.write_note("note")
    ours.take_lock("mine", replacing=None)
    assert names(tmp_path) == ["note.json", "note.json.bad", "note.json.id", "note.json.lock"]
    modes = {stat.S_IMODE((tmp_path / "state" / name).stat().st_mode) for name in names(tmp_path)}
    assert (modes, stat.S_IMODE((tmp_path / "state").stat().st_mode)) == ({0o600}, 0o700)
    assert ours.where == (
        f"The file {tmp_path}/state/note.json",
        f"The file {tmp_path}/state/note.json.lock",
    )
    ours.release_lock("mine")
    assert names(tmp_path) == ["note.json", "note.json.bad", "note.json.id"]
    assert ours.run_completed(7, "octo-org/payments") is None


def test_a_number_is_chosen_once_and_is_no_other_notebooks(tmp_path: Path) -> None:
    first, again = book(tmp_path), book(tmp_path)
    first.read()
    again.read()
    other = book(tmp_path / "other")
    other.read()
    assert first.number == again.number > 0
    assert other.number != first.number


def test_a_run_that_only_looks_creates_nothing_and_reads_what_is_there(tmp_path: Path) -> None:
    looking = book(tmp_path, writes=False)
    assert looking.read() == Pages(None, None)
    assert looking.number > 0
    assert not (tmp_path / "state").exists()
    writing = book(tmp_path)
    writing.read()
    writing.write_note("note")
    assert looking.read() == Pages("note", None)
    assert looking.number == writing.number


def test_while_its_process_lives_a_lock_is_held_and_a_killed_ones_is_known_to_be_over(tmp_path: Path) -> None:
    ours = book(tmp_path)
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "state/note.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"taken\n"
        assert ours.read() == Pages(None, "theirs", abandoned=False)
        holder.send_signal(signal.SIGKILL)
    assert ours.read() == Pages(None, "theirs", abandoned=True)
    assert book(tmp_path, machine="elsewhere").read() == Pages(None, "theirs"), "another machine cannot know that"
    ours.take_lock("mine", replacing="theirs")
    assert ours.read() == Pages(None, "mine")


def test_of_many_that_find_the_same_stale_lock_one_gets_it(tmp_path: Path) -> None:
    book(tmp_path).take_lock("stale", replacing=None)
    barrier, won, lost = threading.Barrier(8), list[FileNotebook](), list[Refused]()

    def take(number: int) -> None:
        ours = book(tmp_path)
        barrier.wait()
        try:
            ours.take_lock(f"number {number}", replacing="stale")
            won.append(ours)
        except Refused as error:
            lost.append(error)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert {error.reason for error in lost} == {"lock-held"}


def test_a_lock_that_appears_without_a_hold_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network drive that holds nothing for a process: `O_EXCL` alone tells two apart there."""
    ours, lock = book(tmp_path), tmp_path / "state/note.json.lock"
    ours.read()
    remove = ours._remove

    def meddle() -> None:
        remove()
        lock.write_text("elsewhere\ntheirs")

    monkeypatch.setattr(ours, "_remove", meddle)
    with pytest.raises(Refused):
        ours.take_lock("mine", replacing=None)
    assert lock.read_text() == "elsewhere\ntheirs"


def test_a_lock_that_was_begun_and_not_filled_is_none_of_ours_and_is_taken_over(tmp_path: Path) -> None:
    ours = book(tmp_path)
    ours.read()
    (tmp_path / "state/note.json.lock").touch()
    assert ours.read() == Pages(None, ""), "no text of ours, which the core takes over"
    ours.take_lock("mine", replacing="")
    assert ours.read() == Pages(None, "mine")


def test_a_full_disk_leaves_no_lock_and_the_note_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = book(tmp_path)
    ours.read()
    ours.write_note("before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DestinationError, match="No space left on device") as caught:
        ours.write_note("after")
    assert (caught.value.reason, caught.value.outcome) == ("note-file-unusable", Outcome.NO_EFFECT)
    with pytest.raises(DestinationError, match="No space left on device") as caught:
        ours.take_lock("mine", replacing=None)
    assert (caught.value.reason, caught.value.outcome) == ("note-file-unusable", Outcome.NO_EFFECT)
    monkeypatch.undo()
    assert ours.read() == Pages("before", None)
    assert names(tmp_path) == ["note.json", "note.json.id"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (Path.mkdir, "Is a directory"),
        (os.mkfifo, "is no file"),
        (lambda path: path.write_bytes(b"x" * (files.LARGEST + 1)), "is larger than 1 MiB"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    ],
)
@pytest.mark.parametrize("end", ["", ".lock"])
def test_what_cannot_be_read_is_never_absent(
    end: str, spoil: Callable[[Path], object], why: str, tmp_path: Path
) -> None:
    ours = book(tmp_path)
    ours.read()
    spoil(tmp_path / f"state/note.json{end}")
    with pytest.raises(DestinationError, match=why) as caught:
        ours.read()
    assert "note_file: " in caught.value.remedy


def test_a_number_that_is_none_is_told(tmp_path: Path) -> None:
    ours = book(tmp_path)
    ours.read()
    (tmp_path / "state/note.json.id").write_text("seven")
    with pytest.raises(DestinationError, match="does not say the number"):
        ours.read()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(DestinationError, match="cannot be used"):
        book(tmp_path).read()


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "note.json").symlink_to(real / "note.json")
    FileNotebook(tmp_path / "note.json", writes=True).write_note("note")
    assert (tmp_path / "note.json").is_symlink()
    assert (real / "note.json").read_text() == "note"


class Windows(SimpleNamespace):
    """`msvcrt.locking` as Microsoft describes it, over what this system has: a region of a file, for one process."""

    LK_LOCK, LK_NBLCK = 1, 2

    def __init__(self) -> None:
        super().__init__(held=[])

    def locking(self, descriptor: int, mode: int, count: int) -> None:
        """Hold a byte where the file's pointer stands."""
        self.held.append((mode, os.lseek(descriptor, 0, os.SEEK_CUR), count))
        fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if mode == self.LK_NBLCK else 0))


def test_on_windows_a_byte_behind_the_text_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows()
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    ours = FileNotebook(tmp_path / "note.json", writes=True, machine="here", system="win32")
    ours.take_lock("mine", replacing=None)
    assert ours.read() == Pages(None, "mine")
    ours.release_lock("mine")
    assert ours.read() == Pages(None, None)
    assert {at for _, at, _ in windows.held} == {files.BEHIND}
    assert {count for _, _, count in windows.held} == {1}


def test_where_files_cannot_be_held_at_all_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DestinationError, match="Permission denied"):
        book(tmp_path).take_lock("mine", replacing=None)
