"""The forms in which people write a repository, brought to `owner/name`, as `gh` takes them; and an organization."""

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
    return found["path"] if found and _is_of(found["host"], server) else text


def organization(text: str, server: str) -> str:
    """Take a login out of the address of an organization, or of a page of its settings, on this run's GitHub."""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    path = [one for one in parts.path.split("/") if one]
    if not path or not _is_of(parts.netloc, server):
        return text
    return path[1] if path[0] in ("orgs", "organizations") and path[1:] else path[0]


def _is_of(host: str, server: str) -> bool:
    return host.lower().removeprefix("www.") == (urlsplit(server).hostname or "").lower()


def of_another_list(words: list[str]) -> tuple[str, list[str]]:
    """Give the first word that is written as in another kind of list (empty: none), and what may be meant by all."""
    first = next((word for word in words if LISTED.fullmatch(word)), "")
    meant = [one for word in words for one in re.split(r"[\s\[\]\"'!]+", word.removeprefix("- ")) if one]
    return first, meant[:MOST_SHOWN] if first else []
