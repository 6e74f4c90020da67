"""Where a secret may hide a wider one, and which of those places are worth a request.

A repository may have thousands of environments, one for every pull request there ever was: those that changed last
come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TypeVar

from rotate.errors import RotateError
from rotate.protocol.decisions.shadowing import Sight
from rotate.systems.github.address import Address, Store, Target
from rotate.systems.github.wire.allowance import Allowance
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import MOST, Row, moment, rows

# Of environments that did not change since the last rotation, so many of each repository are looked at all the same: a
# secret that is added need not change its environment's entry.
ALL_THE_SAME = 10
EVERYTHING = "*"
ENVIRONMENTS = "the repository permission **Actions: read** (and **Environments: read** where there are environments)"
UNKNOWN = datetime.max.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ours(Target):
    """A destination, and which narrower secrets may hide it: environments, or repositories, with `*` and `?`."""

    @property
    def can_be_hidden(self) -> bool:
        """Say whether there is a narrower level at all, and somebody wants to know."""
        widest = self.address.store is Store.ACTIONS and not self.address.environment
        return widest and EVERYTHING not in self.ignored

    def ignores(self, narrower: Address) -> bool:
        """Say whether somebody named it as another key's."""
        known = {narrower.owner, narrower.environment, f"{narrower.owner}/{narrower.environment}"} - {""}
        return any(fnmatchcase(text.lower(), wanted.lower()) for text in known for wanted in self.ignored)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that could hide one of ours, and when its entry last changed (`UNKNOWN` where GitHub does not tell)."""

    ours: Ours
    address: Address
    changed_at: datetime = UNKNOWN


def environments(github: GitHub, repository: str) -> tuple[str, ...]:
    """Give the names of a repository's environments. Raises `RotateError` where they cannot be listed."""
    return tuple(str(row.get("name")) for row in environment_rows(github, repository))


def environment_rows(github: GitHub, repository: str, most: int = MOST) -> Iterator[Row]:
    """Give a repository's environments as GitHub tells them. Raises `RotateError` where they cannot be listed."""
    path = f"/repos/{repository}/environments"
    return rows(github, path, "environments", repository, ENVIRONMENTS, most=most)


def environments_of(github: GitHub, repository: str, pages: int) -> tuple[tuple[str, datetime], ...]:
    """Give the names of a repository's environments, and when each was last changed."""
    found = environment_rows(github, repository, pages)
    return tuple((str(row.get("name")), moment(row, "updated_at") or UNKNOWN) for row in found)


def paged(pairs: Sequence[tuple[Ours, str]], allowance: Allowance) -> tuple[list[tuple[Ours, str, int]], list[Ours]]:
    """Give whose environments are listed, in how many pages at most; and those for which nothing is left."""
    listed: list[tuple[Ours, str, int]] = []
    left: list[Ours] = []
    for github, some in _by_connection(pairs, lambda pair: pair[0].github).items():
        granted = allowance.grant(github, len(some))
        pages = 1 + allowance.spare(github) // max(1, granted)
        listed += [(one, name, min(MOST, pages)) for one, name in some[:granted]]
        left += [one for one, _ in some[granted:]]
    return listed, left


def narrower(
    listed: Sequence[tuple[Ours, str, int]], lists: Sequence[tuple[tuple[str, datetime], ...] | RotateError]
) -> Iterator[Spot]:
    """Give every place that could hide one of ours."""
    for (one, repository, _), found in zip(listed, lists, strict=True):
        if one.address.of_organization:
            yield Spot(one, Address(repository, reads_only=True))
        for environment, changed_at in of(found):
            yield Spot(one, Address(repository, environment=environment, reads_only=True), changed_at)


def chosen(
    spots: Sequence[Spot], wanted: Callable[[], Sight], allowance: Allowance, most: Mapping[GitHub, int]
) -> tuple[list[Spot], list[Ours]]:
    """Give which places are looked at, those that changed last before others; and whose should be, but cannot."""
    looked: list[Spot] = []
    left: list[Ours] = []
    for github, some in _by_connection(spots, lambda spot: spot.ours.github).items():
        sight, seen = wanted(), Counter[tuple[Ours, str]]()
        must: list[Spot] = []
        more: list[Spot] = []
        for spot in sorted(some, key=lambda spot: spot.changed_at, reverse=True):
            where, new = (spot.ours, spot.address.owner), sight.since is None or spot.changed_at > sight.since
            seen[where] += not new
            if new:
                must.append(spot)
            elif seen[where] <= ALL_THE_SAME:
                more.append(spot)
        bound = most[github] if sight.bounded else None
        granted = allowance.grant(github, len(must), bound)
        looked += [*must[:granted], *more[: allowance.grant(github, len(more), bound)]]
        left += [spot.ours for spot in must[granted:]]
    return looked, left


def _by_connection(some: Sequence[T], connection: Callable[[T], GitHub]) -> Mapping[GitHub, list[T]]:
    """Sort by whose limit a request counts to."""
    sorted_out: dict[GitHub, list[T]] = {}
    for one in some:
        sorted_out.setdefault(connection(one), []).append(one)
    return sorted_out


def of(found: tuple[T, ...] | RotateError) -> tuple[T, ...]:
    """Give what was found; nothing where it could not be read."""
    return () if isinstance(found, RotateError) else found
