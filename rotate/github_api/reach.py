"""What a token reaches: an owner's repositories, its own, and what an organization says of them as properties.

GitHub OpenAPI `/orgs/{org}/repos`, `/user/repos`, `/installation/repositories`, `/orgs/{org}/properties/values`. Which
of the lists a token may read depends on its kind, which is not told from its text: one that is refused for another's
kind leads to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rotate.errors import Refused
from rotate.github_api.client import GitHub
from rotate.github_api.discovery import METADATA, Repository, described
from rotate.github_api.pages import pages

PROPERTIES = "the organization permission **Custom properties: read**"
NOT_FOUND, NOT_ALLOWED = "github-repository-not-found", "github-permission-missing"

Properties = Mapping[int, Mapping[str, frozenset[str]]]


def in_reach(github: GitHub) -> tuple[Repository, ...]:
    """Give every repository that the token was given: a person's token has one list of them, an App's another.

    Raises:
        RotateError: no list could be read.
    """
    try:
        rows = pages(github, "/user/repos", "", "its repositories", METADATA)
    except Refused as refusal:
        if refusal.reason != NOT_ALLOWED:
            raise
        rows = pages(github, "/installation/repositories", "repositories", "its repositories", METADATA)
    return _sorted(described(row, "list the repositories in reach") for row in rows)


def of_owner(github: GitHub, owner: str) -> tuple[Repository, ...]:
    """Give the repositories of an organization, or those in reach of a person's account.

    Raises:
        RotateError: no list could be read.
    """
    try:
        rows = pages(github, f"/orgs/{owner}/repos", "", owner, METADATA)
    except Refused as refusal:
        if refusal.reason != NOT_FOUND:
            raise
        return tuple(one for one in in_reach(github) if one.owner.lower() == owner.lower())
    return _sorted(described(row, f"list the repositories of {owner}") for row in rows)


def properties(github: GitHub, organization: str) -> Properties:
    """Give the custom properties of an organization's repositories: number → name → values.

    Raises:
        RotateError: the list could not be read.
    """
    rows = pages(github, f"/orgs/{organization}/properties/values", "", organization, PROPERTIES)
    return {int(str(row.get("repository_id"))): _values(row.get("properties")) for row in rows}


def _values(given: object) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one in given if isinstance(given, list) else ():
        value = one.get("value")
        several = value if isinstance(value, list) else [value]
        found[str(one.get("property_name")).lower()] = frozenset(str(each).lower() for each in several if each)
    return found


def _sorted(found: Iterable[Repository]) -> tuple[Repository, ...]:
    """In an order that does not change, so that the first stays the first."""
    return tuple(sorted(found, key=lambda one: one.full_name.lower()))
