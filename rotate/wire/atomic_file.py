"""Write a file so that a reader sees the whole of it or nothing: beside it, synced, renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

READABLE = 0o644


def write(path: Path, text: str) -> None:
    """Put `text` at `path`. A file that is there keeps its mode; a new one is readable to all.

    Raises:
        OSError: it could not be written; what was there is as it was.
    """
    mode = path.stat().st_mode & 0o777 if path.exists() else READABLE
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
