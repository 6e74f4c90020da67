"""Secrets of the same name at a narrower level: an environment's hides its repository's, that its organization's.

Only in the Actions store, where GitHub states who goes first (facts: GitHub §2.3). One list of environments for each
repository and one read for each environment; for an organization's secret, one read more for each repository. All that
has a bound, and is said where it was reached.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from rotate.errors import Incomplete, RotateError, listed
from rotate.protocol.decisions.shadowing import Sight
from rotate.protocol.facts.model import Shadow, ShadowFacts
from rotate.protocol.facts.policy import FEW
from rotate.systems.github.repositories.discovery import readers_of
from rotate.systems.github.secrets.shadow_places import ENVIRONMENTS, Ours, chosen, environments_of, narrower, of, paged
from rotate.systems.github.stores import Secrets
from rotate.systems.github.wire.allowance import Allowance, Need
from rotate.systems.github.wire.pages import SIZE
from rotate.wire.together import together

# In a rotation so many requests are made at most, and so many more for each repository.
ENOUGH, EACH = 200, 5

T = TypeVar("T")
MAY_NOT = frozenset({"github-permission-missing", "github-repository-not-found"})
ONCE = "`command: plan` looks at all of them, and changes nothing."


def look(destinations: Sequence[Ours], wanted: Callable[[], Sight], need: Need = lambda _: 0) -> ShadowFacts:
    """Look for what hides one of the destinations. Raises nothing: what was not, or could not be, looked at is said.

    `wanted` tells what is to be looked at; it may wait for the note, so lists are asked for before it where possible.
    """
    asked = [one for one in destinations if one.can_be_hidden]
    if len(asked) > FEW and (names := wanted().names) is not None:
        asked = [one for one in asked if one.label in names]
    found = together(*(partial(_readers, one) for one in asked))
    failed = [*_failed(asked, found)]
    allowance = Allowance(need)
    for one, readers in zip(asked, found, strict=True):
        allowance.spend(one.github, 2 + len(of(readers)) // SIZE if one.address.of_organization else 0)
    pairs = [(one, name) for one, names in zip(asked, found, strict=True) for name in of(names)]
    if len(pairs) > FEW and (sight := wanted()).since and sight.names is None:
        pairs = [pair for pair in pairs if not pair[0].address.of_organization]
    lists, left = paged(pairs, allowance)
    told = together(*(partial(environments_of, one.github, name, pages) for one, name, pages in lists))
    failed += ((one, error) for (one, *_), error in _failed(lists, told))
    for (one, *_), names_of in zip(lists, told, strict=True):
        allowance.spend(one.github, len(of(names_of)) // SIZE)
    known = {one.address.spot_of(one.name) for one in destinations}
    spots = [one for one in narrower(lists, told) if one.address.spot_of(one.ours.name) not in known]
    most = {github: ENOUGH + EACH * count for github, count in Counter(one.github for one, _ in pairs).items()}
    looked, more = chosen([one for one in spots if not one.ours.ignores(one.address)], wanted, allowance, most)
    read = together(*(partial(Secrets(one.ours.github, one.address).metadata, one.ours.name) for one in looked))
    failed += ((one.ours, error) for one, error in _failed(looked, read))
    held = [one for one, answer in zip(looked, read, strict=True) if answer and not isinstance(answer, RotateError)]
    shadows = tuple(Shadow(one.address.label_of(one.ours.name), one.ours.label) for one in held)
    unread = _unread([(one.label, error) for one, error in failed])
    over = _left_out([one.label for one in (*left, *more)], short=allowance.short)
    return ShadowFacts(shadows, (*unread, *over), allowance.spent, sum(most.values()))


def _readers(one: Ours) -> tuple[str, ...]:
    return readers_of(one.github, one.address, one.name) if one.address.of_organization else (one.address.owner,)


def _failed(asked: Sequence[T], answers: Sequence[object]) -> Iterator[tuple[T, RotateError]]:
    """Give what could not be read, with what was asked."""
    for one, answer in zip(asked, answers, strict=True):
        if isinstance(answer, RotateError):
            yield one, answer


def _unread(failed: Sequence[tuple[str, RotateError]]) -> Iterator[Incomplete]:
    """Word what could not be read, once for each cause. `failed`: the destination, and why."""
    for reason in dict.fromkeys(error.reason for _, error in failed):
        some = [(label, error) for label, error in failed if error.reason == reason]
        error = some[0][1]
        labels = listed(list(dict.fromkeys(label for label, _ in some)))
        yield Incomplete(
            "shadows-not-judged",
            f"Whether a narrower secret hides {labels} is not known. {error.message}",
            _remedy(error),
        )


def _remedy(error: RotateError) -> str:
    """An outage is no reason to look away for ever: only what the token may not read may be declared uninteresting."""
    if error.reason in MAY_NOT:
        return (
            f"Give the token {ENVIRONMENTS}. If you know that no narrower secret has this name, or that those which do "
            "hold another key, say so:\n\n    ignore_shadows: '*'"
        )
    return f"{ONCE} Why it could not be read, and what to do: {error.remedy}"


def _left_out(labels: Sequence[str], *, short: bool) -> Iterator[Incomplete]:
    """Word what was not looked at, since there is so much. `labels`: the destination of each such place. `short`:
    GitHub has no more requests to spare in this hour."""
    if not labels:
        return
    of = listed(list(dict.fromkeys(labels)))
    why = "the rest of GitHub's requests of this hour is kept for the rotation" if short else "there are so many"
    wait = " once the hour is over," if short else ""
    yield Incomplete(
        "shadows-not-judged",
        f"Whether a narrower secret hides {of} was not looked for in {len(labels)} environments or repositories, those "
        f"that changed longest ago: {why}.",
        f"Look once,{wait} at all of them: {ONCE} Environments that every pull request leaves behind can be left out "
        "by name, if none of them has this secret:\n\n    ignore_shadows: preview/*",
    )
