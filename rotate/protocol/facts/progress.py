"""What one run did and has. Folded from results by `learn`, never edited elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rotate.errors import Outcome, RotateError
from rotate.protocol.facts import moves
from rotate.protocol.facts.aspects import EVERYTHING, Aspect
from rotate.protocol.facts.destination import Mark
from rotate.protocol.facts.model import LiveKey, Liveness, Snapshot
from rotate.protocol.facts.note import Note, PendingKey

# Without these a run goes on: what goes wrong with them is no more than worth knowing.
WARN_ALONE = (moves.WriteNote, moves.Release, moves.Probe, moves.AskCanary, moves.Knock)


@dataclass(frozen=True, slots=True)
class Progress:
    """What this run did and has, and nothing it merely hopes. `stood`: when the writes that were confirmed took place.
    `looked`: the destinations were looked at once more, and nothing that takes time came after it.
    """

    lock: Outcome | None = None
    lock_error: RotateError | None = None
    lock_tries: int = 0
    forced: bool = False
    lease: datetime | None = None
    surveyed: bool = False
    fenced: bool = False
    tried: tuple[str, ...] = ()
    issue: Outcome | None = None
    unresolved: bool = False
    pending: PendingKey | None = None
    adopted: bool = False
    verified: bool | None = None
    put: Mapping[str, Outcome] = field(default_factory=dict)
    confirmed: Mapping[str, bool] = field(default_factory=dict)
    noted_confirmed: Outcome | None = None
    note: Note | None = None
    restored: Mapping[str, bool] = field(default_factory=dict)
    waited: timedelta = timedelta()
    evidence: bool = False
    runs_seen: bool = False
    backing_out: bool = False
    asked: bool = False
    canary_error: RotateError | None = None
    control: Liveness | None = None
    revoked: Mapping[int, Outcome] = field(default_factory=dict)
    revoke_tries: Mapping[int, int] = field(default_factory=dict)
    proof: moves.Proof | None = None
    released: Outcome | None = None
    ended: moves.Finish | None = None
    errors: tuple[RotateError, ...] = ()
    warnings: tuple[RotateError, ...] = ()
    stopping: bool = False
    created: tuple[str, ...] = ()
    knocked: moves.Knocked | None = None
    stood: Mapping[str, Mark] = field(default_factory=dict)
    looked: bool = False

    @property
    def committed(self) -> bool:
        """Say whether the first effect beyond the lock was tried."""
        return bool(self.tried or self.adopted or self.revoke_tries)

    @property
    def locked(self) -> bool:
        """Say whether the lock is, or may be, ours."""
        return self.lock in (Outcome.APPLIED, Outcome.UNKNOWN) and self.released is None

    @property
    def spread(self) -> bool:
        """Say whether any destination may hold the pending value."""
        taken = [name for name, outcome in self.put.items() if outcome is not Outcome.NO_EFFECT]
        return self.adopted or not all(self.restored.get(name) for name in taken)

    @property
    def revoked_ids(self) -> tuple[int, ...]:
        """Give the ids whose revoke is known to have been applied."""
        return tuple(key_id for key_id, outcome in self.revoked.items() if outcome is Outcome.APPLIED)

    def alive(self, snapshot: Snapshot, project_id: str | None) -> tuple[LiveKey, ...]:
        """Give the live keys as last seen, and the one that this run issued, where nobody looked since."""
        if self.proof and self.proof.live is not None:
            return tuple(self.proof.live)
        pending = self.pending
        if pending is None or pending.key_id in (*self.revoked_ids, *(key.key_id for key in snapshot.live)):
            return snapshot.live
        return (*snapshot.live, LiveKey(pending.key_id, pending.name, pending.at, project_id=project_id))


def learned(progress: Progress, results: Sequence[tuple[moves.Move, moves.Result]]) -> Progress:
    """Fold the results of a batch into what the run holds; thousands of writes at once, as their number goes."""
    put, confirmed, stood = dict(progress.put), dict(progress.confirmed), dict(progress.stood)
    errors = list[RotateError]()
    created = tuple(move.destination for move, result in results if isinstance(move, moves.Put) and result.created)
    for move, result in results:
        if isinstance(move, moves.Confirm | moves.Rewrite | moves.Restore) and result.stood is not None:
            stood[move.destination] = result.stood
        if not isinstance(move, moves.Put | moves.Confirm | moves.Rewrite):
            progress = learn(progress, move, result)
            continue
        if not isinstance(move, moves.Confirm):
            put[move.destination] = result.outcome
        if not isinstance(move, moves.Put):
            confirmed[move.destination] = result.outcome is Outcome.APPLIED
        errors += [result.error] if result.error else []
    made, errors = (*progress.created, *created), [*progress.errors, *errors]
    return replace(progress, put=put, confirmed=confirmed, stood=stood, errors=tuple(errors), created=made)


def learn(progress: Progress, move: moves.Move, result: moves.Result) -> Progress:
    """Fold one result into what the run holds."""
    outcome = result.outcome
    if isinstance(move, moves.Lock):
        return _locked(progress, result, forced=move.forced)
    progress = _told(progress, move, result.error) if result.error else progress
    match move:
        case moves.Observe(aspects):
            return _observed(progress, aspects)
        case moves.Issue(name):
            tried, lost = (*progress.tried, name), outcome is Outcome.UNKNOWN
            return replace(progress, tried=tried, issue=outcome, unresolved=lost, pending=result.pending)
        case moves.Adopt(key):
            return replace(progress, pending=key, adopted=True, verified=True)
        case moves.Verify():
            return replace(progress, verified=outcome is Outcome.APPLIED)
        case moves.WriteNote(note, confirmed):
            kept = note if outcome is Outcome.APPLIED else None
            return replace(progress, noted_confirmed=outcome, note=kept) if confirmed else progress
        case moves.Put() | moves.Confirm() | moves.Rewrite():
            return learned(progress, [(move, replace(result, error=None))])
        case moves.Restore(destination):
            restored = {**progress.restored, destination: outcome is Outcome.APPLIED}
            stood = {**progress.stood, destination: result.stood} if result.stood else progress.stood
            return replace(progress, restored=restored, stood=stood, looked=False)
        case moves.Wait(span):
            # While the lock is another's, everything is looked at again.
            surveyed = progress.surveyed and progress.lock is not Outcome.NO_EFFECT
            return replace(_later(progress), waited=progress.waited + span, surveyed=surveyed)
        case moves.AskCanary():
            return replace(_later(progress), asked=True, canary_error=result.error)
        case moves.Knock(_, pattern):
            # That the old value answered is the control.
            seen = result.knocked or moves.Knocked(pattern, ())
            return replace(_later(progress), knocked=seen, control=result.liveness)
        case moves.Probe():
            return replace(progress, control=result.liveness)
        case moves.Revoke(key, _, standing, exposed):
            backing_out = progress.backing_out or (standing is None and not exposed)
            return replace(_revoked(progress, key.key_id, outcome), backing_out=backing_out)
        case moves.ProveDead():
            return replace(progress, proof=result.proof)
        case _:
            return replace(progress, released=outcome, ended=move.then)


def _told(progress: Progress, move: moves.Move, error: RotateError) -> Progress:
    if isinstance(move, WARN_ALONE):
        return replace(progress, warnings=(*progress.warnings, error))
    return replace(progress, errors=(*progress.errors, error))


def _locked(progress: Progress, result: moves.Result, *, forced: bool) -> Progress:
    tries, lease = progress.lock_tries + 1, result.lease or progress.lease
    forced = progress.forced or (forced and result.outcome is not Outcome.NO_EFFECT)
    return replace(
        progress,
        lock=result.outcome,
        lock_error=result.error,
        lock_tries=tries,
        lease=lease,
        surveyed=False,
        forced=forced,
    )


def _later(progress: Progress) -> Progress:
    """It took time: who holds the lock, who uses the older key and what the destinations hold is looked at again."""
    return replace(progress, evidence=False, fenced=False, looked=False)


def _observed(progress: Progress, aspects: frozenset[Aspect]) -> Progress:
    if Aspect.KEYS in aspects:
        progress = replace(progress, unresolved=False)
    if Aspect.WRITES in aspects:
        progress = replace(progress, looked=True)
    if Aspect.RUNS in aspects and aspects != EVERYTHING:
        progress = replace(progress, evidence=Aspect.KEYS in aspects, runs_seen=True)
    if Aspect.LOCK in aspects:
        return replace(progress, fenced=True)
    if Aspect.NOTEBOOK not in aspects:
        return progress
    if Aspect.KEYS not in aspects:
        return replace(progress, fenced=True)
    return progress if progress.lock is None else replace(progress, surveyed=True)


def _revoked(progress: Progress, key_id: int, outcome: Outcome) -> Progress:
    tries = {**progress.revoke_tries, key_id: progress.revoke_tries.get(key_id, 0) + 1}
    return replace(
        progress,
        revoked={**progress.revoked, key_id: outcome},
        revoke_tries=tries,
        unresolved=progress.unresolved or outcome is not Outcome.APPLIED,
        proof=None,
    )
