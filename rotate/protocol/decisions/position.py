"""What the clauses of the machine look at: one moment of a run, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from rotate.errors import Outcome, RotateError
from rotate.protocol.decisions import narrowing
from rotate.protocol.decisions.deaths import account_of
from rotate.protocol.decisions.lacking import Trigger
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.decisions.triggers import why_rotate
from rotate.protocol.facts.known_places import reached
from rotate.protocol.facts.model import LiveKey, NotebookFacts, Scope, Snapshot
from rotate.protocol.facts.moves import Authority, Batch, Finish
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey, PreviousKey, latest
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress

MAX_REVOKE_TRIES = 3
LEASE_MARGIN = timedelta(minutes=1)

Step: TypeAlias = Batch | Finish


@dataclass(frozen=True, slots=True)
class Position:
    """One moment of a run."""

    snapshot: Snapshot
    progress: Progress
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
        return isinstance(self.snapshot.notebook, NotebookFacts) and self.progress.lock is not Outcome.NO_EFFECT

    @property
    def holds_lock(self) -> bool:
        """Whether the lock, as last seen, is this run's."""
        return self.policy.run.holds(self.snapshot.lock)

    @property
    def lease_lasts(self) -> bool:
        """Whether the lease is good for another move."""
        held = self.snapshot.lock if self.holds_lock else None
        ends = self.progress.lease or (held.expires_at if held else None)
        return ends is not None and self.now < ends - LEASE_MARGIN

    @property
    def puts_aside(self) -> bool:
        """Whether a note stands in the way of a kill: it is kept as it is, and a new one begun, once there is time."""
        return self.policy.exposure is not None and (self.snapshot.unproven or self.snapshot.bad_note is not None)

    @property
    def standing(self) -> ConfirmedKey | None:
        """The key that every destination surely holds: what this run distributed, else what the note confirms.

        Only this releases older keys (S2). A pending key that is not confirmed everywhere gives `None`.
        """
        pending = self.progress.pending
        if pending is None:
            return None if self.progress.tried else self.situation.confirmed
        if all(self.progress.confirmed.get(name) for name in self.policy.destinations):
            return ConfirmedKey(pending.key_id, pending.name, pending.fingerprint, self.now)
        return None

    @property
    def stands_again(self) -> bool:
        """Whether what this run writes is the confirmed key, which some destination lost."""
        pending, confirmed = self.progress.pending, self.situation.confirmed
        return self.progress.adopted and bool(pending and confirmed and pending.key_id == confirmed.key_id)

    @property
    def doomed(self) -> tuple[LiveKey, ...]:
        """The live keys that are to be revoked once the successor stands, oldest first (R2)."""
        pending, revoked = self.progress.pending, self.progress.revoked_ids
        if pending is None:
            ours = () if self.progress.tried else self.situation.older
        else:
            newest = (pending.at, pending.key_id)
            ours = tuple(key for key in self.situation.members if key.order < newest and self._may_go(key))
        if self.progress.forced:
            # The run whose lock was broken may still write what it issued: of the others none may go.
            ours = tuple(key for key in ours if key.key_id == self.situation.exposed)
        return tuple(key for key in ours if key.key_id not in revoked)

    def _may_go(self, key: LiveKey) -> bool:
        """Say whether a key may be among those that go: a wider one only where it was shown to be what is replaced."""
        heard = self.progress.knocked.followers if self.progress.knocked else ()
        return not key.wider or heard == (key.key_id,) or narrowing.is_shown(key, self.snapshot, self.policy)

    @property
    def authority(self) -> Authority:
        """With which value older keys are revoked: the new one where the credential authenticates itself; after an
        exposure of a personal key also where there is a minter, since the exposed key may be the minter itself.
        """
        own = self.policy.self_rotation or (self.policy.exposure is not None and self.policy.scope is Scope.PERSONAL)
        new = own and self.progress.pending is not None and not self.progress.adopted
        return Authority.PENDING if new else Authority.ISSUER

    @property
    def expects_previous_dead(self) -> bool:
        """Whether the value at hand belongs to a key that this run ends, so that its 401 is proof."""
        exposed, ended = self.policy.exposure is not None, True
        if exposed or narrowing.holds_wider(self.snapshot, self.policy):
            unknown = (None,) if exposed else ()
            ended = self.value_at_hand_id in (*unknown, *self.progress.revoke_tries)
        return self.replaces_value_at_hand and ended

    @property
    def replaces_value_at_hand(self) -> bool:
        """Whether the value at hand is that of a key which this run supersedes."""
        note = self.snapshot.note
        first = note is None or note.confirmed is None
        issued = self.progress.pending is not None and not self.progress.adopted
        return issued and self.policy.value_at_hand is not None and not (first and self.policy.nothing_before)

    @property
    def value_at_hand_id(self) -> int | None:
        """Give the id of the key whose value is at hand, where the note or the user's word tells it."""
        note = self.snapshot.note
        known = {fingerprint: key_id for key_id, fingerprint in note.fingerprints().items()} if note else {}
        return known.get(self.policy.value_at_hand or "") or self._first_value_id

    @property
    def _first_value_id(self) -> int | None:
        """Give the id that the user named, where nothing else can be stored: no key was confirmed in its place, and
        none was issued since by a run that died, which may have written it.
        """
        note, base = self.snapshot.note, self.situation.base
        if base is None or (note and note.confirmed):
            return None
        return base.key_id if all(key.name in self.progress.tried for key in self.situation.newer) else None

    @property
    def holds_standing_value(self) -> bool:
        """Whether the value that stays valid is in memory, so that its 200 can be shown."""
        if self.progress.pending is not None:
            return True
        confirmed = self.situation.confirmed
        return confirmed is not None and self.policy.value_at_hand == confirmed.fingerprint

    @property
    def exposed(self) -> LiveKey | None:
        """The exposed key, while it is not known to be dead."""
        found = next((key for key in self.snapshot.live if key.key_id == self.situation.exposed), None)
        return None if found is None or found.key_id in self.progress.revoked_ids else found

    def superseded(self, key: LiveKey) -> PreviousKey:
        """Give since when a doomed key is superseded, and when its overlap ends.

        What a note says stands, once the key's successor is confirmed. A key that no note names, or whose value was
        lost with the reply to its issue, was written nowhere: it may go at once.
        """
        note = self.progress.note or self.snapshot.note
        fresh = self.progress.note is None and self.progress.pending is not None and key not in self.situation.older
        known = () if fresh or note is None else note.previous
        noted = next((one for one in known if one.key_id == key.key_id), None)
        if noted is not None:
            return noted
        rules, kept = self.policy.overlap, fresh and key.name not in self.progress.tried
        length = rules.length if kept else timedelta()
        return PreviousKey(key.key_id, None, self.now, self.now + length, kept and rules.drain, key.wider)

    def drains(self, key: LiveKey) -> bool:
        """Say whether a doomed key stays while something may use it: this run was asked so, or the one that began its
        overlap."""
        return self.policy.exposure is None and (self.policy.overlap.drain or self.superseded(key).drain)

    @property
    def _owners(self) -> tuple[int, ...]:
        """Give the numbers of the destinations' repositories; none where no number is known."""
        known = self.snapshot.owners
        numbers = tuple(known.get(name, 0) for name in self.policy.destinations)
        return numbers if any(numbers) else ()

    def note_to_write(self, pending: PendingKey | None = None, confirmed: ConfirmedKey | None = None) -> Note:
        """Make the note for what stands now. It names the older keys, so that they stay known if the run dies."""
        before = self.snapshot.note or Note(self.policy.lineage.name, home=self.policy.lineage.home)
        known = dict(before.fingerprints())
        if self._first_value_id and self.policy.value_at_hand:
            known.setdefault(self._first_value_id, self.policy.value_at_hand)
        written = () if confirmed is None else self.policy.destinations
        return replace(
            before,
            pending=pending,
            abandoned=() if written else before.given_up_for(pending),
            confirmed=confirmed or before.confirmed,
            previous=tuple(replace(self.superseded(key), fingerprint=known.get(key.key_id)) for key in self.doomed),
            destinations=written or before.destinations,
            stood_until=latest(self.progress.stood) if written else before.stood_until,
            unnamed=None if written else before.unnamed,
            run_url=self.policy.run.url,
            owners=self._owners if written else before.owners,
            reached=() if written else reached(before, self.policy.destinations),
            account=account_of(self.snapshot, self.policy) or before.account,
            refuted=self.policy.refuted or before.refuted,
            shown=self.policy.shown or before.shown,
        )
