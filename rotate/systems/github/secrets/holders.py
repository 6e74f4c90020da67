"""Secrets of a destination's name that are no destination themselves, as far as their owners can show them cheaply.

Of a repository: its other stores, its environments, the repository where only an environment is a destination, and the
organization's secrets that it reads (GitHub OpenAPI `/repos/{owner}/{repo}/actions/organization-secrets`). Of an
organization: its other stores. Environments whose repository's secret is a destination hide it: `shadows` finds those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeAlias

from rotate.errors import Incomplete, RotateError
from rotate.protocol.facts.found import FoundSecret
from rotate.protocol.facts.model import HolderFacts, Neighbours
from rotate.systems.github.address import Address, Store, Target
from rotate.systems.github.secrets.shadow_places import environment_rows
from rotate.systems.github.stores import Metadata, Secrets
from rotate.systems.github.wire.allowance import room
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import Row, moment, rows
from rotate.wire.together import together

# Once in the life of a lineage so much is looked at, the newest environments first.
MOST_OWNERS = 100
MOST_ENVIRONMENTS, MOST_PAGES = 100, 10
MOST_NAMED = 10
# What a rotation takes: so many requests, and so many for each destination.
OWN, EACH = 50, 6
NO_ROOM = "GitHub's limit of requests an hour leaves no room for it."
Spot: TypeAlias = tuple[str, str, str, str]
SHARED = "the repository permission **Secrets: read**"


@dataclass(frozen=True, slots=True)
class Sought(Target):
    """A destination, and which places of the same name are meant to hold another value, with `*` and `?`."""

    def ignores(self, other: Address) -> bool:
        """Say whether somebody named it as another key's."""
        within = other.environment or ("" if other.store is Store.ACTIONS else other.store.value)
        known = {within, f"{other.owner}/{within}"} - {""} if within else {other.owner}
        pairs = [(text.lower(), wanted.lower()) for text in known for wanted in self.ignored]
        return any(text == wanted or fnmatchcase(text, wanted) for text, wanted in pairs)


# What one call showed: secrets, and environments with the time at which each was made.
Seen: TypeAlias = "tuple[list[FoundSecret], list[tuple[str, Sought, Address]]]"
Call: TypeAlias = "tuple[str, Sought, Callable[[], Seen]]"


def look(sought: Sequence[Sought], *, environments_too: bool = False) -> HolderFacts:
    """Look for holders that nobody named. Raises nothing: what cannot be read is said.

    `environments_too`: nobody looks for shadows in this run.
    """
    known = frozenset(one.address.spot_of(one.name) for one in sought)
    owners = {(one.address.owner.lower(), one.name): one for one in sought}
    some = list(owners.values())[:MOST_OWNERS]
    calls = [call for one in some for call in _calls(one, known, environments_too=environments_too)]
    calls, unread = _affordable(calls, sought)
    seen, failed = _seen(calls)
    inside = sorted((spot for _, spots in seen for spot in spots), key=lambda spot: spot[0], reverse=True)
    newest = [(one, where) for _, one, where in inside[:MOST_ENVIRONMENTS] if _open(one, where, known)]
    more, skipped = _affordable([_call(one, where) for one, where in newest], sought)
    seen_inside, failed_inside = _seen(more)
    found = [one for secrets, _ in (*seen, *seen_inside) for one in secrets]
    unread += [*failed, *skipped, *failed_inside, *_left(len(owners), MOST_OWNERS, "owners of destinations")]
    unread += _left(len(inside), MOST_ENVIRONMENTS, "environments")
    spots = {Address(one.owner, Store(one.store), one.environment).spot_of(one.name): one for one in found}
    ordered = sorted(spots.values(), key=lambda one: (one.owner, one.environment, one.store))
    return HolderFacts(tuple(ordered), tuple(_not_judged(unread)), len(calls) + len(more))


def _calls(one: Sought, known: frozenset[Spot], *, environments_too: bool) -> Iterator[Call]:
    """Give every request that its owner is asked at first."""
    owner = one.address.owner
    for spot in (Address(owner, store) for store in Store):
        if _open(one, spot, known):
            yield _call(one, spot)
    if one.address.of_organization:
        return
    organization = Address(owner.partition("/")[0])
    if _open(one, organization, known):
        yield f"organization secrets that {owner} reads", one, partial(_shared, one, organization)
    if environments_too or Address(owner).spot_of(one.name) not in known:
        yield f"environments of {owner}", one, partial(_environments, one)


