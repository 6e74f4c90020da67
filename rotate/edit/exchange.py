"""Two files change places at once, where the system can: what was overwritten is then seen, and can be put back.

Sources: renameat2(2), `RENAME_EXCHANGE` (Linux 3.15, glibc 2.28; EINVAL where the file system cannot); macOS:
`renamex_np` with `RENAME_SWAP`, renamex_np(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Any

AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP = -100, 2, 2
CANNOT = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def exchange(one: Path, other: Path) -> bool:
    """Let two files change places. `False`: this system, or its file system, cannot. Raises `OSError` for all else."""
    return exchanged(one, other, sys.platform, None if sys.platform == "win32" else ctypes.CDLL(None, use_errno=True))


def exchanged(one: Path, other: Path, platform: str, library: Any) -> bool:
    """The same. `library`: the system's C library."""
    names = os.fsencode(one), os.fsencode(other)
    call = getattr(library, "renamex_np" if platform == "darwin" else "renameat2", None)
    if call is None:
        return False
    swap = (*names, RENAME_SWAP) if platform == "darwin" else (AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE)
    if call(*swap) == 0:
        return True
    code = ctypes.get_errno()
    if code in CANNOT:
        return False
    raise OSError(code, os.strerror(code))
