"""Keys in the past of the checkout: lines that some commit added. Bounded by a number of commits and by time.

Sources: git-log(1) for every option. What a repository's own settings could start (an external diff, a text conversion,
the check of signatures, a pager) is switched off: the checkout may be a stranger's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from rotate.edit.scan import SHAPE
from rotate.errors import Refused, one_line
from rotate.machine import Machine, Sighting
from rotate.ports import Hide
from rotate.secret import Secret

COMMITS, SECONDS = 2000, 20.0
# Of a line that is longer, each piece is looked at by itself.
PIECE = 1024 * 1024
MARK = b"\x00commit "
QUIET = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
DIFF = ("-p", "-U0", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--format=%x00commit %h")
# Of the environment git needs no more, and no key.
NEEDED = frozenset(("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "XDG_CONFIG_HOME"))
CALM = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
REMEDY = (
    "The past of a repository goes wherever it is cloned: rotate the key. A dead key in it harms nobody; a rewritten "
    "history does not call back the copies."
)


class Past:
    """Reads what `git log -p` tells. `commits`: how many it told of so far."""

    def __init__(self, root: Path, hide: Hide) -> None:
        self.commits = 0
        self._root, self._hide = root, hide
        self._found: set[tuple[str, bytes]] = set()

    def read(self, lines: Iterable[bytes]) -> Iterator[Sighting]:
        """Give each value once for each file that held it, with the newest commit that added it."""
        commit, file, added, whole = "", "", False, True
        for line in lines:
            if whole and line.startswith(MARK):
                commit, self.commits = line[len(MARK) :].decode("ascii", "replace").strip(), self.commits + 1
            elif whole and line.startswith(b"+++ "):
                file = line[4:].decode(errors="replace").strip().removeprefix("b/")
            else:
                added = line.startswith(b"+") if whole else added
                yield from self._added(line, commit, file) if added else ()
            whole = line.endswith(b"\n")

    def _added(self, line: bytes, commit: str, file: str) -> Iterator[Sighting]:
        for match in SHAPE.finditer(line):
            if (file, match[0]) not in self._found:
                self._found.add((file, match[0]))
                value = Secret(match[0].decode())
                self._hide(value)
                what = f"git's past: commit {commit}, {one_line(file)}"
                yield Sighting(self._root / ".git", 0, value, what, remedy=REMEDY, general=True, past=True)


def sightings(machine: Machine, hide: Hide, commits: int = COMMITS, seconds: float = SECONDS) -> Iterator[Sighting]:
    """Search the last commits of the checkout in which the program was started. Says so where git is not there, cannot
    tell, or a bound was met."""
    git = shutil.which("git", path=machine.environment.get("PATH"))
    root = checkout(machine.folder)
    if root is None:
        return
    if git is None:
        machine.watch.left_out(_bound("Git is not installed, so the past of this checkout was not searched"))
        return
    given = {name: text for name, text in machine.environment.items() if name.upper() in NEEDED}
    command = [git, *QUIET, "-C", str(root), "log", "--all", f"--max-count={commits}", *DIFF]
    past, late = Past(root, hide), threading.Event()
    environment = {"PATH": os.defpath, **given, **CALM}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        timer = threading.Timer(seconds, _end, (process, late))
        timer.start()
        try:
            yield from past.read(iter(partial(process.stdout.readline, PIECE), b"") if process.stdout else ())
            process.wait()
        finally:
            timer.cancel()
            process.kill()
    if late.is_set():
        machine.watch.left_out(_bound(f"The search of the past of this checkout was ended after {seconds:g} seconds"))
    elif process.returncode:
        machine.watch.left_out(_bound("Git does not tell the past of this checkout (see: git log)"))
    elif past.commits >= commits:
        machine.watch.left_out(_bound(f"Of the past of this checkout the last {commits} commits were searched"))


def checkout(folder: Path) -> Path | None:
    """Give the folder of the checkout that a folder is in."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _bound(what: str) -> Refused:
    remedy = "To search all of it: git log --all -p -S napi_ --format=%h --name-only"
    return Refused("local-not-searched", f"{what}: a key may lie there all the same.", remedy)
