"""What each move does: the ports called, the outcome learned. Holds the secrets of the run; knows no rule."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from rotate.errors import InvariantViolated, Outcome, RotateError
from rotate.ports import Clock, Destinations, Hide, Notebook, Receipt, Source
from rotate.protocol.model import (
    Dead,
    Identity,
    Liveness,
    LockFacts,
    NoNotebook,
    NotebookFacts,
    PendingKey,
    Policy,
    Scope,
    Snapshot,
)
from rotate.protocol.note import read_lock, read_note, write_lock, write_note
from rotate.protocol.steps import (
    EVERYTHING,
    Adopt,
    Aspect,
    Authority,
    Confirm,
    Issue,
    Lock,
    Move,
    Observe,
    Probe,
    Proof,
    ProveDead,
    Put,
    Result,
    Revoke,
    Verify,
    WriteNote,
)
from rotate.secret import Secret
from rotate.wire.together import begin, together, value_of

PROOF_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
REVOKE_WAITS = (0.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class World:
    """The live objects that one run works on. `at_hand` is the value being replaced, if it was given; `close` ends
    every connection.
    """

    source: Source
    destinations: Destinations
    notebook: Notebook
    clock: Clock
    hide: Hide
    stop: threading.Event
    issuer: Secret
    at_hand: Secret | None
    close: Callable[[], None]


class Hands:
    """Performs moves for one run and remembers what they brought: the snapshot, the pending value, receipts."""

    def __init__(self, world: World, policy: Policy) -> None:
        self._world = world
        self._policy = policy
        self._pending: Secret | None = None
        self._receipts: dict[str, Receipt] = {}
        self._lock_text = ""
        self._revoke_tries: dict[int, int] = {}
        self._lock_seen: str | None = None
        self.snapshot: Snapshot | None = None

    def perform(self, move: Move) -> Result:
        """Do one move. What goes wrong becomes a result; only a bug of ours raises."""
        try:
            return self._act(move)
        except RotateError as error:
            if isinstance(error, InvariantViolated):
                raise
            unknown = Liveness.UNKNOWN if isinstance(move, Probe) else None
            return Result(error.outcome, error=error, liveness=unknown)

    def _act(self, move: Move) -> Result:
        match move:
            case Observe(aspects, by):
                self.snapshot = self._observe(aspects, by)
            case Lock(stale):
                self._lock_text = write_lock(self._policy.run, self._world.clock.now() + self._policy.lease)
                self._world.notebook.take_lock(self._lock_text, replacing=self._lock_seen if stale else None)
            case Issue(name):
                return self._issue(name)
            case Adopt():
                self._pending = self._world.at_hand
            case Verify():
                self._world.source.verify(self._value(Authority.PENDING), self._account())
            case WriteNote(note):
                self._world.notebook.write_note(write_note(note))
            case Put(destination):
                receipt = self._world.destinations[destination].put(self._value(Authority.PENDING))
                self._receipts[destination] = receipt
            case Confirm(destination):
                self._confirm(destination)
            case Probe():
                liveness = self._liveness(self._world.at_hand)
                return Result(Outcome.APPLIED, liveness=liveness or Liveness.UNKNOWN)
            case Revoke(key, by):
                self._wait_before_again(key.key_id)
                self._world.source.revoke(self._value(by), key.key_id)
            case ProveDead():
                return self._prove(move)
            case _:
                self._world.notebook.release_lock(self._lock_text)
        return Result(Outcome.APPLIED)

    def _wait_before_again(self, key_id: int) -> None:
        """Leave a source that did not take a revoke some time before the next try."""
        tries = self._revoke_tries.get(key_id, 0)
        self._revoke_tries[key_id] = tries + 1
        self._world.clock.sleep(REVOKE_WAITS[min(tries, len(REVOKE_WAITS) - 1)])

    def _issue(self, name: str) -> Result:
        issued = self._world.source.issue(self._world.issuer, name, self._world.hide)
        self._pending = issued.secret
        key = issued.key
        pending = PendingKey(key.key_id, key.name, issued.secret.fingerprint, key.created_at)
        return Result(Outcome.APPLIED, pending=pending)

    def _confirm(self, destination: str) -> None:
        before = self.seen().destinations[destination]
        self._world.destinations[destination].confirm(value_of(before), self._receipts.get(destination))

    def _prove(self, move: ProveDead) -> Result:
        """Ask all witnesses at once, again until they agree that it is over or the waits are used up."""
        proof = Proof(None, None, None)
        for wait in PROOF_WAITS:
            self._world.clock.sleep(wait)
            proof = self._witnesses(move)
            listed = {key.key_id for key in proof.live or ()}
            if proof.previous in (None, Liveness.DEAD) and proof.live is not None and not listed & move.gone:
                break
        return Result(Outcome.APPLIED, proof=proof)

    def _witnesses(self, move: ProveDead) -> Proof:
        current = (self._pending or self._world.at_hand) if move.current else None
        previous = begin(partial(self._liveness, self._world.at_hand if move.previous else None))
        now = begin(partial(self._liveness, current))
        live = begin(partial(self._world.source.list_keys, self._value(move.by)))
        keys = live()
        return Proof(value_of(previous()), value_of(now()), None if isinstance(keys, RotateError) else keys)

    def _liveness(self, secret: Secret | None) -> Liveness | None:
        """Ask whether a value is alive; `None` when it is not at hand."""
        if secret is None:
            return None
        try:
            dead = isinstance(self._world.source.identify(secret), Dead)
        except RotateError:
            return Liveness.UNKNOWN
        return Liveness.DEAD if dead else Liveness.ALIVE

    def _observe(self, aspects: frozenset[Aspect], by: Authority) -> Snapshot:
        """Make all reads of the aspects at once, and keep what was seen of the others."""
        if aspects == EVERYTHING:
            return self._observe_everything()
        keys = begin(partial(self._world.source.list_keys, self._value(by))) if Aspect.KEYS in aspects else None
        notebook = begin(self._read_notebook) if Aspect.NOTEBOOK in aspects else None
        seen = self.seen()
        return replace(seen, keys=keys() if keys else seen.keys, notebook=notebook() if notebook else seen.notebook)

    def _observe_everything(self) -> Snapshot:
        world, names = self._world, tuple(self._world.destinations)
        issuer = begin(partial(world.source.identify, world.issuer))
        keys = begin(partial(world.source.list_keys, world.issuer))
        at_hand = None if self._policy.self_rotation else world.at_hand
        previous = begin(partial(world.source.identify, at_hand)) if at_hand else None
        notebook = begin(self._read_notebook)
        places = together(*(world.destinations[name].observe for name in names))
        return Snapshot(
            issuer=issuer(),
            previous=previous() if previous else None,
            keys=keys(),
            destinations=dict(zip(names, places, strict=True)),
            notebook=notebook(),
        )

    def _read_notebook(self) -> NotebookFacts | NoNotebook:
        """Read note and lock; of a lock that still counts, ask whether its run is over."""
        pages = self._world.notebook.read()
        if isinstance(pages, NoNotebook):
            return pages
        self._lock_seen = pages.lock
        where_note, where_lock = self._world.notebook.where
        note = None if pages.note is None else read_note(pages.note, where_note)
        lock = None if pages.lock is None else read_lock(pages.lock, where_lock)
        return NotebookFacts(note, self._judged(lock))

    def _judged(self, lock: LockFacts | None) -> LockFacts | None:
        if lock is None or self._policy.run.holds(lock) or lock.expires_at <= self._world.clock.now():
            return lock
        return replace(lock, run_completed=self._world.notebook.run_completed(lock.run_id))

    def _value(self, authority: Authority) -> Secret:
        if authority is Authority.ISSUER:
            return self._world.issuer
        if self._pending is None:
            raise InvariantViolated("no-pending-value", "A move needs the pending value, and there is none.")
        return self._pending

    def _account(self) -> str:
        """Name the principal that a new key must act for."""
        issuer = self.seen().issuer
        if self._policy.scope is Scope.PERSONAL and isinstance(issuer, Identity):
            return issuer.account_id
        return str(self._policy.org_id)

    def seen(self) -> Snapshot:
        """Give the last snapshot. Raises `InvariantViolated` before the first."""
        if self.snapshot is None:
            raise InvariantViolated("nothing-observed", "A move came before the first observation.")
        return self.snapshot
