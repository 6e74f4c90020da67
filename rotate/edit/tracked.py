"""Whether git keeps a file: a key that is written into one is pushed with the next commit.

Sources: git-ls-files(1), `--error-unmatch`: status 0 where the file is in the index. git-config(1): `core.fsmonitor`
may name a program to run, and a repository of another owner is not read unless `safe.directory` says so; both are set
here, since whose the repository is does not matter to a look, and nothing of it is to be run.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from shlex import quote

from rotate.errors import Refused, one_line

GIT = ("git", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "safe.directory=*")
SECONDS = 10.0


def tracked(real: Path) -> bool:
    """Say whether git keeps a file. `real`: with every link followed. Where there is no git, nothing is kept by it."""
    asked = [*GIT, "-C", str(real.parent), "ls-files", "--error-unmatch", "--", real.name]
    try:
        ended = subprocess.run(asked, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def refuse_tracked(name: str, real: Path, more: str = "") -> None:
    """Refuse to write a key where git would take it along. `name`: of the destination; `more`: another way out.

    Raises:
        Refused: git keeps the file.
    """
    if not tracked(real):
        return
    folder, file = quote(str(real.parent)), quote(real.name)
    raise Refused(
        "file-tracked",
        f"{name} lies in {one_line(str(real))}, which git keeps: the new key would be in its history with the next "
        "commit, as every key is that stood there before. Nothing was changed there.",
        f"Let git forget the file, and keep it:\n\n    git -C {folder} rm --cached {file}\n    echo {file} >> "
        f"{folder}/.gitignore\n\n{more}Rotate a key that was ever pushed as an exposed one.",
    )
