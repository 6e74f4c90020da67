"""A file that holds a key, and what is told where it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rotate.errors import RotateError

OLD, NEW = b"NEON_API_KEY=napi_old\n", b"NEON_API_KEY=napi_new_and_longer\n"


def refused(call: Callable[[], object], reason: str) -> RotateError:
    """Give what a call raises, which must have this reason and tell no value."""
    with pytest.raises(RotateError) as raised:
        call()
    assert raised.value.reason == reason, raised.value.message
    assert "napi" not in f"{raised.value.message} {raised.value.remedy}"
    return raised.value


def alone(file: Path) -> None:
    """See that nothing is left beside a file."""
    assert [one.name for one in file.parent.iterdir()] == [file.name]
