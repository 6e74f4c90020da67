"""What the clauses of the machine look at: one moment of a run, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from rotate.errors import Outcome, RotateError
from rotate.protocol.holding import Holding
from rotate.protocol.model import (
    ConfirmedKey,
    LiveKey,
    Note,
    NotebookFacts,
    PendingKey,
    Policy,
    PreviousKey,
    Snapshot,
)
from rotate.protocol.recovery import Situation
from rotate.protocol.steps import Authority, Batch, Finish
from rotate.protocol.triggers import Trigger, why_rotate

MAX_REVOKE_TRIES = 3

Step: TypeAlias = Batch | Finish


@dataclass(frozen=True, slots=True)
class View:
    """One moment of a run."""

    snapshot: Snapshot
    holding: Holding
    policy: Policy
    now: datetime
    situation: Situation

    @property
    def trigger(self) -> Trigger | None:
        """Why a key is issued now; `sweep` and `check` never issue."""
        if not self.policy.rotates:
            return None
        return why_rotate(self.snapshot, self.situation, self.policy, self.now)

    @property
    def keys_readable(self) -> bool:
        """Whether the last look at the list succeeded."""
        return not isinstance(self.snapshot.keys, RotateError)

    @property
    def notebook(self) -> bool:
        """Whether notes can be kept: there is a notebook and the lock in it could be written."""
        return isinstance(self.snapshot.notebook, NotebookFacts) and self.holding.lock is not Outcome.NO_EFFECT

    @property
    def standing(self) -> ConfirmedKey | None:
        """The key that every destination surely holds: what this run distributed, else what the note confirms.

        Only this releases older keys (S2). A pending key that is not confirmed everywhere gives `None`.
        """
        pending = self.holding.pending
        if pending is None:
            return None if self.holding.tried else self.situation.confirmed
        if all(self.holding.confirmed.get(name) for name in self.policy.destinations):
            return ConfirmedKey(pending.key_id, pending.name, pending.fingerprint, pending.at)
        return None

    @property
    def doomed(self) -> tuple[LiveKey, ...]:
        """The live keys that are to be revoked once the successor stands, oldest first (R2)."""
        pending, revoked = self.holding.pending, self.holding.revoked_ids
        if pending is None:
            ours = () if self.holding.tried else self.situation.older
        else:
            ours = tuple(key for key in self.situation.members if key.order < (pending.at, pending.key_id))
        return tuple(key for key in ours if key.key_id not in revoked)

    @property
    def authority(self) -> Authority:
        """With which value older keys are revoked: the new one where the credential authenticates itself."""
        new = self.policy.self_rotation and self.holding.pending is not None and not self.holding.adopted
        return Authority.PENDING if new else Authority.ISSUER

    @property
    def expects_previous_dead(self) -> bool:
        """Whether the value at hand belongs to a key that this run ends, so that its 401 is proof."""
        note = self.snapshot.note
        first = note is None or note.confirmed is None
        issued = self.holding.pending is not None and not self.holding.adopted
        return issued and self.policy.value_at_hand is not None and not (first and self.policy.nothing_before)

    @property
    def holds_standing_value(self) -> bool:
        """Whether the value that stays valid is in memory, so that its 200 can be shown."""
        if self.holding.pending is not None:
            return True
        confirmed = self.situation.confirmed
        return confirmed is not None and self.policy.value_at_hand == confirmed.fingerprint

    def note_to_write(self, pending: PendingKey | None = None, confirmed: ConfirmedKey | None = None) -> Note:
        """Make the note for what stands now. It names the older keys, so that they stay known if the run dies."""
        before = self.snapshot.note or Note(self.policy.lineage.name)
        known = dict(before.fingerprints())
        if self.situation.base and before.confirmed is None and self.policy.value_at_hand:
            known.setdefault(self.situation.base.key_id, self.policy.value_at_hand)
        written = () if confirmed is None else self.policy.destinations
        return replace(
            before,
            pending=pending,
            confirmed=confirmed or before.confirmed,
            previous=tuple(PreviousKey(key.key_id, known.get(key.key_id), self.now) for key in self.doomed),
            destinations=written or before.destinations,
            run_url=self.policy.run.url,
        )
