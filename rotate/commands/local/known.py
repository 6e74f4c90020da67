"""Which keys are known: by the values at hand, and by the note of the rotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rotate.protocol.facts.note import Note
from rotate.protocol.story.lying import Role, Which
from rotate.secret import Secret


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of values. `standing`: the one that counts now. `note`: what a rotation wrote down, where a value
    at hand vouches for it. `names`: what Neon calls the keys of some ids."""

    standing: Secret | None = None
    note: Note | None = None
    names: Mapping[int, str] = field(default_factory=dict)

    def which(self, fingerprint: str) -> Which:
        """Say which key a value is, by its fingerprint."""
        number, role, name = self._noted(fingerprint)
        if self.standing and self.standing.fingerprint == fingerprint:
            role = Role.CURRENT
        return Which(role, number, self.names.get(number or 0, name))

    def _noted(self, fingerprint: str) -> tuple[int | None, Role, str]:
        note = self.note
        if note is None:
            return None, Role.UNKNOWN, ""
        if note.confirmed and note.confirmed.fingerprint == fingerprint:
            return note.confirmed.key_id, Role.CURRENT, note.confirmed.name
        if note.pending and note.pending.fingerprint == fingerprint:
            return note.pending.key_id, Role.PENDING, note.pending.name
        for key in note.previous:
            if key.fingerprint == fingerprint:
                return key.key_id, Role.SUPERSEDED, ""
        # It was pending when another run issued a newer one, and never stood anywhere for good.
        for lost in note.abandoned:
            if lost.fingerprint == fingerprint:
                return lost.key_id, Role.SUPERSEDED, lost.name
        return None, Role.UNKNOWN, ""
