"""Fold what happened into one report: the verdict, its exit code, and everything that reporters tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rotate.errors import ExitCode, InvariantViolated, Outcome
from rotate.protocol.decisions import overlap
from rotate.protocol.decisions.knock import heeded
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import Situation, assess
from rotate.protocol.facts.destination import mark_of, shown_by
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.model import Dead, Identity, LiveKey, Liveness, Snapshot
from rotate.protocol.facts.moves import Finish, Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress
from rotate.protocol.story.cautions import cautions
from rotate.protocol.story.incident import incident
from rotate.protocol.story.report import Pending, Place, Report, Row

# So many keys that are not the lineage's are shown, enough to find one by when it was used; the rest is counted.
MOST_OTHERS = 100
EXIT_CODES = {
    Status.ROTATED: ExitCode.DONE,
    Status.UNCHANGED: ExitCode.DONE,
    Status.PLANNED: ExitCode.DONE,
    Status.INCOMPLETE: ExitCode.INCOMPLETE,
    Status.REFUSED: ExitCode.REFUSED,
    Status.FAILED: ExitCode.FAILED,
}


def exit_code(finish: Finish) -> ExitCode:
    """Give the process's answer to a verdict."""
    bug = any(isinstance(problem, InvariantViolated) for problem in finish.problems)
    return ExitCode.BUG if bug else EXIT_CODES[finish.status]


def fold(
    finish: Finish,
    snapshots: tuple[Snapshot, Snapshot],
    progress: Progress,
    policy: Policy,
    events: tuple[Event, ...],
    times: tuple[datetime, datetime],
) -> Report:
    """Make the report of a run that observed the world. `snapshots`: the first and the last; `times`: start and end."""
    first, snapshot = snapshots
    policy = heeded(policy, progress, snapshot)
    position, proof = Position(snapshot, progress, policy, times[1], assess(snapshot, policy)), progress.proof
    base, pending = position.situation.base, progress.pending
    current = None if pending is None and base is None else (pending or base)
    ids = [key.key_id for key in position.situation.members]
    rows, others = key_rows(progress.alive(snapshot, policy.project_id), position.situation, progress, policy)
    created = pending.at if pending else (base.created_at if base else None)
    still_alive = proof is not None and proof.previous is Liveness.ALIVE
    dead = [event.at for event in events if event.name == "revoke" and event.outcome is Outcome.APPLIED]
    return Report(
        status=finish.status,
        exit_code=exit_code(finish),
        why=finish.why,
        started_at=times[0],
        finished_at=times[1],
        policy=policy,
        problems=tuple(dict.fromkeys(finish.problems)),
        warnings=cautions(finish, first, position),
        events=events,
        places=tuple(_place(name, progress, snapshot) for name in policy.destinations),
        keys=rows,
        key_id=current.key_id if current else None,
        key_name=current.name if current else "",
        fingerprint=_fingerprint(snapshot, progress),
        previous_key_ids=tuple(key_id for key_id in ids if current and key_id != current.key_id),
        revoked_key_ids=_revoked(progress),
        next_rotation=policy.cadence.due_at(created, policy.lineage.name) if created else None,
        control=_control(progress, first, policy),
        previous_value=proof.previous if proof else None,
        current_value=proof.current if proof else None,
        seconds_to_dead=(dead[-1] - times[0]).total_seconds() if dead and not still_alive else None,
        pending_revocation=_pending(position),
        incident=incident(first, assess(first, policy), position, events),
        other_keys=others,
    )


def _control(progress: Progress, first: Snapshot, policy: Policy) -> Liveness | None:
    """After an exposure there is no time for a control of its own: the first look was one."""
    standing = first.issuer if policy.self_rotation else first.previous
    if policy.exposure is None or progress.control or not isinstance(standing, Identity | Dead):
        return progress.control
    return Liveness.ALIVE if isinstance(standing, Identity) else Liveness.DEAD


def _pending(position: Position) -> tuple[Pending, ...]:
    if position.standing is None:
        return ()
    return tuple(Pending(one.key.key_id, one.until, one.stragglers) for one in overlap.held(position))


def _revoked(progress: Progress) -> tuple[int, ...]:
    proof = progress.proof
    live = None if proof is None or proof.live is None else {key.key_id for key in proof.live}
    return tuple(
        key_id
        for key_id, outcome in progress.revoked.items()
        if outcome is Outcome.APPLIED or (live is not None and key_id not in live)
    )


def _fingerprint(snapshot: Snapshot, progress: Progress) -> str:
    if progress.pending:
        return progress.pending.fingerprint
    return snapshot.note.confirmed.fingerprint if snapshot.note and snapshot.note.confirmed else ""


def _place(name: str, progress: Progress, snapshot: Snapshot) -> Place:
    mark = progress.stood.get(name) or mark_of(snapshot.destinations.get(name))
    return Place(name, _state(name, progress), shown_by(mark))


def _state(name: str, progress: Progress) -> str:
    if name in progress.confirmed:
        return "confirmed" if progress.confirmed[name] else "written, not confirmed"
    if name in progress.put:
        return "failed" if progress.put[name] is Outcome.NO_EFFECT else "written, not confirmed"
    return "untouched"


def key_rows(
    keys: Sequence[LiveKey], situation: Situation, progress: Progress, policy: Policy
) -> tuple[tuple[Row, ...], int]:
    """Give which live keys to show, in their order, and how many are left out: those that the report is about, and of
    the others those that were used last. An account may have thousands, so whose each is, is judged once for all."""
    roles = _roles(keys, situation, progress, policy)
    named = {policy.old_key_id, situation.exposed}
    others = [key for key in keys if key.key_id not in roles and key.key_id not in named]
    others.sort(key=lambda key: key.last_used_at or key.created_at, reverse=True)
    hidden = {key.key_id for key in others[MOST_OTHERS:]}
    rows = tuple(Row(key, roles.get(key.key_id, "")) for key in keys if key.key_id not in hidden)
    return rows, len(hidden)


def _roles(keys: Sequence[LiveKey], situation: Situation, progress: Progress, policy: Policy) -> dict[int, str]:
    """Say what each key of the lineage is; the last word counts."""
    pending, base = progress.pending, situation.base
    roles = {key.key_id: "previous" for key in situation.members}
    if base:
        roles[base.key_id] = "previous" if pending else "current"
    roles |= {key.key_id: "pending" for key in situation.newer}
    roles |= {key.key_id: "pending" for key in keys if key.name in progress.tried}
    if pending:
        everywhere = all(progress.confirmed.get(name) for name in policy.destinations)
        roles[pending.key_id] = "current" if everywhere else "pending"
    return roles
