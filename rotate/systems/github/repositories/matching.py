"""Which repositories the patterns of a token, or an App, mean. Every list is read once, those needed side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeAlias

from rotate.errors import Refused, RotateError
from rotate.systems.github.address import Address, Store
from rotate.systems.github.repositories.discovery import Repository
from rotate.systems.github.repositories.reach import TOKEN, Properties, Ways, among, everything, of_owner, properties
from rotate.systems.github.settings import patterns
from rotate.systems.github.settings.model import Among, Pattern, Place
from rotate.systems.github.stores import Secrets
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.refusals import NOT_FOR_THIS_TOKEN
from rotate.wire.together import begin, together, value_of

EVERYONE = "*"
List: TypeAlias = tuple[Repository, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the patterns of one place mean.

    `skipped`: archived or disabled. `unread`: whether they have the secret, the token may not know. `problems`: why
    nothing may rest on it. `shut`: whose installation does not let the App in, so that nobody knows what they have.
    """

    repositories: List
    skipped: List
    unread: List
    problems: tuple[RotateError, ...]
    shut: Mapping[str, RotateError] = field(default_factory=dict)


class Meanings:
    """Looks patterns up with one login. `reach` gives the connection to an owner, `ways` every connection there is.

    `home`: the workflow's owner.
    """

    def __init__(self, reach: Callable[[str], GitHub], ways: Callable[[], Ways], home: str) -> None:
        self._reach = reach
        self._ways = cache(ways)
        self._home = home
        self._shut: dict[str, RotateError] = {}
        self._lists: dict[str, List] = {}
        self._properties: dict[str, Properties] = {}
        self._unread: List = ()
        self._passed: frozenset[int] = frozenset()

    def of(self, place: Place) -> Meaning:
        """Give what the patterns of a place mean, the repositories in the order of their names.

        Raises:
            RotateError: a list could not be read.
        """
        self._read(place.patterns)
        self._unread, self._passed = (), frozenset()
        out = [one for one in place.patterns if one.excluded]
        wanted = [one for one in place.patterns if not one.excluded]
        means = {one: self._meant(one, place, out) for one in (*wanted, *out)}
        found = {one.repository_id: one for pattern in wanted for one in means[pattern]}
        shut = self._unknown([one.owner for one in wanted if one.among is Among.HOLDERS])
        met, closed = found.keys() | self._passed, {owner.lower() for owner in shut}
        empty = [pattern for pattern in wanted if not means[pattern]]
        empty += [
            pattern
            for pattern in out
            if not any(one.repository_id in met for one in means[pattern]) and pattern.owner.lower() not in closed
        ]
        gone = {one.repository_id for pattern in out for one in means[pattern]}
        left = [one for one in found.values() if one.repository_id not in gone]
        left.sort(key=lambda one: one.full_name.lower())
        usable = tuple(one for one in left if one.writable)
        problems = tuple(map(_nothing, empty)) or (() if usable else (_none_left(place.patterns),))
        told = {owner: why for owner, why in shut.items() if not any(patterns.matches(one, f"{owner}/") for one in out)}
        return Meaning(usable, tuple(one for one in left if not one.writable), self._unread, problems, told)

    def _read(self, asked: Sequence[Pattern]) -> None:
        owners = {_list_of(one) for one in asked if not _by_name_alone(one)} - self._lists.keys()
        told = {one.owner.lower() for one in asked if one.among is Among.PROPERTY} - self._properties.keys()
        calls = [self._list(owner) for owner in owners]
        values = begin(partial(together, *(partial(properties, self._reach(owner), owner) for owner in told)))
        lists = together(*calls)
        properties_of = dict(zip(told, value_of(values()), strict=True))
        self._lists |= {owner: value_of(found) for owner, found in zip(owners, lists, strict=True)}
        self._properties |= {owner: value_of(found) for owner, found in properties_of.items()}

    def _list(self, name: str) -> Callable[[], List]:
        """Give what reads a list. Connections are opened here, one after the other; reading goes side by side."""
        if not name.startswith(":"):
            return partial(of_owner, self._reach(name), name)
        ways, whose = self._ways(), name[1:]
        return partial(self._everyone, ways if TOKEN in ways.open else among(ways, self._whose(whose)), whose)

    def _whose(self, owner: str) -> str:
        """Give the owner that `holders` is about, in lower case, or `*`."""
        return (owner or self._home).lower()

    def _everyone(self, ways: Ways, whose: str) -> List:
        """Give all repositories in reach, and keep whose installation does not let the App in.

        What they hold is not judged, and that is said, as of a repository which a token may not read: somebody decided
        that this App has no access, so it could not write there either, and nobody elsewhere who suspends an
        installation may hold up a rotation, least of all after an exposure. Where an earlier run wrote there, each
        such place is named before the revoke. A list that merely failed is no decision: it ends the run before
        anything is changed.
        """
        found = everything(ways)
        for error in found.shut.values():
            if not isinstance(error, Refused):
                raise error
        self._shut |= found.shut
        return tuple(one for one in found.repositories if whose in ("", EVERYONE, one.owner.lower()))

    def _unknown(self, asked: Sequence[str]) -> Mapping[str, RotateError]:
        """Give the owners whose repositories `holders` did not see, and why.

        Anybody can install an App that any account may install. Were `holders` to mean everybody's repositories, a
        stranger would be given the new key for a secret of that name; so who is not the workflow's owner is named.
        """
        if not asked or TOKEN in self._ways().open:
            return {}
        looked = {self._whose(one) for one in asked}
        ways, whole = self._ways(), EVERYONE in looked
        shut = {owner: why for owner, why in self._shut.items() if whole or owner.lower() in looked}
        others = (owner for owner in (*ways.open, *ways.shut) if not whole and owner.lower() not in looked)
        return shut | {owner: _unnamed(owner) for owner in others}

    def _meant(self, pattern: Pattern, place: Place, out: Sequence[Pattern]) -> List:
        known = self._known(pattern, place)
        match pattern.among:
            case Among.NAME:
                return tuple(one for one in known if patterns.matches(pattern, one.full_name))
            case Among.TOPIC:
                return tuple(one for one in known if pattern.text in one.topics)
            case Among.PROPERTY:
                told = self._properties[pattern.owner.lower()]
                name, value = pattern.text.lower(), pattern.value.lower()
                return tuple(one for one in known if value in told.get(one.repository_id, {}).get(name, ()))
            case _:
                names = [one for one in out if one.among is Among.NAME]
                asked = [one for one in known if not any(patterns.matches(name, one.full_name) for name in names)]
                self._passed |= frozenset(one.repository_id for one in known) - {one.repository_id for one in asked}
                return self._progress(asked, place)

    def _known(self, pattern: Pattern, place: Place) -> List:
        """Give where to look: a name that is left out is looked for wherever the others are."""
        asked = place.patterns if _by_name_alone(pattern) else (pattern,)
        lists = {_list_of(one) for one in asked if not _by_name_alone(one)}
        return tuple(one for owner in sorted(lists) for one in self._lists[owner])

    def _progress(self, asked: Sequence[Repository], place: Place) -> List:
        """Give those that have the secret.

        A person's token lists public repositories too whose secrets it may not read, nor write (facts: GitHub §2.5).
        """
        store = Store(place.store)
        vaults = [Secrets(self._reach(one.owner), Address(one.full_name, store, place.environment)) for one in asked]
        told = together(*(partial(vault.metadata, place.secret_name) for vault in vaults))
        self._unread += tuple(one for one, written in zip(asked, told, strict=True) if _not_allowed(written))
        readable = [(one, written) for one, written in zip(asked, told, strict=True) if not _not_allowed(written)]
        return tuple(one for one, written in readable if value_of(written) is not None)


