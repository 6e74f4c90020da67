"""The way to one outside system while a run lasts, and the live objects that it gives for one credential."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from rotate.errors import RotateError
from rotate.ports import Canary, Destination, Notebook, Readers
from rotate.protocol.facts.model import HolderFacts, Neighbours, ShadowFacts

if TYPE_CHECKING:
    from datetime import datetime

    from rotate.context import Context
    from rotate.protocol.decisions.shadowing import Sight
    from rotate.protocol.facts.events import Event
    from rotate.protocol.facts.found import FoundSecret, Mention, Wanted
    from rotate.protocol.facts.known_places import FormerNames
    from rotate.protocol.facts.marker import Lineage
    from rotate.protocol.story.alert import OpenIssue
    from rotate.protocol.story.findings import Finding, Writes
    from rotate.settings.model import Settings

Shadows: TypeAlias = "Callable[[Callable[[], Sight]], ShadowFacts]"


class Issues(Protocol):
    """The issues of a repository. Each may raise `RotateError`."""

    def beginning_with(self, marker: str) -> tuple[OpenIssue, ...]:
        """Give the open issues of our own whose body begins so, the oldest first."""

    def create(self, title: str, body: str) -> int:
        """Open one and give its number."""

    def edit(self, number: int, **changes: object) -> None:
        """Change title, body or state."""

    def comment(self, number: int, text: str) -> None:
        """Add a comment."""

    def close(self) -> None:
        """Close the connections."""


class Attached(NamedTuple):
    """What one system gives to the run of one credential; what it cannot give is left out.

    `lasting`: how many seconds the system's own limits make a rotation last, as far as they are known now. `cautions`:
    what a person should know of the means of the run, once it has used them. `shadows` looks for what hides a
    destination, as far as it is told to, `holders` for secrets of the name that are no destination, `neighbours` for
    what there is instead of destinations that are absent; they raise nothing. `lineage`: as it is known once the note
    was read. `former_names`: what the notes of earlier versions call the places. `issues`: where a person is alerted.
    """

    destinations: tuple[Destination, ...] = ()
    notebook: Notebook | None = None
    readers: Readers | None = None
    canary: Canary | None = None
    lasting: Callable[[], float] = float
    cautions: Callable[[], tuple[RotateError, ...]] = tuple
    shadows: Shadows = lambda _: ShadowFacts()
    lineage: Callable[[], Lineage | None] = lambda: None
    holders: Callable[[], HolderFacts] = HolderFacts
    neighbours: Callable[[Sequence[str]], Neighbours] = lambda _: {}
    former_names: Callable[[], FormerNames | None] = lambda: None
    issues: Callable[[], Issues | None] = lambda: None


class Resolved(NamedTuple):
    """Settings without a pattern, and how each was read. With `problems`, the settings are not to be used."""

    settings: Settings
    events: tuple[Event, ...] = ()
    problems: tuple[RotateError, ...] = ()
    warnings: tuple[RotateError, ...] = ()

    def and_then(self, more: Resolved) -> Resolved:
        """Add what the next system made of the settings that this one gave."""
        warnings = self.warnings + more.warnings
        return Resolved(more.settings, self.events + more.events, self.problems + more.problems, warnings)


class Seen(NamedTuple):
    """Where some names are in one system. `repositories`: how many were looked at. `missing`: destinations where the
    secret was not seen. `unread`: what could not be read, and why."""

    secrets: tuple[FoundSecret, ...] = ()
    mentions: tuple[Mention, ...] = ()
    repositories: int = 0
    missing: tuple[str, ...] = ()
    unread: tuple[RotateError, ...] = ()

    def and_also(self, more: Seen) -> Seen:
        """Add what another system showed."""
        return Seen(
            self.secrets + more.secrets,
            self.mentions + more.mentions,
            self.repositories + more.repositories,
            self.missing + more.missing,
            self.unread + more.unread,
        )


class Checks:
    """What a system tells `doctor`; what it has nothing to say of is left as it is here."""

    def tokens(self) -> Iterator[Finding]:
        """Say of each token what the system told of it."""
        return iter(())

    def destinations(self) -> Mapping[str, tuple[Writes, str]]:
        """Give of each destination, by its name, whether it may be written, and what else is to be known of it."""
        return {}

    def plans(self) -> Iterator[Finding]:
        """Say what else surrounds the destinations."""
        return iter(())

    def notebook(self, *, shared: bool) -> Writes:
        """Say whether note and lock may be written, those of several repositories where they are `shared`."""
        del shared
        return False

    def workflows(self) -> Iterator[Finding]:
        """Say how the workflows that rotate stand."""
        return iter(())

    def paged(self, one: Finding, name: str = "") -> Finding:
        """Add to a finding of a destination, or of the notebook, the page where a person can change it."""
        del name
        return one


class Line(ABC):
    """The way to one system for a whole run, whichever credentials use it."""

    def resolve(self, settings: Settings, every: Sequence[Settings]) -> Resolved:
        """Name what the patterns among the places mean. `every`: the credentials of the run, of which no two may have
        one place."""
        del every
        return Resolved(settings)

    @abstractmethod
    def attach(self, settings: Settings, stop: threading.Event) -> Attached:
        """Give the live objects for one credential; nothing is contacted."""

    @abstractmethod
    def find(self, settings: Settings, wanted: Wanted) -> Seen:
        """Say where they are. Raises `RotateError` where nothing can be listed."""

    def checks(self, settings: Settings, context: Context, now: datetime) -> Checks:
        """Give what tells `doctor` what a rotation of one credential rests on."""
        del settings, context, now
        return Checks()

    def close(self) -> tuple[RotateError, ...]:
        """Close everything, and say what could not be ended as it should. Once is enough."""
        return ()
