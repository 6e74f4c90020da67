"""What each move does: the ports called, the outcome learned. Holds the secrets of the run; knows no rule.

That a key is dead, and that another lives, both values show, and Neon's list (protocol: step 10).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from rotate.errors import Incomplete, InvariantViolated, Outcome, RotateError
from rotate.ports import Receipt, Source
from rotate.protocol.decisions.ending import STOPPED, lock_lost
from rotate.protocol.decisions.position import LEASE_MARGIN
from rotate.protocol.facts import moves
from rotate.protocol.facts.destination import Mark
from rotate.protocol.facts.model import Dead, Identity, Liveness, LockFacts, Scope
from rotate.protocol.facts.note import Note, PendingKey
from rotate.protocol.facts.note_texts import write_lock, write_note
from rotate.protocol.facts.policy import Policy
from rotate.run.look import Observer
from rotate.run.seals import sealed
from rotate.run.world import World
from rotate.secret import Secret
from rotate.wire.clock import time_of
from rotate.wire.together import begin, value_of

REVOKE_WAITS = (0.0, 1.0, 3.0)
NO_VALUE = Secret("")
PROOF_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)


class Performer:
    """Performs moves for one run and remembers what they brought: the snapshot, the pending value, receipts."""

    def __init__(self, world: World, policy: Policy, observer: Observer) -> None:
        self._world = world
        self._policy = policy
        self._pending: Secret | None = None
        self._receipts: dict[str, Receipt] = {}
        self._lock_text = ""
        self._lease: datetime | None = None
        self._revoke_tries: dict[int, int] = {}
        self.observer = observer

    def perform(self, move: moves.Move) -> moves.Result:
        """Do one move. What goes wrong becomes a result; only a bug of ours raises."""
        try:
            return self._act(move)
        except RotateError as error:
            if isinstance(error, InvariantViolated):
                raise
            unknown = Liveness.UNKNOWN if isinstance(move, moves.Probe) else None
            return moves.Result(error.outcome, error=error, liveness=unknown)

    def _act(self, move: moves.Move) -> moves.Result:
        match move:
            case moves.Observe(aspects, by, again):
                self.observer.look(aspects, self._value(by), again=again)
            case moves.Lock(stale):
                return self._lock(stale)
            case moves.Issue(name):
                return self._issue(name)
            case moves.Adopt():
                self._pending = self._world.at_hand
            case moves.Verify():
                self._world.source.verify(self._value(moves.Authority.PENDING), self._account())
            case moves.WriteNote() | moves.Restore() if overdue := self._overdue():
                return moves.Result(Outcome.NO_EFFECT, error=overdue)
            case moves.WriteNote(note):
                return self._write_note(note)
            case moves.Put() | moves.Rewrite() if hindrance := self._hindrance():
                return moves.Result(Outcome.NO_EFFECT, error=hindrance)
            case moves.Put(destination, key):
                return self._put(destination, self._value(moves.Authority.PENDING), key.key_id)
            case moves.Confirm(destination):
                return moves.Result(Outcome.APPLIED, stood=self._confirm(destination))
            case moves.Restore(destination) | moves.Rewrite(destination):
                return moves.Result(Outcome.APPLIED, stood=self._restore(destination))
            case moves.Wait(span):
                self._world.clock.sleep(span.total_seconds())
            case moves.AskCanary(workflow, patience):
                return moves.Result(Outcome.APPLIED, page=self._world.canary.ask(workflow, patience))
            case moves.Probe():
                answer = liveness(self._world.source, self._world.at_hand)
                return moves.Result(Outcome.APPLIED, liveness=answer or Liveness.UNKNOWN)
            case moves.Knock(by):
                return self._knock(move, self._world.at_hand or NO_VALUE, self._value(by))
            case moves.Revoke(key, by):
                self.observer.revoking = True
                self._wait_before_again(key.key_id)
                self._world.source.revoke(self._value(by), key.key_id)
            case moves.ProveDead():
                values = self._value(move.by), self._pending or self._world.at_hand
                return prove(self._world, self._policy, move, *values)
            case _:
                self._world.notebook.release_lock(self._lock_text)
        return moves.Result(Outcome.APPLIED)

    def _knock(self, move: moves.Knock, old: Secret, reader: Secret) -> moves.Result:
        from rotate.run.knocking import Knocker

        return Knocker(self._world.source, self._world.clock, old, reader, self._world.stop.is_set).knock(move)

    def _hindrance(self) -> RotateError | None:
        """Say why no further destination is written: of a batch, thousands may be left, and each waits its turn.

        A runner that cancels gives seconds.
        """
        return STOPPED if self._world.stop.is_set() else self._overdue()

    def _overdue(self) -> RotateError | None:
        """Say that the lease is over: another run may have written something newer by now."""
        over = self._lease is not None and self._world.clock.now() >= self._lease - LEASE_MARGIN
        return lock_lost(Incomplete) if over else None

    def _lock(self, stale: LockFacts | None) -> moves.Result:
        clock = self._world.clock
        asked = clock.monotonic()
        values = [one for one in (self._world.issuer, self._world.at_hand) if one]
        self._lock_text = sealed("lock", write_lock(self._policy.run, clock.now(), self._policy.lease), values)
        try:
            self._world.notebook.take_lock(self._lock_text, replacing=self.observer.lock_text if stale else None)
        except RotateError as error:
            if error.outcome is Outcome.UNKNOWN:
                self._lease = time_of(clock, asked) + self._policy.lease
            raise
        # By now GitHub has told its time, which others judge the lease by; it began no earlier than it was asked for.
        self._lease = lease = time_of(clock, asked) + self._policy.lease
        return moves.Result(Outcome.APPLIED, lease=lease)

    def _write_note(self, note: Note) -> moves.Result:
        told = self._put_aside()
        self._world.notebook.write_note(sealed("note", write_note(note), self._vouching(note)))
        return moves.Result(Outcome.APPLIED, error=told)

    def _put_aside(self) -> RotateError | None:
        """Keep a note that stood in the way of a kill, before a new one takes its place; say where."""
        seen, text = self.observer.seen(), self.observer.note_text
        if self._policy.exposure is None or text is None or not (seen.bad_note or seen.unproven):
            return None
        try:
            where = self._world.notebook.put_aside(text)
        except RotateError as error:
            return error
        return Incomplete(
            "note-put-aside",
            "The note could not be believed, and the exposed key did not wait for it. What stood in its place is kept "
            f"as {where}, and a new note was begun.",
            "Look at it, and at who may write variables; then delete it. A key made by hand that it names, and that "
            "this run left alone, needs its id in the next rotation:\n\n    old_key_id: …",
        )

    def _vouching(self, note: Note) -> list[Secret]:
        """Give the values that stand behind a note: of the keys that it names as pending and confirmed, and the minter.

        Not an exposed one: whoever saw it could write the next note.
        """
        known = {one.fingerprint for one in (note.pending, note.confirmed) if one}
        old = self._world.at_hand if self._policy.exposure is None else None
        keys = [one for one in (self._pending, old) if one and one.fingerprint in known]
        return keys if self._policy.self_rotation else [*keys, self._world.issuer]

    def _wait_before_again(self, key_id: int) -> None:
        """Leave a source that did not take a revoke some time before the next try."""
        tries = self._revoke_tries.get(key_id, 0)
        self._revoke_tries[key_id] = tries + 1
        self._world.clock.sleep(REVOKE_WAITS[min(tries, len(REVOKE_WAITS) - 1)])

    def _issue(self, name: str) -> moves.Result:
        issued = self._world.source.issue(self._world.issuer, name, self._world.hide)
        self._pending = issued.secret
        key = issued.key
        pending = PendingKey(key.key_id, key.name, issued.secret.fingerprint, key.created_at)
        return moves.Result(Outcome.APPLIED, pending=pending)

    def _put(self, destination: str, secret: Secret, key_id: int) -> moves.Result:
        value_of(self.observer.seen().destinations[destination])
        put = self._world.destination(destination, key_id).put
        receipt = self._receipts[destination] = put(secret, self._hindrance)
        return moves.Result(Outcome.APPLIED, created=receipt.created)

    def _confirm(self, destination: str) -> Mark:
        before = value_of(self.observer.seen().destinations[destination])
        return self._world.destinations[destination].confirm(before, self._receipts.get(destination))

    def _restore(self, destination: str) -> Mark:
        if self._world.at_hand is None:
            raise InvariantViolated("nothing-to-restore", "A destination was to be restored without the old value.")
        before = value_of(self.observer.seen().destinations[destination])
        put = self._world.destination(destination, self._id_at_hand()).put
        receipt = put(self._world.at_hand, self._overdue)
        return self._world.destinations[destination].confirm(before, receipt)

    def _id_at_hand(self) -> int | None:
        """Say which key's value is written again: the note's, or the one that the person named."""
        note = self.observer.seen().note
        return note.confirmed.key_id if note and note.confirmed else self._policy.old_key_id

    def _value(self, authority: moves.Authority) -> Secret:
        if authority is moves.Authority.ISSUER:
            return self._world.issuer
        if self._pending is None:
            raise InvariantViolated("no-pending-value", "A move needs the pending value, and there is none.")
        return self._pending

    def _account(self) -> str:
        """Name the principal that a new key must act for."""
        issuer = self.observer.seen().issuer
        if self._policy.scope is Scope.PERSONAL and isinstance(issuer, Identity):
            return issuer.account_id
        return str(self._policy.org_id)


def prove(world: World, policy: Policy, move: moves.ProveDead, by: Secret, current: Secret | None) -> moves.Result:
    """Ask all witnesses at once, again until they agree that it is over or the waits are used up.

    `by` reads the list; `current` is the value that stands.
    """
    proof = moves.Proof(None, None, None)
    for wait in PROOF_WAITS:
        world.clock.sleep(wait)
        proof = _asked(world, policy, move, by, current)
        listed = {key.key_id for key in proof.live or ()}
        if proof.previous in (None, Liveness.DEAD) and proof.live is not None and not listed & move.gone:
            break
    return moves.Result(Outcome.APPLIED, proof=proof)


def _asked(world: World, policy: Policy, move: moves.ProveDead, by: Secret, current: Secret | None) -> moves.Proof:
    previous = begin(partial(liveness, world.source, world.at_hand if move.previous else None))
    now = begin(partial(liveness, world.source, current if move.current else None))
    keys = begin(partial(world.source.list_keys, by))()
    if isinstance(keys, RotateError) and world.at_hand and policy.scope is Scope.PERSONAL:
        # The minter may have been the exposed key: it then revoked itself, and another must look.
        keys = begin(partial(world.source.list_keys, world.at_hand))()
    return moves.Proof(value_of(previous()), value_of(now()), None if isinstance(keys, RotateError) else keys)


def liveness(source: Source, secret: Secret | None) -> Liveness | None:
    """Ask whether a value is alive; `None` when it is not at hand."""
    if secret is None:
        return None
    try:
        dead = isinstance(source.identify(secret), Dead)
    except RotateError:
        return Liveness.UNKNOWN
    return Liveness.DEAD if dead else Liveness.ALIVE
