"""What a token reaches: an owner's repositories, its own, and what an organization says of them as properties.

GitHub OpenAPI `/orgs/{org}/repos`, `/user/repos`, `/installation/repositories`, `/orgs/{org}/properties/values`. Which
of the lists a token may read depends on its kind, which is not told from its text: one that is refused for another's
kind leads to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from rotate.errors import Refused, RotateError
from rotate.systems.github.app import refused
from rotate.systems.github.repositories.discovery import METADATA, Repository, described
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import rows
from rotate.systems.github.wire.words import ABSENT
from rotate.wire.together import together

PROPERTIES = "the organization permission **Custom properties: read**"
IN_REACH = "list the repositories in reach"
NOT_ALLOWED = "github-permission-missing"

# The name under which the one connection of a token stands.
TOKEN = ""

Properties = Mapping[int, Mapping[str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Ways:
    """Every connection of one login, by owner: one for each who has installed an App, or the one of a token, under "".

    `shut`: who has installed the App, but cannot be looked through, and why.
    """

    open: Mapping[str, GitHub]
    shut: Mapping[str, RotateError]


@dataclass(frozen=True, slots=True)
class Everything:
    """What there is behind every connection. `owners`: who let an App in, whether or not with a repository."""

    repositories: tuple[Repository, ...]
    owners: frozenset[str]
    shut: Mapping[str, RotateError]


def among(ways: Ways, owner: str) -> Ways:
    """Give the ways of an App to one owner, in lower case; `*`: to all. Who is not among them is said to be shut."""
    if owner == "*":
        return ways
    way = {one: github for one, github in ways.open.items() if one.lower() == owner}
    shut = {one: why for one, why in ways.shut.items() if one.lower() == owner}
    return Ways(way, shut or ({} if way else {owner: refused.installed_elsewhere(owner)}))


def everything(ways: Ways) -> Everything:
    """List all that every connection reaches, side by side. One that fails is told; all that fail are a failure.

    Raises:
        RotateError: no list could be read.
    """
    calls = (partial(in_reach if not owner else of_installation, github) for owner, github in ways.open.items())
    lists = dict(zip(ways.open, together(*calls), strict=True))
    read = {owner: found for owner, found in lists.items() if not isinstance(found, RotateError)}
    shut = {**ways.shut, **{owner: found for owner, found in lists.items() if isinstance(found, RotateError)}}
    if not read:
        raise next(iter(shut.values()))
    owners = frozenset(owner for owner in read if owner)
    return Everything(_sorted(one for found in read.values() for one in found), owners, shut)


def in_reach(github: GitHub) -> tuple[Repository, ...]:
    """Give every repository that the token was given: a person's token has one list of them, an App's another.

    Raises:
        RotateError: no list could be read.
    """
    try:
        every = rows(github, "/user/repos", "", "its repositories", METADATA)
        return _sorted(described(row, IN_REACH) for row in every)
    except Refused as refusal:
        if refusal.reason != NOT_ALLOWED:
            raise
        return of_installation(github)


def of_installation(github: GitHub) -> tuple[Repository, ...]:
    """Give every repository that an App was given in one installation.

    Raises:
        RotateError: the list could not be read.
    """
    every = rows(github, "/installation/repositories", "repositories", "its repositories", METADATA)
    return _sorted(described(row, IN_REACH) for row in every)


def of_owner(github: GitHub, owner: str) -> tuple[Repository, ...]:
    """Give the repositories of an organization, or those in reach of a person's account.

    Raises:
        RotateError: no list could be read.
    """
    try:
        every = rows(github, f"/orgs/{owner}/repos", "", owner, METADATA)
        return _sorted(described(row, f"list the repositories of {owner}") for row in every)
    except Refused as refusal:
        if refusal.reason != ABSENT:
            raise
        return tuple(one for one in in_reach(github) if one.owner.lower() == owner.lower())


def properties(github: GitHub, organization: str) -> Properties:
    """Give the custom properties of an organization's repositories: number → name → values.

    Raises:
        RotateError: the list could not be read.
    """
    every = rows(github, f"/orgs/{organization}/properties/values", "", organization, PROPERTIES)
    return {int(str(row.get("repository_id"))): _values(row.get("properties")) for row in every}


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
