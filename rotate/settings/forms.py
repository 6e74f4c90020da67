"""The forms in which people write a repository, brought to `owner/name`, as `gh` takes them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ADDRESS = re.compile(
    r"(?:(?:(?:https?|ssh)://)(?:[^/@\s]+@)?|git@)?(?P<host>[A-Za-z0-9.-]+)(?::[0-9]+)?[/:](?P<path>[^/\s]+/[^/\s]+)"
)
# How lists are written elsewhere: as YAML, as JSON, with blanks between.
LISTED = re.compile(r"- .*|[\[\"'].*|.*[\]\"']|[^:]*\s[^:]*")
MOST_SHOWN = 5


def repository(text: str, server: str) -> str:
    """Take a name out of an address of this run's GitHub (`server`), and what a copied address ends in off it."""
    if ":" in text and "://" not in text and "@" not in text:
        return text  # a pattern, such as `topic:x`
    text = text.rstrip("/").removesuffix(".git")
    found = ADDRESS.fullmatch(text)
    ours = (urlsplit(server).hostname or "").lower()
    return found["path"] if found and found["host"].lower().removeprefix("www.") == ours else text


def of_another_list(words: list[str]) -> tuple[str, list[str]]:
    """Give the first word that is written as in another kind of list (empty: none), and what may be meant by all."""
    first = next((word for word in words if LISTED.fullmatch(word)), "")
    meant = [one for word in words for one in re.split(r"[\s\[\]\"'!]+", word.removeprefix("- ")) if one]
    return first, meant[:MOST_SHOWN] if first else []
