"""How long two keys stay valid together: until the overlap ends and nothing may use the older one any more.

    superseded_at            revoke_after                 superseded_at + most
    │ both keys are valid    │ drained? revoke : hold     │ `on_straggler` decides
    └──────── length ────────┴──────── drain ─────────────┘

Drain (protocol: step 7; facts: GitHub §3). A workflow run keeps the value that it was queued with, so a live run whose
latest attempt started before the successor was confirmed may hold the older one. And a key that was used after that
moment has a holder somewhere. Both are evidence to hold a key back; neither ever releases one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rotate.errors import RotateError
from rotate.protocol.decisions.position import Position
from rotate.protocol.facts.model import LiveKey, LiveRun
from rotate.protocol.facts.policy import OnStraggler

MARGIN = timedelta(minutes=1)
POLL = timedelta(minutes=1)
MOST_POLLS = 20


@dataclass(frozen=True, slots=True)
class Held:
    """A key that may not go yet: until when at least, and what still holds or uses it, in words."""

    key: LiveKey
    until: datetime
    stragglers: tuple[str, ...] = ()
    overdue: bool = False


def held(position: Position) -> tuple[Held, ...]:
    """Give the doomed keys that stay for now. After an exposure nothing does."""
    if position.policy.exposure is not None:
        return ()
    found = (_held(position, key) for key in position.doomed)
    return tuple(one for one in found if one)


def released(position: Position) -> tuple[LiveKey, ...]:
    """Give the doomed keys that may go now."""
    kept = {one.key.key_id for one in held(position)}
    return tuple(key for key in position.doomed if key.key_id not in kept)


def due(position: Position) -> tuple[LiveKey, ...]:
    """Give the doomed keys whose overlap has ended, drained or not, or ends within what this run may wait."""
    if position.policy.exposure is not None:
        return position.doomed
    patience = position.policy.overlap.wait - position.progress.waited
    return tuple(key for key in position.doomed if position.superseded(key).revoke_after <= position.now + patience)


def wait_for(position: Position) -> timedelta | None:
    """Give how long to stay for the first held key; `None` when that is longer than this run may, or senseless."""
    ends = [one.until for one in held(position)]
    if not ends:
        return None
    patience = position.policy.overlap.wait
    poll = max(POLL, patience / MOST_POLLS)
    span = max(min(ends) - position.now, timedelta(seconds=1)) if min(ends) > position.now else poll
    return span if span <= patience - position.progress.waited else None


def needs_evidence(position: Position) -> bool:
    """Say whether a key's overlap has ended, but nobody looked yet whether it is drained."""
    if position.progress.evidence:
        return False
    return any(
        position.drains(key) and position.superseded(key).revoke_after <= position.now for key in position.doomed
    )


def _held(position: Position, key: LiveKey) -> Held | None:
    if key.name in position.progress.tried:
        return None  # the reply to its issue was lost: nobody ever had its value
    record, rules = position.superseded(key), position.policy.overlap
    if record.revoke_after > position.now:
        return Held(key, record.revoke_after)
    stragglers = _stragglers(position, key, record.superseded_at) if position.drains(key) else ()
    if not stragglers:
        return None
    overdue = position.now >= record.superseded_at + rules.most
    if overdue and rules.on_straggler is OnStraggler.REVOKE:
        return None
    return Held(key, record.revoke_after, stragglers, overdue)


def _stragglers(position: Position, key: LiveKey, superseded_at: datetime) -> tuple[str, ...]:
    if not position.progress.evidence:
        return ("nobody looked yet whether it is still in use",)
    since = superseded_at + MARGIN
    said = [*_runs(position, since)]
    current = next((one for one in position.snapshot.live if one.key_id == key.key_id), key)
    if current.last_used_at is not None and current.last_used_at > since + position.snapshot.source_ahead:
        whence = f" from {current.last_used_from}" if current.last_used_from else ""
        said.append(f"it was used at {current.last_used_at:%F %T} UTC{whence}")
    return tuple(said)


def _runs(position: Position, since: datetime) -> tuple[str, ...]:
    runs = position.snapshot.runs
    if runs is None or isinstance(runs, RotateError):
        return ("the workflow runs that may hold it could not be listed",)
    return tuple(f"run {run.url} may hold it" for run in holders(runs, since, position.policy.run.run_id))


def holders(runs: tuple[LiveRun, ...], since: datetime, ours: int) -> tuple[LiveRun, ...]:
    """Give the live runs whose latest attempt started before `since`, ours excepted."""
    return tuple(run for run in runs if run.run_id != ours and run.started_at < since)