def _call(one: Sought, spot: Address) -> Call:
    return spot.label, one, partial(_metadata, one, spot)


def _open(one: Sought, spot: Address, known: frozenset[Spot]) -> bool:
    return spot.spot_of(one.name) not in known and not one.ignores(spot)


def _affordable(calls: Sequence[Call], sought: Sequence[Sought]) -> tuple[list[Call], list[tuple[str, str]]]:
    """Leave what the rotation itself needs of GitHub's hourly limit; give what there is room for, and what is not."""
    written = Counter(one.github for one in sought)
    left_over = {github: room(github, OWN + EACH * count) for github, count in written.items()}
    made: list[Call] = []
    left: list[tuple[str, str]] = []
    for where, one, call in calls:
        left_over[one.github] -= 1
        if left_over[one.github] >= 0:
            made.append((where, one, call))
        else:
            left.append((where, NO_ROOM))
    return made, left


def _seen(calls: Sequence[Call]) -> tuple[list[Seen], list[tuple[str, str]]]:
    """Make all requests at once; give what they showed, and which failed and why."""
    answers = list(zip(calls, together(*(call for *_, call in calls)), strict=True))
    unread = [(where, answer.message) for (where, *_), answer in answers if isinstance(answer, RotateError)]
    return [answer for _, answer in answers if not isinstance(answer, RotateError)], unread


def _left(count: int, most: int, what: str) -> list[tuple[str, str]]:
    return [(f"all but {most} of {count} {what}", "That many are not asked in one run.")] if count > most else []


def _metadata(one: Sought, spot: Address) -> Seen:
    told = Secrets(one.github, spot).metadata(one.name)
    return ([_secret(one.name, spot, told.updated_at)] if told else []), []


def _shared(one: Sought, organization: Address) -> Seen:
    """The organization's secrets for Actions that the repository reads."""
    path = f"/repos/{one.address.owner}/actions/organization-secrets"
    named = [row for row in rows(one.github, path, "secrets", one.address.owner, SHARED) if row.get("name") == one.name]
    return [_secret(one.name, organization, _written(row)) for row in named], []


def _environments(one: Sought) -> Seen:
    found = environment_rows(one.github, one.address.owner, MOST_PAGES)
    owner = one.address.owner
    return [], [(str(row.get("created_at")), one, Address(owner, environment=str(row.get("name")))) for row in found]


def _secret(name: str, spot: Address, written: datetime) -> FoundSecret:
    return FoundSecret(spot.label_of(name), name, spot.owner, spot.store.value, spot.environment, written)


def neighbours(github: GitHub, home: str, absent: Sequence[Sought]) -> Neighbours:
    """Tell what there is beside destinations that are absent, and whether the workflow's own repository has the secret.

    Raises nothing. `github`: the way to `home`.
    """
    lists = together(*(partial(_beside, one) for one in absent))
    names = dict.fromkeys(one.name for one in absent if one.address != Address(home)) if home else {}
    at_home = together(*(partial(Secrets(github, Address(home)).metadata, name) for name in names))
    own = {
        name: _secret(name, Address(home), told.updated_at)
        for name, told in zip(names, at_home, strict=True)
        if isinstance(told, Metadata)
    }
    return {
        one.label: found
        if isinstance(found, RotateError)
        else (*found, *(own[one.name] for _ in "1" if one.name in own))
        for one, found in zip(absent, lists, strict=True)
    }


def _beside(one: Sought) -> tuple[FoundSecret, ...]:
    where = one.address
    told = rows(one.github, where.path, "secrets", where.owner, where.permission)
    return tuple(_secret(str(row.get("name")), where, _written(row)) for row in told)


def _written(row: Row) -> datetime:
    """Read when a secret of a list was written; a time that cannot be read is one long ago."""
    return moment(row, "updated_at") or datetime.min.replace(tzinfo=UTC)


def _not_judged(unread: Sequence[tuple[str, str]]) -> Iterator[Incomplete]:
    """One warning for all, since what cannot be read is mostly a matter of one permission each."""
    if not unread:
        return
    places = list(dict.fromkeys(where for where, _ in unread))
    more = f" and {len(places) - MOST_NAMED} more" if places[MOST_NAMED:] else ""
    yield Incomplete(
        "other-holders-not-judged",
        f"Whether the same secret lies there too is not known: {', '.join(places[:MOST_NAMED])}{more}. {unread[0][1]}",
        "The key that dies was made by hand, so it may have been stored there too: look, and make a place that holds "
        "it a destination. Or let the token read what is named here, for the first rotation.",
    )
