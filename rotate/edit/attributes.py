"""Gives a new file what an old one has beside its bytes: owner, mode, ACL, extended attributes. All of it, or an error.

Sources: xattr(7), acl(5): Linux keeps an ACL in the attribute `system.posix_acl_access`; `security.ima` and
`security.evm` belong to the bytes, and the kernel makes them. macOS: copyfile(3). Windows: learn.microsoft.com,
`GetFileSecurityW` and `SetFileSecurityW`; a rename takes a file's ACL along.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Any

OF_THE_BYTES = frozenset({"security.ima", "security.evm"})
NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENOSYS)
COPYFILE_ACL, COPYFILE_XATTR = 1, 4
DACL_SECURITY_INFORMATION = 4


def keep(old: Path, new: Path, owner: tuple[int, int], mode: int, platform: str = sys.platform) -> None:
    """Give `new` what `old` has. `owner`: the numbers of user and group of `old`; `mode`: its permissions.

    Raises:
        OSError: something of it could not be given.
    """
    if platform == "win32":
        security(old, new, vars(ctypes)["WinDLL"]("advapi32"))
        return
    found = new.stat()
    if (found.st_uid, found.st_gid) != owner:
        os.chown(new, *owner)
    if platform == "darwin":
        copied(old, new, ctypes.CDLL(None, use_errno=True))
    else:
        extended(old, new)
    new.chmod(mode)


def extended(old: Path, new: Path) -> None:
    """Copy the extended attributes of Linux, the ACL among them."""
    for name in set(_names(old)) - OF_THE_BYTES:
        value = os.getxattr(old, name)
        if name not in _names(new) or os.getxattr(new, name) != value:
            os.setxattr(new, name, value)
    for name in set(_names(new)) - set(_names(old)) - OF_THE_BYTES:
        os.removexattr(new, name)  # such as an ACL that the folder gives to new files


def _names(path: Path) -> list[str]:
    try:
        return os.listxattr(path)
    except OSError as error:
        if error.errno in NO_ATTRIBUTES:
            return []
        raise


def copied(old: Path, new: Path, library: Any) -> None:
    """Copy ACL and extended attributes on macOS. `library`: its C library."""
    source = os.open(old, os.O_RDONLY)
    try:
        target = os.open(new, os.O_WRONLY)
        try:
            if library.fcopyfile(source, target, None, COPYFILE_ACL | COPYFILE_XATTR) != 0:
                raise OSError(ctypes.get_errno() or errno.EIO, "its ACL and attributes cannot be copied")
        finally:
            os.close(target)
    finally:
        os.close(source)


def security(old: Path, new: Path, library: Any) -> None:
    """Copy the ACL on Windows. `library`: its `advapi32`."""
    needed = ctypes.c_ulong(0)
    library.GetFileSecurityW(str(old), DACL_SECURITY_INFORMATION, None, 0, ctypes.byref(needed))
    held = ctypes.create_string_buffer(needed.value or 1)
    told = library.GetFileSecurityW(str(old), DACL_SECURITY_INFORMATION, held, len(held), ctypes.byref(needed))
    if not (told and library.SetFileSecurityW(str(new), DACL_SECURITY_INFORMATION, held)):
        raise PermissionError(errno.EACCES, "its ACL cannot be copied")
