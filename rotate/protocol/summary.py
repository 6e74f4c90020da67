"""Fold what happened into one report: the verdict, its exit code, and everything that reporters tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from rotate.errors import (
    DestinationError,
    ExitCode,
    Incomplete,
    InvariantViolated,
    Outcome,
    RotateError,
)
from rotate.protocol.events import Event
from rotate.protocol.holding import Holding
from rotate.protocol.model import LiveKey, Liveness, NoNotebook, Policy, Snapshot
from rotate.protocol.recovery import assess, members
from rotate.protocol.steps import Finish, Status

EXIT_CODES = {
    Status.ROTATED: ExitCode.DONE,
    Status.UNCHANGED: ExitCode.DONE,
    Status.PLANNED: ExitCode.DONE,
    Status.INCOMPLETE: ExitCode.INCOMPLETE,
    Status.REFUSED: ExitCode.REFUSED,
    Status.FAILED: ExitCode.FAILED,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One live key as people see it. `role`: current, pending, previous, or empty for a key outside the lineage."""

    key: LiveKey
    role: str


@dataclass(frozen=True, slots=True)
class Place:
    """One destination and how it stands: `confirmed`, `written`, `failed`, `not tried`, `untouched`, `planned`."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole story of one run, without a secret in it. Times are UTC."""

    status: Status
    exit_code: ExitCode
    why: str
    started_at: datetime
    finished_at: datetime
    policy: Policy | None = None
    problems: tuple[RotateError, ...] = ()
    warnings: tuple[RotateError, ...] = ()
    events: tuple[Event, ...] = ()
    plan: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    keys: tuple[Row, ...] = ()
    trigger: str = ""
    key_id: int | None = None
    key_name: str = ""
    fingerprint: str = ""
    previous_key_ids: tuple[int, ...] = ()
    revoked_key_ids: tuple[int, ...] = ()
    next_rotation: datetime | None = None
    control: Liveness | None = None
    previous_value: Liveness | None = None
    current_value: Liveness | None = None
    seconds_to_dead: float | None = None
    reason: str = ""

    @property
    def state(self) -> str:
        """Say in what state things are now, for a person who has to act."""
        return _state(self)

    def because(self, reason: str) -> Report:
        """Add why the run was started, in the words of who started it."""
        return replace(self, reason=reason)


def exit_code(finish: Finish) -> ExitCode:
    """Give the process's answer to a verdict."""
    bug = any(isinstance(problem, InvariantViolated) for problem in finish.problems)
    return ExitCode.BUG if bug else EXIT_CODES[finish.status]


def without_contact(problems: tuple[RotateError, ...], started_at: datetime, finished_at: datetime) -> Report:
    """Report a run that ended before it could observe anything."""
    worst = max(problems, key=lambda problem: problem.exit_code)
    status = Status.FAILED if worst.exit_code in (ExitCode.FAILED, ExitCode.BUG) else Status.REFUSED
    return Report(status, worst.exit_code, problems[0].message, started_at, finished_at, problems=problems)


def fold(
    finish: Finish,
    snapshot: Snapshot,
    holding: Holding,
    policy: Policy,
    events: tuple[Event, ...],
    times: tuple[datetime, datetime],
) -> Report:
    """Make the report of a run that observed the world. `times`: when it started and finished."""
    situation, proof = assess(snapshot, policy), holding.proof
    base, pending = situation.base, holding.pending
    revoked = _revoked(holding)
    current = None if pending is None and base is None else (pending or base)
    keys = tuple(proof.live) if proof and proof.live is not None else snapshot.live
    created = pending.at if pending else (base.created_at if base else None)
    dead = [event.at for event in events if event.name == "revoke" and event.outcome is Outcome.APPLIED]
    return Report(
        status=finish.status,
        exit_code=exit_code(finish),
        why=finish.why,
        started_at=times[0],
        finished_at=times[1],
        policy=policy,
        problems=tuple(dict.fromkeys(finish.problems)),
        warnings=_warnings(finish, snapshot, holding, policy),
        events=events,
        places=tuple(Place(name, _place(name, holding)) for name in policy.destinations),
        keys=tuple(Row(key, _role(key, snapshot, holding, policy)) for key in keys),
        key_id=current.key_id if current else None,
        key_name=current.name if current else "",
        fingerprint=_fingerprint(snapshot, holding),
        previous_key_ids=tuple(
            key.key_id for key in members(snapshot, policy) if current and key.key_id != current.key_id
        ),
        revoked_key_ids=revoked,
        next_rotation=created + policy.rotate_after if created and policy.rotate_after else None,
        control=holding.control,
        previous_value=proof.previous if proof else None,
        current_value=proof.current if proof else None,
        seconds_to_dead=(dead[-1] - times[0]).total_seconds() if dead and revoked else None,
    )


