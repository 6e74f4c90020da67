"""One search of this machine, and what is to be said of all that it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rotate.commands.local import asking
from rotate.commands.local.judging import judged
from rotate.commands.local.known import Known
from rotate.commands.local.looking import look
from rotate.errors import RotateError, counted
from rotate.machine import Machine, Sighting, Watch
from rotate.means import Means
from rotate.protocol.facts.model import Liveness
from rotate.protocol.facts.note import Note
from rotate.protocol.story.findings import State
from rotate.protocol.story.lying import Lying, OnMachine
from rotate.secret import Secret
from rotate.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked. `note`: what a rotation wrote down, where there is one. `unread`: why it could not be read.
    `tell` hears how many files were looked at. `agreed` asks a person whether some places may be
    written, where others must be written by hand."""

    settings: Settings
    machine: Machine
    tell: Callable[[int], None]
    agreed: Callable[[Sequence[str], Sequence[str]], bool]
    probe: bool = False
    note: Note | None = None
    unread: tuple[RotateError, ...] = ()

    @property
    def at_hand(self) -> tuple[Secret, ...]:
        """Give the values that were given, each once."""
        given = (self.settings.api_key, self.settings.current_key)
        return tuple(dict.fromkeys(one for one in given if one))


class Found(NamedTuple):
    """A key that was seen, and what is said of it."""

    seen: Sighting
    lying: Lying


class Survey(NamedTuple):
    """All that was found, what was not searched, and how many files were looked at."""

    found: tuple[Found, ...]
    left_out: tuple[RotateError, ...]
    files: int

    def told(self, changed: str = "") -> OnMachine:
        """Give it in the words and columns of a report. `changed`: in what state things are, where not as they were."""
        lying = tuple(one.lying for one in self.found)
        return OnMachine(lying, self.files, changed) if changed else OnMachine(lying, self.files)

    @property
    def sentence(self) -> str:
        """Say how much there is."""
        values = {one.lying.fingerprint for one in self.found}
        mend = sum(one.lying.state is State.PROBLEM for one in self.found)
        unknown = sum(one.lying.state is State.UNKNOWN for one in self.found)
        places = f"{counted(len(values), 'key')} in {counted(len(self.found), 'place')}"
        return f"{places} of {counted(self.files, 'file')}, {mend} to mend, {unknown} not known"


class Listening(Watch):
    """Counts, and keeps what was not searched. `tell` hears the count."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self.files = 0
        self.missed: list[RotateError] = []

    def passed(self, files: int) -> None:
        """Count them."""
        self.files += files
        self._tell(self.files)

    def left_out(self, what: RotateError) -> None:
        """Keep it."""
        self.missed.append(what)


def survey(wanted: Wanted, means: Means, standing: Secret | None, *, ask: bool) -> Survey:
    """Search the machine. `standing`: the value that counts now. `ask`: Neon is asked of each value but that one."""
    watch = Listening(wanted.tell)
    known = tuple(dict.fromkeys((*wanted.at_hand, *((standing,) if standing else ()))))
    seen = look(wanted.machine._replace(known=known, watch=watch), means.hide)
    alive = {standing.fingerprint: Liveness.ALIVE} if standing and ask else {}
    names: Mapping[int, str] = {}
    if ask and seen:
        with asking.neon(wanted.settings, means) as source:
            alive = {**asking.liveness(source, [one.value for one in seen if one.value != standing]), **alive}
        names = asking.names(wanted.settings, means)
    of = Known(standing, wanted.note, names)
    found = (Found(one, judged(one, of, alive.get(one.value.fingerprint, Liveness.UNKNOWN), asked=ask)) for one in seen)
    return Survey(tuple(found), (*wanted.unread, *dict.fromkeys(watch.missed)), watch.files)
