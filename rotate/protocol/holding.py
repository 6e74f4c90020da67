"""What one run did and has. Folded from results by `learn`, never edited elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rotate.errors import Outcome, RotateError
from rotate.protocol.model import Liveness, PendingKey
from rotate.protocol.steps import (
    Adopt,
    Aspect,
    Confirm,
    Issue,
    Lock,
    Move,
    Observe,
    Probe,
    Proof,
    ProveDead,
    Put,
    Release,
    Result,
    Revoke,
    Verify,
    WriteNote,
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What this run did and has, and nothing it merely hopes."""

    lock: Outcome | None = None
    surveyed: bool = False
    fenced: bool = False
    tried: tuple[str, ...] = ()
    issue: Outcome | None = None
    unresolved: bool = False
    pending: PendingKey | None = None
    adopted: bool = False
    verified: bool | None = None
    noted_pending: Outcome | None = None
    put: Mapping[str, Outcome] = field(default_factory=dict)
    confirmed: Mapping[str, bool] = field(default_factory=dict)
    noted_confirmed: Outcome | None = None
    control: Liveness | None = None
    revoked: Mapping[int, Outcome] = field(default_factory=dict)
    revoke_tries: Mapping[int, int] = field(default_factory=dict)
    proof: Proof | None = None
    released: Outcome | None = None
    errors: tuple[RotateError, ...] = ()
    warnings: tuple[RotateError, ...] = ()
    stopping: bool = False

    @property
    def committed(self) -> bool:
        """Say whether the first effect beyond the lock was tried."""
        return bool(self.tried or self.adopted or self.revoke_tries)

    @property
    def locked(self) -> bool:
        """Say whether the lock is, or may be, ours."""
        return self.lock in (Outcome.APPLIED, Outcome.UNKNOWN) and self.released is None

    @property
    def abandoned(self) -> bool:
        """Say whether the pending key was given up: from then on it is never written anywhere."""
        return self.pending is not None and self.pending.key_id in self.revoke_tries

    @property
    def spread(self) -> bool:
        """Say whether any destination may hold the pending value."""
        return self.adopted or any(outcome is not Outcome.NO_EFFECT for outcome in self.put.values())

    @property
    def revoked_ids(self) -> tuple[int, ...]:
        """Give the ids whose revoke is known to have been applied."""
        return tuple(key_id for key_id, outcome in self.revoked.items() if outcome is Outcome.APPLIED)


def learn(holding: Holding, move: Move, result: Result) -> Holding:
    """Fold one result into what the run holds."""
    outcome = result.outcome
    if result.error is not None and isinstance(move, WriteNote | Release | Probe):
        holding = replace(holding, warnings=(*holding.warnings, result.error))
    elif result.error is not None:
        holding = replace(holding, errors=(*holding.errors, result.error))
    match move:
        case Observe(aspects):
            return _observed(holding, aspects)
        case Lock():
            return replace(holding, lock=outcome)
        case Issue(name):
            return replace(
                holding,
                tried=(*holding.tried, name),
                issue=outcome,
                unresolved=outcome is Outcome.UNKNOWN,
                pending=result.pending,
            )
        case Adopt(key):
            return replace(holding, pending=key, adopted=True, verified=True)
        case Verify():
            return replace(holding, verified=outcome is Outcome.APPLIED)
        case WriteNote(_, confirmed):
            return replace(holding, noted_confirmed=outcome) if confirmed else replace(holding, noted_pending=outcome)
        case Put(destination):
            return replace(holding, put={**holding.put, destination: outcome})
        case Confirm(destination):
            stands = outcome is Outcome.APPLIED
            return replace(holding, confirmed={**holding.confirmed, destination: stands})
        case Probe():
            return replace(holding, control=result.liveness)
        case Revoke(key):
            return _revoked(holding, key.key_id, outcome)
        case ProveDead():
            return replace(holding, proof=result.proof)
        case _:
            return replace(holding, released=outcome)


def _observed(holding: Holding, aspects: frozenset[Aspect]) -> Holding:
    if Aspect.KEYS in aspects:
        holding = replace(holding, unresolved=False)
    if Aspect.NOTEBOOK not in aspects or holding.lock is None:
        return holding
    return replace(holding, surveyed=True) if Aspect.KEYS in aspects else replace(holding, fenced=True)


def _revoked(holding: Holding, key_id: int, outcome: Outcome) -> Holding:
    tries = {**holding.revoke_tries, key_id: holding.revoke_tries.get(key_id, 0) + 1}
    return replace(
        holding,
        revoked={**holding.revoked, key_id: outcome},
        revoke_tries=tries,
        unresolved=holding.unresolved or outcome is not Outcome.APPLIED,
        proof=None,
    )
