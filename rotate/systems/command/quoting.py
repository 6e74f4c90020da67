"""The last lines of what a program printed, as an error may quote them.

The program knows the key, and whatever else it was handed. So more is hidden here than what is known of values: every
long word with a digit, as a key is in any encoding (base64 at any offset, hexadecimal, percent signs).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

from rotate.errors import one_line
from rotate.wire.masking import HIDDEN

MOST_LINES = 3
# Shorter values would take letters out of words, and are no credentials.
SHORTEST = 4
_LONG = re.compile(r"[A-Za-z0-9_+=%~$&!*^-]{16,}")
_DIGIT = re.compile(r"[0-9]")


def quoted(said: str, values: Iterable[str]) -> str:
    """Give a sentence with the last lines, without any of the values; nothing where it printed nothing."""
    for value in (one for one in values if len(one) >= SHORTEST):
        raw = value.encode(errors="surrogateescape")
        encoded = base64.b64encode(raw).decode().rstrip("=")
        for spelling in sorted({value, quote(raw, safe=""), encoded, raw.hex()}, key=len, reverse=True):
            said = said.replace(spelling, HIDDEN)
    lines = [one_line(_LONG.sub(_hidden, line).strip()) for line in said.splitlines() if line.strip()]
    return f' It said: "{" | ".join(lines[-MOST_LINES:])}"' if lines else ""


def _hidden(word: re.Match[str]) -> str:
    return HIDDEN if _DIGIT.search(word[0]) else word[0]
