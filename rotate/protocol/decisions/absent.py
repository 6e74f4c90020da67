"""A destination that is not there yet. Before the first rotation of a key that is in use, that is a slip more often
than a wish: what reads the key reads it somewhere else, and would be left with a dead one.

Later no older key is in a destination that is added, so it is simply created.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rotate.errors import Incomplete, Refused, RotateError, listed, one_line
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.policy import Policy

if TYPE_CHECKING:
    from rotate.protocol.decisions.position import Position
    from rotate.protocol.decisions.recovery import Situation
    from rotate.protocol.facts.found import FoundSecret

MOST_CLOSE = 3


def is_absent(facts: DestinationFacts | RotateError | None) -> bool:
    """Say whether a destination was seen, and nothing is stored in it."""
    return isinstance(facts, DestinationFacts) and facts.mark is None


def places(snapshot: Snapshot, policy: Policy) -> tuple[str, ...]:
    """Give the destinations that would be created by the first rotation of a key that is in use."""
    if not policy.rotates or policy.exposure or not _first(snapshot, policy):
        return ()
    names = (name for name, facts in snapshot.destinations.items() if is_absent(facts))
    return tuple(name for name in names if name not in policy.may_create)


def guard(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """Nothing is created unless somebody says that it is meant. After an exposure nothing waits for that."""
    found = snapshot.neighbours or {}
    absent = places(snapshot, policy)
    yield from (_refusal(name, found[name]) for name in absent if name in found)
    rest = [name for name in absent if name not in found]
    if rest:
        seen = [snapshot.destinations[name] for name in rest]
        instead = "".join(f" {one.instead}" for one in seen if isinstance(one, DestinationFacts) and one.instead)
        yield _refused(f"Not there yet: {listed(rest)}.{instead}", "")


def _first(snapshot: Snapshot, policy: Policy) -> bool:
    note = snapshot.note
    return not policy.nothing_before and not (note and note.confirmed)


def _refusal(place: str, found: tuple[FoundSecret, ...] | RotateError) -> Refused:
    from difflib import get_close_matches

    where, _, name = place.rpartition("#")
    if isinstance(found, RotateError):
        return _refused(f"{where} has no secret {name}. What it has could not be listed: {found.message}", "")
    elsewhere = [one for one in found if one.address.rpartition("#")[0] != where]
    here = {one.name: one for one in found if one not in elsewhere}
    close = [here[one] for one in get_close_matches(name, here, MOST_CLOSE)]
    message = f"{where} has no secret {name}. {_has(close, len(here))}"
    message += "".join(f" {one.address} exists, written {one.written_at:%F}." for one in elsewhere)
    lines = [f"    secret_name: {one.name}    # in a policy file: secret: {one.name}" for one in close]
    lines += [f"    repository: {one.owner}" for one in elsewhere]
    return _refused(message, "If the key is read from there:\n\n" + "\n".join(lines) + "\n\n" if lines else "")


def _has(close: Sequence[FoundSecret], count: int) -> str:
    if close:
        named = ", ".join(f"{one_line(one.name)} (written {one.written_at:%F})" for one in close)
        return f"It has {named}."
    return f"It has {count} of other names." if count else "It has no other either."


def _refused(message: str, lines: str) -> Refused:
    return Refused(
        "secret-absent",
        f"{message} In the first rotation of a key the secret that holds it must be there already: what reads it would "
        "be left with a dead key.",
        f"{lines}If it is to be created, and the key is read from nowhere else:\n\n    create: true",
    )


def created(position: Position) -> Incomplete | None:
    """Word that a run after an exposure, which asks nobody, wrote the new key where nothing was before."""
    policy = position.policy
    made = [name for name in position.progress.created if name not in policy.may_create]
    if not made or policy.exposure is None or not _first(position.snapshot, policy):
        return None
    return Incomplete(
        "secret-created",
        f"This run created what did not exist: {listed(made)}. What reads the exposed key reads it somewhere else, and "
        "still has it.",
        "Store the new value where the exposed key is read: make that place a destination, let `api_key` (with a "
        "minter, `current_key`) read the secret that was created, and run `rotate`. If the key was read from nowhere, "
        "or the new place was meant:\n\n    create: true",
    )
