"""Which key the secret held before the first rotation, in the person's word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from rotate.protocol.marker import NAME_LIMIT
from rotate.secret import SHAPES
from rotate.settings.model import Settings
from rotate.settings.parse import Problems

# Keys of Neon's older form are 64 letters and digits; no word that a person gives to a key is so long.
LONGEST_WORD = 30


def with_old_key(settings: Settings, raw: Mapping[str, str], problems: Problems) -> Settings:
    """Add what `old_key_id` says: a number, `none`, `auto`, or the name of a key. A value of a key is never echoed."""
    text = raw.get("old_key_id", "")
    word = text.lower()
    if word in ("", "none", "auto"):
        return replace(settings, nothing_before=word == "none", find_old_key=word == "auto")
    if text.isascii() and text.isdigit():
        return replace(settings, old_key_id=int(text))
    secret_like = re.search(SHAPES, text) or (len(text) > LONGEST_WORD and re.fullmatch(r"\w+", text))
    if secret_like or len(text) > NAME_LIMIT or not text.isprintable():
        message = "`old_key_id` is neither a key's number, nor its name, nor `none` or `auto` (it is not shown here)."
        problems.say("input-invalid", message, "    old_key_id: 1234567    # or: none", "old_key_id")
        return settings
    return replace(settings, old_key_name=text)
