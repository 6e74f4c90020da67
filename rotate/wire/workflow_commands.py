"""What the runner reads from us: commands on standard output, and entries of its delimiter files.

Escaping as in the runner's own toolkit (facts: GitHub §5.4). Nothing that came from outside can begin a command of
its own, end an entry early, or add another.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import TextIO

LONGEST_ANNOTATION = 4096
# The runner takes `::name::` after white space at the start of a line for a command, and the older `##[name]` anywhere.
_ENDS, _BLANKS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029", r" \t\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_AT_START = re.compile(rf"(?<![^{_ENDS}])([{_BLANKS}]*):(?=:)")
DELIMITER_BYTES = 16


def command(name: str, text: str, properties: Mapping[str, str] | None = None) -> str:
    """Give one command as a line, for example `::error title=lock-held::Another run …`."""
    pairs = ",".join(f"{key}={_property(value)}" for key, value in (properties or {}).items())
    return f"::{name}{' ' if pairs else ''}{pairs}::{_data(text)}"


def disarmed(text: str) -> str:
    """Break up what the runner would obey, in the log, or where a step prints a file of ours."""
    if "::" not in text and "##[" not in text:
        return text
    return _AT_START.sub(r"\1: ", text).replace("##[", "## [")


def send(out: TextIO, line: str) -> None:
    """Write one line at a stroke and flush, so that it takes effect before anything that follows.

    An unbuffered output would take line and line end one after the other, and another thread's between them. Where
    nobody reads any more, a run amid its writes goes on all the same: its exit code tells.
    """
    try:
        out.write(f"{line}\n")
        out.flush()
    except OSError:
        _to_nowhere(out)


def _to_nowhere(out: TextIO) -> None:
    """What is still buffered must not fail again, when the process ends."""
    with suppress(UnsupportedOperation), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), out.fileno())


def entry(name: str, value: str) -> str:
    """Give one entry of a delimiter file (`GITHUB_OUTPUT`), under a delimiter that nobody can foresee."""
    delimiter = f"ghadelimiter_{secrets.token_hex(DELIMITER_BYTES)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def shortened(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, and say so in it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
