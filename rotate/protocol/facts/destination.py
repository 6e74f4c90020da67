"""What a destination tells: who may read it, and of its last write a time, or whose value it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from rotate.errors import RotateError


class Held(NamedTuple):
    """Whose value a place holds that tells no time: a fingerprint. It is empty where the value cannot be read either:
    that there is one is then all that a look sees, and a later write by somebody else is not seen."""

    fingerprint: str = ""


# What a place tells of its last write.
Mark: TypeAlias = datetime | Held


UNPROVABLE, COMPARED = "accepted, not provable", "its value, read back"


def shown_by(mark: Mark | None) -> str:
    """Say by what a place shows that a write stands there; nothing where it was not seen to hold anything."""
    if isinstance(mark, Held):
        return COMPARED if mark.fingerprint else UNPROVABLE
    return "the time of the write" if mark else ""


def later(seen: Mark, until: object) -> bool:
    """Say whether what was seen is not what stood `until` then: a later write, or another value. Of what no mark is
    known, everything is."""
    if isinstance(seen, Held):
        return seen != until
    return not (isinstance(until, datetime) and seen <= until)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read an organization's secret: `all`, `private` or `selected`, and the ids of the selected."""

    visibility: str
    repository_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class DestinationFacts:
    """What preflight saw at one destination. `written_at` is `None` where nothing is stored yet, and where the place
    tells no time: it then tells what it `holds`. `access` is `None` where it has none of its own. `owner_id`: the
    number of the repository it belongs to; 0 where that is not known, or it is none. `may_write`: the look showed that
    a write is allowed. `instead`: what is used in its place where nothing is stored, as a sentence. `proves`: what is
    written there can be compared, though nobody is told what stands there now.
    """

    written_at: datetime | None
    access: Access | None = None
    owner_id: int = 0
    holds: Held | None = None
    may_write: bool = False
    instead: str = ""
    proves: bool = False

    @property
    def mark(self) -> Mark | None:
        """Give what it tells of its last write; `None` where nothing is stored."""
        return self.holds or self.written_at


def mark_of(seen: DestinationFacts | RotateError | None) -> Mark | None:
    """Give what a look saw of the last write; `None` where nothing is stored, or it was not seen."""
    return seen.mark if isinstance(seen, DestinationFacts) else None


def will_show(seen: DestinationFacts | RotateError | None) -> str:
    """Say by what a place will show a write, as far as a look before it tells."""
    compares = isinstance(seen, DestinationFacts) and seen.proves
    return COMPARED if compares else shown_by(mark_of(seen))
