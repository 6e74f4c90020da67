"""What a run sees: every look at the world, the reads of one look side by side. Knows no rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from rotate.errors import InvariantViolated, RotateError
from rotate.ports import World
from rotate.protocol.aspects import EVERYTHING, Aspect
from rotate.protocol.model import DestinationFacts, LockFacts, NoNotebook, NotebookFacts, Snapshot, Written
from rotate.protocol.policy import FEW, Command, Policy, RevokeWhen
from rotate.secret import Secret
from rotate.wire.together import begin, together, value_of


class Eyes:
    """Looks, and remembers the first and the last snapshot; `lock_text` is the lock as it was last read."""

    def __init__(self, world: World, policy: Policy) -> None:
        self._world = world
        self._policy = policy
        self.lock_text: str | None = None
        self.first: Snapshot | None = None
        self.last: Snapshot | None = None

    def look(self, aspects: frozenset[Aspect], authority: Secret, *, again: bool = False) -> None:
        """Make all reads of the aspects at once, and keep what was seen of the others.

        `again`: destinations that were seen before too.
        """
        self.last = self._everything() if aspects == EVERYTHING else self._some(aspects, authority, again=again)
        self.first = self.first or self.last

    def seen(self) -> Snapshot:
        """Give the last snapshot. Raises `InvariantViolated` before the first."""
        if self.last is None:
            raise InvariantViolated("nothing-observed", "A move came before the first observation.")
        return self.last

    def _some(self, aspects: frozenset[Aspect], authority: Secret, *, again: bool) -> Snapshot:
        keys = begin(partial(self._world.source.list_keys, authority)) if Aspect.KEYS in aspects else None
        notebook = begin(self._notebook) if Aspect.NOTEBOOK in aspects else None
        runs = begin(self._world.readers.alive) if Aspect.RUNS in aspects else None
        places = self._places(skip=() if again else self.seen().destinations) if Aspect.DESTINATIONS in aspects else {}
        looked = self._written() if Aspect.WRITES in aspects else {}
        seen = self.seen()
        return replace(
            seen,
            looked={**seen.looked, **looked},
            keys=keys() if keys else seen.keys,
            notebook=notebook() if notebook else seen.notebook,
            runs=runs() if runs else seen.runs,
            destinations={**seen.destinations, **places},
        )

    def _everything(self) -> Snapshot:
        world, policy = self._world, self._policy
        issuer = begin(partial(world.source.identify, world.issuer))
        keys = begin(partial(world.source.list_keys, world.issuer))
        at_hand = None if policy.self_rotation else world.at_hand
        previous = begin(partial(world.source.identify, at_hand)) if at_hand else None
        notebook = begin(self._notebook)
        drains = policy.overlap.drain and policy.exposure is None and policy.command is not Command.SYNC
        runs = begin(world.readers.alive) if drains else None
        shadows = begin(world.shadows) if policy.rotates and policy.exposure is None else None
        places = self._places(only=self._first_places())
        return Snapshot(
            issuer=issuer(),
            previous=previous() if previous else None,
            keys=keys(),
            destinations=places,
            notebook=notebook(),
            runs=runs() if runs else None,
            shadows=value_of(shadows()) if shadows else None,
        )

    def _first_places(self) -> tuple[str, ...]:
        """While an exposed key lives, only the destination that its death waits for counts. And of many, the first
        must do until it is clear that something is to be written: a run that finds nothing due asks for no more."""
        exposure, names = self._policy.exposure, self._policy.destinations
        first = exposure is not None and exposure.revoke_when is RevokeWhen.PRIMARY and self._policy.rotates
        first = first or (len(names) > FEW and self._policy.command in (Command.ROTATE, Command.PLAN, Command.SWEEP))
        return names[:1] if first else names

    def _places(self, only: Iterable[str] = (), skip: Iterable[str] = ()) -> dict[str, DestinationFacts | RotateError]:
        names = [name for name in only or self._policy.destinations if name not in skip]
        places = together(*(self._world.destinations[name].observe for name in names))
        return dict(zip(names, places, strict=True))

    def _written(self) -> dict[str, Written]:
        """Ask every destination when it was last written: one read each, at the pace of the limits."""
        names = self._policy.destinations
        return dict(zip(names, together(*(self._world.destinations[name].written for name in names)), strict=True))

    def _notebook(self) -> NotebookFacts | NoNotebook:
        """Read note and lock; of a lock that still counts, ask whether its run is over."""
        pages = self._world.notebook.read()
        if isinstance(pages, NoNotebook):
            return pages
        from rotate.protocol.note import read_lock, read_note

        self.lock_text = pages.lock
        where_note, where_lock = self._world.notebook.where
        note = None if pages.note is None else read_note(pages.note, where_note)
        lock = None if pages.lock is None else read_lock(pages.lock, where_lock)
        return NotebookFacts(note, self._judged(lock))

    def _judged(self, lock: LockFacts | None) -> LockFacts | None:
        if lock is None or self._policy.run.holds(lock) or lock.expires_at <= self._world.clock.now():
            return lock
        return replace(lock, run_completed=self._world.notebook.run_completed(lock.run_id))