def _list_of(pattern: Pattern) -> str:
    """Give the name of a list: an owner's; after a colon, of which no login has one, those in reach of one owner."""
    return f":{pattern.owner.lower()}" if pattern.among is Among.HOLDERS else pattern.owner.lower()


def _by_name_alone(pattern: Pattern) -> bool:
    return pattern.excluded and pattern.among is Among.NAME


def _not_allowed(reading: object) -> bool:
    return isinstance(reading, RotateError) and reading.reason in NOT_FOR_THIS_TOKEN


def _unnamed(owner: str) -> Refused:
    message = f"{owner} has installed the App too, and nothing here names it."
    return Refused("holders-not-judged", message, f"If it is yours, add `holders:{owner}`; for everyone, `holders:*`.")


def _nothing(pattern: Pattern) -> Refused:
    what = "leaves nothing out" if pattern.excluded else "means no repository"
    return Refused(
        "pattern-matches-nothing",
        f"`{pattern.written}` {what}, as far as the token sees.",
        "Check the spelling, and that the token in `github_token` reaches the repositories (Repository access). Remove "
        "the pattern if it has served its time.",
    )


def _none_left(asked: Sequence[Pattern]) -> Refused:
    every = ", ".join(one.written for one in asked)
    return Refused(
        "pattern-matches-nothing",
        f"Every repository that `{every}` means is left out or archived.",
        "Name a repository whose secret can be written.",
    )
