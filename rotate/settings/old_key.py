"""Which key the secret held before the first rotation, in the person's word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from rotate.problems import Problems
from rotate.protocol.facts.marker import NAME_LIMIT
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Command
from rotate.secret import SHAPES
from rotate.settings.model import Settings
from rotate.settings.parse import choice, shown

# Keys of Neon's older form are 64 letters and digits; no word that a person gives to a key is so long.
LONGEST_WORD = 30
# From the widest on.
REACH = (Scope.PERSONAL, Scope.ORGANIZATION, Scope.PROJECT)


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


def with_from_scope(settings: Settings, raw: Mapping[str, str], problems: Problems) -> Settings:
    """Add how far the key reaches that a narrower one is to replace. What a secret's key reaches is never widened."""
    if not raw.get("from_scope"):
        return settings
    known = Problems()
    wider = choice(raw, "from_scope", Scope.PERSONAL, known)
    if known.found or REACH.index(wider) >= REACH.index(settings.scope):
        message = f"`from_scope` is `{shown(raw['from_scope'])}`; it must be wider than `scope`, {settings.scope}."
        lines = (
            "    scope: project          # what the new key is to reach\n    from_scope: personal    # or: organization"
        )
        problems.say("input-invalid", message, lines, "from_scope")
        return settings
    if settings.command in (Command.ROTATE, Command.PLAN) and settings.current_key is None:
        message = "`from_scope` needs `current_key`: the wider key that the secret holds now."
        problems.say("input-missing", message, "    current_key: ${{ secrets.NEON_API_KEY }}", "from_scope")
    if settings.nothing_before:
        message = "`old_key_id: none` says that there is no key to replace, and `from_scope` that there is one."
        problems.say("input-invalid", message, "Leave out `old_key_id`, or name the wider key by it.", "old_key_id")
    if settings.exposure:
        message = "`from_scope` is for a routine rotation: an exposed key dies first, and is narrowed later."
        problems.say("input-invalid", message, "Leave out `from_scope`, and say the `scope` of the key.", "from_scope")
    return replace(settings, from_scope=wider)
