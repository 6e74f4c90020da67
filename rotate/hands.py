"""What each move does: the ports called, the outcome learned. Holds the secrets of the run; knows no rule."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from rotate.errors import Incomplete, InvariantViolated, Outcome, RotateError
from rotate.eyes import Eyes
from rotate.ports import Receipt, World
from rotate.protocol.ending import STOPPED
from rotate.protocol.lease import LEASE_MARGIN, lost
from rotate.protocol.model import Dead, Identity, Liveness, LockFacts, Scope
from rotate.protocol.note import write_lock, write_note
from rotate.protocol.noted import PendingKey
from rotate.protocol.policy import Policy
from rotate.protocol.steps import (
    Adopt,
    AskCanary,
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
    Restore,
    Result,
    Revoke,
    Rewrite,
    Verify,
    Wait,
    WriteNote,
)
from rotate.secret import Secret
from rotate.wire.together import begin, value_of

PROOF_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
REVOKE_WAITS = (0.0, 1.0, 3.0)


class Hands:
    """Performs moves for one run and remembers what they brought: the snapshot, the pending value, receipts."""

    def __init__(self, world: World, policy: Policy, eyes: Eyes) -> None:
        self._world = world
        self._policy = policy
        self._pending: Secret | None = None
        self._receipts: dict[str, Receipt] = {}
        self._lock_text = ""
        self._lease: datetime | None = None
        self._revoke_tries: dict[int, int] = {}
        self.eyes = eyes

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
            case Observe(aspects, by, again):
                self.eyes.look(aspects, self._value(by), again=again)
            case Lock(stale):
                return self._lock(stale)
            case Issue(name):
                return self._issue(name)
            case Adopt():
                self._pending = self._world.at_hand
            case Verify():
                self._world.source.verify(self._value(Authority.PENDING), self._account())
            case WriteNote(note):
                self._world.notebook.write_note(write_note(note))
            case Put() | Rewrite() if hindrance := self._hindrance():
                return Result(Outcome.NO_EFFECT, error=hindrance)
            case Put(destination):
                self._put(destination, self._value(Authority.PENDING))
            case Confirm(destination):
                return Result(Outcome.APPLIED, stood=self._confirm(destination))
            case Restore(destination) | Rewrite(destination):
                return Result(Outcome.APPLIED, stood=self._restore(destination))
            case Wait(span):
                self._world.clock.sleep(span.total_seconds())
            case AskCanary(workflow, patience):
                return Result(Outcome.APPLIED, page=self._world.canary.ask(workflow, patience))
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

    def _hindrance(self) -> RotateError | None:
        """Say why no further destination is written: of a batch, thousands may be left.

        A runner that cancels gives seconds. And once the lease is over, another run may have written a newer value.
        """
        if self._world.stop.is_set():
            return STOPPED
        over = self._lease is not None and self._world.clock.now() >= self._lease - LEASE_MARGIN
        return lost(Incomplete) if over else None

    def _lock(self, stale: LockFacts | None) -> Result:
        lease = self._world.clock.now() + self._policy.lease
        self._lock_text = write_lock(self._policy.run, lease)
        self._world.notebook.take_lock(self._lock_text, replacing=self.eyes.lock_text if stale else None)
        self._lease = lease
        return Result(Outcome.APPLIED, lease=lease)

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

    def _put(self, destination: str, secret: Secret) -> None:
        value_of(self.eyes.seen().destinations[destination])
        self._receipts[destination] = self._world.destinations[destination].put(secret)

    def _confirm(self, destination: str) -> datetime:
        before = value_of(self.eyes.seen().destinations[destination])
        return self._world.destinations[destination].confirm(before, self._receipts.get(destination))

    def _restore(self, destination: str) -> datetime:
        if self._world.at_hand is None:
            raise InvariantViolated("nothing-to-restore", "A destination was to be restored without the old value.")
        before = value_of(self.eyes.seen().destinations[destination])
        receipt = self._world.destinations[destination].put(self._world.at_hand)
        return self._world.destinations[destination].confirm(before, receipt)

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

    def _value(self, authority: Authority) -> Secret:
        if authority is Authority.ISSUER:
            return self._world.issuer
        if self._pending is None:
            raise InvariantViolated("no-pending-value", "A move needs the pending value, and there is none.")
        return self._pending

    def _account(self) -> str:
        """Name the principal that a new key must act for."""
        issuer = self.eyes.seen().issuer
        if self._policy.scope is Scope.PERSONAL and isinstance(issuer, Identity):
            return issuer.account_id
        return str(self._policy.org_id)