def _revoked(holding: Holding) -> tuple[int, ...]:
    proof = holding.proof
    live = None if proof is None or proof.live is None else {key.key_id for key in proof.live}
    return tuple(
        key_id
        for key_id, outcome in holding.revoked.items()
        if outcome is Outcome.APPLIED or (live is not None and key_id not in live)
    )


def _fingerprint(snapshot: Snapshot, holding: Holding) -> str:
    if holding.pending:
        return holding.pending.fingerprint
    return snapshot.note.confirmed.fingerprint if snapshot.note and snapshot.note.confirmed else ""


def _place(name: str, holding: Holding) -> str:
    if name in holding.confirmed:
        return "confirmed" if holding.confirmed[name] else "written, not confirmed"
    if name in holding.put:
        return "failed" if holding.put[name] is Outcome.NO_EFFECT else "written, not confirmed"
    return "untouched"


def _role(key: LiveKey, snapshot: Snapshot, holding: Holding, policy: Policy) -> str:
    situation = assess(snapshot, policy)
    if holding.pending and key.key_id == holding.pending.key_id:
        everywhere = all(holding.confirmed.get(name) for name in policy.destinations)
        return "current" if everywhere else "pending"
    if key.name in holding.tried or key in situation.newer:
        return "pending"
    if situation.base and key.key_id == situation.base.key_id:
        return "previous" if holding.pending else "current"
    return "previous" if key in situation.members else ""


def _warnings(finish: Finish, snapshot: Snapshot, holding: Holding, policy: Policy) -> tuple[RotateError, ...]:
    told = set(finish.problems)
    found = [error for error in dict.fromkeys((*holding.warnings, *holding.errors)) if error not in told]
    if isinstance(snapshot.notebook, NoNotebook):
        found.append(DestinationError("no-notebook", snapshot.notebook.why, snapshot.notebook.remedy))
    dropped = sorted(set(snapshot.note.destinations if snapshot.note else ()) - set(policy.destinations))
    if dropped and (holding.revoke_tries or finish.status is Status.PLANNED):
        message = f"No longer a destination, but it still holds the key being revoked: {', '.join(dropped)}."
        found.append(Incomplete("destination-dropped", message, "Remove the secret there, or add it again."))
    if holding.revoke_tries and holding.control in (Liveness.DEAD, Liveness.UNKNOWN):
        message = "The previous value did not answer 200 just before the revoke, so its later 401 proves little."
        found.append(Incomplete("control-missing", message, "Compare the table of live keys with what you expect."))
    return tuple(found)


def _state(report: Report) -> str:
    failed = ", ".join(place.name for place in report.places if place.state not in ("confirmed", "untouched"))
    revoked = ", ".join(map(str, report.revoked_key_ids))
    live = ", ".join(f"{row.key.key_id} ({row.role})" for row in report.keys if row.role)
    if report.exit_code is ExitCode.BUG:
        return "Unknown: the steps show what was done before the bug. Nothing was revoked after it."
    match report.status:
        case Status.REFUSED:
            return "Nothing was changed."
        case Status.FAILED if not revoked:
            return "Nothing was changed: the key in use is as it was."
        case Status.FAILED:
            return f"The key in use is as it was; key {revoked} of this run was revoked again."
        case Status.INCOMPLETE:
            where = f" Not confirmed: {failed}." if failed else ""
            return f"No destination lost a valid key. Live keys of this lineage: {live or 'unknown'}.{where}"
        case _:
            return f"Live keys of this lineage: {live or 'none'}."
