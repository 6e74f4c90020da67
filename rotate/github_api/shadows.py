"""Secrets of the same name at a narrower level: an environment's hides its repository's, that its organization's.

Only in the Actions store, where GitHub states who goes first (facts: GitHub §2.3). One list of environments for each
repository and one read for each environment; for an organization's secret, one read more for each repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeVar

from rotate.errors import Incomplete, RotateError
from rotate.github_api.client import GitHub
from rotate.github_api.discovery import readers_of
from rotate.github_api.pages import Row, rows
from rotate.github_api.places import Address, Store
from rotate.github_api.secrets import Secrets
from rotate.protocol.model import Shadow, ShadowFacts
from rotate.protocol.policy import FEW
from rotate.wire.together import together

ENVIRONMENTS = "the repository permission **Actions: read** (and **Environments: read** where there are environments)"
MOST_REPOSITORIES = 100
EVERYTHING = "*"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ours:
    """A destination, and which narrower secrets may hide it: environments, or repositories, with `*` and `?`."""

    github: GitHub
    address: Address
    name: str
    ignored: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name it as its destination is named."""
        return f"{self.address.label} · {self.name}"

    @property
    def can_be_hidden(self) -> bool:
        """Say whether there is a narrower level at all, and somebody wants to know."""
        widest = self.address.store is Store.ACTIONS and not self.address.environment
        return widest and EVERYTHING not in self.ignored

    def ignores(self, narrower: Address) -> bool:
        """Say whether somebody named it as another key's."""
        known = {narrower.owner, narrower.environment, f"{narrower.owner}/{narrower.environment}"} - {""}
        return any(fnmatchcase(text.lower(), wanted.lower()) for text in known for wanted in self.ignored)


def look(destinations: Sequence[Ours]) -> ShadowFacts:
    """Look for everything that hides one of the destinations. Raises nothing: what cannot be read is said."""
    known = {one.address.spot_of(one.name) for one in destinations}
    asked = [one for one in destinations if one.can_be_hidden]
    if len(asked) > FEW:
        return ShadowFacts(unread=(_too_many(len(asked), FEW),))
    readers = together(*(partial(_readers, one) for one in asked))
    unread = [_unjudged(one, found.message) for one, found in _failed(asked, readers)]
    pairs = [(one, name) for one, names in zip(asked, readers, strict=True) for name in _of(names)]
    if len(pairs) > MOST_REPOSITORIES:
        return ShadowFacts(unread=(*unread, _too_many(len(pairs), MOST_REPOSITORIES)))
    lists = together(*(partial(environments, one.github, name) for one, name in pairs))
    unread += [_unjudged(one, found.message) for (one, _), found in _failed(pairs, lists)]
    spots = [(one, spot) for one, spot in _narrower(pairs, lists) if spot.spot_of(one.name) not in known]
    spots = [(one, spot) for one, spot in spots if not one.ignores(spot)]
    told = together(*(partial(Secrets(one.github, spot).metadata, one.name) for one, spot in spots))
    unread += [_unjudged(one, found.message) for (one, _), found in _failed(spots, told)]
    held = [pair for pair, found in zip(spots, told, strict=True) if found and not isinstance(found, RotateError)]
    shadows = tuple(Shadow(f"{spot.label} · {one.name}", one.label) for one, spot in held)
    return ShadowFacts(shadows, tuple(dict.fromkeys(unread)))


def _readers(one: Ours) -> tuple[str, ...]:
    return readers_of(one.github, one.address, one.name) if one.address.of_organization else (one.address.owner,)


def environments(github: GitHub, repository: str) -> tuple[str, ...]:
    """Give the names of a repository's environments. Raises `RotateError` where they cannot be listed."""
    return tuple(str(row.get("name")) for row in environment_rows(github, repository))


def environment_rows(github: GitHub, repository: str) -> Iterator[Row]:
    """Give a repository's environments as GitHub tells them. Raises `RotateError` where they cannot be listed."""
    return rows(github, f"/repos/{repository}/environments", "environments", repository, ENVIRONMENTS)


def _narrower(
    pairs: Sequence[tuple[Ours, str]], lists: Sequence[tuple[str, ...] | RotateError]
) -> Iterator[tuple[Ours, Address]]:
    """Give every place that could hide one of ours."""
    for (one, repository), names in zip(pairs, lists, strict=True):
        if one.address.of_organization:
            yield one, Address(repository)
        for environment in _of(names):
            yield one, Address(repository, environment=environment)


def _failed(asked: Sequence[T], answers: Sequence[object]) -> Iterator[tuple[T, RotateError]]:
    """Give what could not be read, with what was asked."""
    for one, answer in zip(asked, answers, strict=True):
        if isinstance(answer, RotateError):
            yield one, answer


def _of(found: tuple[str, ...] | RotateError) -> tuple[str, ...]:
    return () if isinstance(found, RotateError) else found


def _unjudged(one: Ours, why: str) -> Incomplete:
    return Incomplete(
        "shadows-not-judged",
        f"Whether a narrower secret hides {one.label} is not known. {why}",
        f"Give the token {ENVIRONMENTS}, or say that nobody needs to know:\n\n    ignore_shadows: '*'",
    )


def _too_many(count: int, most: int) -> Incomplete:
    return Incomplete(
        "shadows-not-judged",
        f"Whether a narrower secret hides one of the destinations was not looked for: {count} repositories read them, "
        f"and more than {most} are not asked in every run.",
        "Look once with `command: find`, and say that nobody needs to know it again:\n\n    ignore_shadows: '*'",
    )
