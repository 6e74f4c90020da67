"""A credential in the OS keyring, by the library `keyring`.

Sources: npm `neon` 6.2.3, `credential_store.ts` and `keyring.ts`: the CLI keeps the item by npm `@napi-rs/keyring`
1.3.0. On Windows that names it `<account>.<service>` (docs.rs, windows-native-keyring-store). Measured with
gnome-keyring 42: PyPI `keyring` 25.7.0 reads the CLI's item, but its `set_password` adds a second one, since that has
an attribute more, and of two items the CLI reads none. So where there is a Secret Service, the one item is overwritten
in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.systems.neon_cli.folders import Spot
from rotate.systems.neon_cli.kept import Kept

SERVICE = "com.neon.neon-cli"
INSTALL = "pip install 'neon-rotate[keyring]'"


def kept(spot: Spot, what: str, platform: str) -> Kept:
    """Read the item of a profile.

    Raises:
        Refused: the library is not installed, there is no keyring, it is locked, or it shows no such item. The CLI
            takes each for an item that it cannot read, so that none is an absence.
    """
    name = f"{spot.account}.{SERVICE}" if platform == "win32" else SERVICE
    try:
        for ring in _rings():
            text = _get(ring, name, spot.account)
            if text is not None:
                return Kept(text.encode(), lambda: None, partial(_replace, ring, name, spot.account, what))
    except ImportError:
        raise _unavailable(what, "the library that reads it is not installed", f"    {INSTALL}") from None
    except RotateError:
        raise
    except Exception as error:
        raise _unavailable(what, f"the keyring answered with {type(error).__name__}", "") from None
    raise _unavailable(what, "the keyring shows no such item", f"    neon profile create {spot.profile} --keyring")


def _rings() -> list[Any]:
    """Give every keyring that may have the item, in the library's order."""
    import keyring

    ring = keyring.get_keyring()
    return list(getattr(ring, "backends", (ring,)))


def _get(ring: Any, name: str, account: str) -> str | None:
    if not hasattr(ring, "get_preferred_collection"):
        text: str | None = ring.get_password(name, account)
        return text
    with _item(ring, name, account) as item:
        return str(item.get_secret().decode()) if item else None


def _replace(ring: Any, name: str, account: str, what: str, data: bytes) -> None:
    try:
        if not hasattr(ring, "get_preferred_collection"):
            ring.set_password(name, account, data.decode())
        else:
            with _item(ring, name, account) as item:
                item.set_secret(data)
    except Exception as error:
        raise DestinationError(
            "keyring-unavailable",
            f"{what} was to be overwritten, and the keyring answered with {type(error).__name__}. It is not known "
            "which value it has now.",
            "Unlock the keyring, and run this again: it reads what stands there, and writes it once more.",
            outcome=Outcome.UNKNOWN,
        ) from None


@contextmanager
def _item(ring: Any, name: str, account: str) -> Iterator[Any]:
    """Give the one item of a Secret Service; `None` where there is none."""
    collection = ring.get_preferred_collection()
    with closing(collection.connection):
        found = list(collection.search_items({"service": name, "username": account}))
        if len(found) > 1:
            raise _unavailable(f"The item {account}", "the keyring has two of it, and the Neon CLI then reads none", "")
        for item in found:
            ring.unlock(item)
        yield found[0] if found else None


def _unavailable(what: str, why: str, lines: str) -> Refused:
    return Refused(
        "keyring-unavailable",
        f"{what} cannot be used: {why}. Nothing was changed there.",
        "Run this where the person is logged in and the keyring is unlocked, as `neon profile list` does."
        + (f"\n\n{lines}" if lines else ""),
    )
