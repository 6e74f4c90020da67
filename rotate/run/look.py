"""What a run sees: every look at the world, the reads of one look side by side. Knows no rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from rotate.errors import InvariantViolated, RotateError
from rotate.protocol.decisions.deaths import completed
from rotate.protocol.facts import model
from rotate.protocol.facts.aspects import EVERYTHING, Aspect
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.policy import FEW, Command, Policy, RevokeWhen
from rotate.run.world import World
from rotate.secret import Secret
from rotate.wire.together import begin, together, value_of

if TYPE_CHECKING:
    from rotate.protocol.decisions.shadowing import Sight

Places: TypeAlias = Mapping[str, DestinationFacts | RotateError]
Reading: TypeAlias = model.NotebookFacts | model.NoNotebook | RotateError
# So many absent destinations are looked at more closely.
SHOWN = 5


class Observer:
    """Looks, and remembers the first and the last snapshot; `lock_text` and `note_text` are as they were last read.

    `revoking`: this run has begun to revoke, so that a value that answered 200 before vouches for its key no longer.
    """

    def __init__(self, world: World, policy: Policy) -> None:
        self._world = world
        self._policy = policy
        self.lock_text: str | None = None
        self.note_text: str | None = None
        self.revoking = False
        self.first: model.Snapshot | None = None
        self.last: model.Snapshot | None = None

    def look(self, aspects: frozenset[Aspect], authority: Secret, *, again: bool = False) -> None:
        """Make all reads of the aspects at once, and keep what was seen of the others.

        `again`: destinations that were seen before too.
        """
        self.last = self._everything() if aspects == EVERYTHING else self._some(aspects, authority, again=again)
        self.first = self.first or self.last

    def seen(self) -> model.Snapshot:
        """Give the last snapshot. Raises `InvariantViolated` before the first."""
        if self.last is None:
            raise InvariantViolated("nothing-observed", "A move came before the first observation.")
        return self.last

    def _some(self, aspects: frozenset[Aspect], authority: Secret, *, again: bool) -> model.Snapshot:
        keys = begin(partial(self._world.source.list_keys, authority)) if Aspect.KEYS in aspects else None
        notebook = begin(self._notebook) if aspects & {Aspect.NOTEBOOK, Aspect.LOCK} else None
        runs = begin(self._world.readers.alive) if Aspect.RUNS in aspects else None
        beside = begin(self._neighbours) if Aspect.NEIGHBOURS in aspects else None
        holders = begin(self._world.given.holders) if Aspect.HOLDERS in aspects else None
        places = self._places(skip=() if again else self.seen().destinations) if Aspect.DESTINATIONS in aspects else {}
        looked = self._written() if Aspect.WRITES in aspects else {}
        seen = self.seen()
        if places and seen.shadows is None and self._looks_for_shadows:
            # Of many destinations, only once it is clear that something is to be written.
            seen = replace(seen, shadows=self._shadows(lambda: seen.notebook, places))
        seen = replace(
            seen,
            looked={**seen.looked, **looked},
            keys=keys() if keys else seen.keys,
            notebook=self._kept(notebook(), note=Aspect.NOTEBOOK in aspects) if notebook else seen.notebook,
            runs=runs() if runs else seen.runs,
            destinations={**seen.destinations, **places},
            source_ahead=self._world.source.ahead(),
            holders=value_of(holders()) if holders else seen.holders,
            neighbours=value_of(beside()) if beside else seen.neighbours,
        )
        return seen if self.revoking or keys is None else completed(seen, self._policy)

    def _neighbours(self) -> model.Neighbours:
        """Of many destinations that are absent, some show what is wrong."""
        from rotate.protocol.decisions.absent import is_absent

        absent = [name for name, facts in self.seen().destinations.items() if is_absent(facts)]
        return self._world.given.neighbours(absent[:SHOWN])

    def _everything(self) -> model.Snapshot:
        world, policy = self._world, self._policy
        issuer = begin(partial(world.source.identify, world.issuer))
        keys = begin(partial(world.source.list_keys, world.issuer))
        at_hand = None if policy.self_rotation else world.at_hand
        previous = begin(partial(world.source.identify, at_hand)) if at_hand else None
        notebook = begin(self._notebook)
        drains = policy.overlap.drain and policy.exposure is None and policy.command is not Command.SYNC
        runs = begin(world.readers.alive) if drains else None
        few = len(policy.destinations) <= FEW
        shadows = begin(lambda: self._shadows(notebook, {})) if few and self._looks_for_shadows else None
        places = self._places(only=self._first_places())
        seen = model.Snapshot(
            issuer=issuer(),
            previous=previous() if previous else None,
            keys=keys(),
            destinations=places,
            notebook=notebook(),
            runs=runs() if runs else None,
            shadows=value_of(shadows()) if shadows else None,
            source_ahead=world.source.ahead(),
        )
        return completed(seen, policy)

    @property
    def _looks_for_shadows(self) -> bool:
        return self._policy.rotates and self._policy.exposure is None

    def _shadows(self, book: Callable[[], Reading], places: Places) -> model.ShadowFacts:
        """Look for what hides a destination, as far as the note says that it must be looked for."""

        def wanted() -> Sight:
            from rotate.protocol.decisions.shadowing import sight

            read = book()
            proven = read.note if isinstance(read, model.NotebookFacts) and read.proven else None
            return sight(proven, self._policy, places)

        return self._world.given.shadows(wanted)

    def _first_places(self) -> tuple[str, ...]:
        """While an exposed key lives, only the destination that its death waits for counts. And of many, the first
        must do until it is clear that something is to be written: a run that finds nothing due asks for no more."""
        exposure, names = self._policy.exposure, self._policy.destinations
        first = exposure is not None and exposure.revoke_when is RevokeWhen.PRIMARY and self._policy.rotates
        first = first or (len(names) > FEW and self._policy.command in (Command.ROTATE, Command.PLAN, Command.SWEEP))
        return names[:1] if first else names

    def _places(self, only: Iterable[str] = (), skip: Iterable[str] = ()) -> Places:
        names = [name for name in only or self._policy.destinations if name not in skip]
        places = together(*(self._world.destinations[name].observe for name in names))
        return dict(zip(names, places, strict=True))

    def _kept(self, found: Reading, *, note: bool) -> Reading:
        """Give what was read; of the lock alone, where the note that was read under it still counts.

        Whoever may write variables may write the note at any time. What a run rests on is read once.
        """
        before = self.seen().notebook
        if note or not isinstance(found, model.NotebookFacts) or not isinstance(before, model.NotebookFacts):
            return found
        return replace(before, lock=found.lock)

    def _written(self) -> dict[str, model.Written]:
        """Ask every destination when it was last written: one read each, at the pace of the limits."""
        names = self._policy.destinations
        return dict(zip(names, together(*(self._world.destinations[name].written for name in names)), strict=True))

    def _notebook(self) -> model.NotebookFacts | model.NoNotebook:
        """Read note and lock, and how far either may be believed; of a lock that still counts, ask whether its run is
        over.
        """
        pages = self._world.notebook.read()
        if isinstance(pages, model.NoNotebook):
            return pages
        from rotate.protocol.facts.known_places import renamed
        from rotate.run.seals import lock_in, note_in

        home = (self._world.given.lineage() or self._policy.lineage).home
        values, (where_note, where_lock) = self._vouching(), self._world.notebook.where
        self.lock_text, self.note_text, found = pages.lock, pages.note, model.NotebookFacts(None, None)
        if pages.note is not None:
            found = note_in(pages.note, where_note, values, home, shared=self._world.notebook.shared)
            former = self._world.given.former_names()
            found = replace(found, note=renamed(found.note, former) if found.note and former else found.note)
        if pages.lock is None:
            return found
        held = lock_in(pages.lock, where_lock, values, self._world.clock.now(), pages.locked_at)
        return replace(found, lock=replace(held, run_completed=True) if pages.abandoned else self._judged(held))

    def _vouching(self) -> list[Secret]:
        """Give the values that can prove a note. An exposed one proves nothing where another is at hand: whoever saw it
        can vouch with it too.
        """
        alone = self._policy.exposure is not None and not self._policy.self_rotation
        return [one for one in (self._world.issuer, None if alone else self._world.at_hand) if one]

    def _judged(self, lock: model.LockFacts) -> model.LockFacts:
        over = lock.doubt or lock.expires_at <= self._world.clock.now()
        if over or lock.by_hand or self._policy.run.holds(lock):
            return lock
        return replace(lock, run_completed=self._world.notebook.run_completed(lock.run_id, lock.repository))
