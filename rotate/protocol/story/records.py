"""What the audit records of a run: that it began, each move and how it ended, and the verdict. Never a secret.

Every record says who acted, in which run, on which lineage, by which command; so a line can be read by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rotate.errors import one_line
from rotate.protocol.facts.strict_json import Value
from rotate.protocol.story.audit import Record

if TYPE_CHECKING:
    from rotate.protocol.facts.events import Event
    from rotate.protocol.facts.policy import Policy
    from rotate.protocol.story.incident import Incident
    from rotate.protocol.story.report import Report

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who started the run, and who started it again, if that was somebody else. Empty text: not said."""

    name: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the records of one run on one credential. Every text goes through `scrub` before it is shortened."""

    policy: Policy
    actor: Actor
    reason: str
    scrub: Callable[[str], str]

    def began(self, at: datetime) -> Record:
        """Record that the run began, and what was asked."""
        policy = self.policy
        return self._record(
            "began",
            at,
            {
                "reason": self.reason,
                "scope": policy.scope.value,
                "org_id": policy.org_id,
                "project_id": policy.project_id,
                "destinations": list(policy.destinations),
                "exposed": policy.exposure is not None,
                "value_at_hand": policy.value_at_hand,
                "old_key_id": policy.named_key_id,
            },
        )

    def moved(self, event: Event) -> Record:
        """Record one move, as it ended."""
        return self._record(
            "moved",
            event.at,
            {
                "step": event.step,
                "move": event.name,
                "subject": event.subject,
                "outcome": event.outcome.value,
                "detail": event.detail,
                "problem": event.error.reason if event.error else None,
            },
        )

    def ended(self, report: Report) -> Record:
        """Record the verdict and its evidence."""
        return self._record(
            "ended",
            report.finished_at,
            {
                "status": report.status.value,
                "exit_code": int(report.exit_code),
                "why": report.why,
                "state": report.state,
                "reason": self.reason,
                "trigger": report.trigger,
                "key_id": report.key_id,
                "fingerprint": report.fingerprint,
                "previous_key_ids": list(report.previous_key_ids),
                "revoked_key_ids": list(report.revoked_key_ids),
                "pending_revocation": [
                    {"key_id": one.key_id, "revoke_after": one.revoke_after.isoformat()}
                    for one in report.pending_revocation
                ],
                "control": report.control and report.control.value,
                "previous_value": report.previous_value and report.previous_value.value,
                "current_value": report.current_value and report.current_value.value,
                "destinations": {place.name: place.state for place in report.places},
                "exposure": _exposure(report.incident),
                "problems": [problem.reason for problem in report.problems],
                "warnings": [problem.reason for problem in report.warnings],
            },
        )

    def mended(self, at: datetime, torn: bytes) -> Record:
        """Record that an unfinished last line, which a run that was cut off had left, was taken away."""
        return self._record("mended", at, {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()})

    def _record(self, what: str, at: datetime, facts: dict[str, Value]) -> Record:
        run = self.policy.run
        who: dict[str, Value] = {
            "what": what,
            "at": at.isoformat(),
            "actor": self.actor.name,
            "started_again_by": self.actor.again,
            "run": {"id": run.run_id, "attempt": run.attempt, "nonce": run.nonce, "url": run.url},
            "lineage": self.policy.lineage.name,
            "command": self.policy.command.value,
        }
        return {name: self._plain(value) for name, value in {**who, **facts}.items()}

    def _plain(self, value: Value) -> Value:
        """Keep what came from outside to one line that is not endless."""
        if isinstance(value, str):
            return one_line(self.scrub(value), LONGEST)
        if isinstance(value, list):
            return [self._plain(one) for one in value]
        if isinstance(value, dict):
            return {name: self._plain(one) for name, one in value.items()}
        return value


def _exposure(found: Incident | None) -> Value:
    if found is None:
        return None
    return {
        "key_id": found.key_id,
        "dead": found.dead,
        "died_at": found.died_at.isoformat() if found.died_at else None,
        "last_used_at": found.last_used_at.isoformat() if found.last_used_at else None,
        "last_used_from": found.last_used_from,
        "used_since_exposure": found.used_since,
        "also_revoked": list(found.also_revoked),
    }
