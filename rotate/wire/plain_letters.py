"""An output whose encoding has no ✓ is given plain letters: a report must never be able to fail."""

from __future__ import annotations

import codecs
from io import TextIOWrapper
from typing import TextIO

NAME = "plain-letters"
PLAIN = {
    "✓": "ok",
    "✗": "x",
    "✅": "[ok]",
    "❌": "[failed]",
    "⛔": "[refused]",
    "⚠": "[!]",
    "📋": "[plan]",
    "→": "->",
    "…": "...",
    "·": "-",
    "─": "-",
    "“": '"',
    "”": '"',
    "\ufe0f": "",
    "\u200b": "",
}


def forgiving(out: TextIO) -> None:
    """Let an output replace what it has no letter for, half a pair of surrogates too, before anything is begun."""
    codecs.register_error(NAME, _plain)
    if isinstance(out, TextIOWrapper):
        out.reconfigure(errors=NAME)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end
