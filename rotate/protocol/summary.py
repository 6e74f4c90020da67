"""Fold what happened into one report: the verdict, its exit code, and everything that reporters tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from rotate.errors import ExitCode, InvariantViolated, Outcome, RotateError
from rotate.protocol import overlap
from rotate.protocol.alert import Alert
from rotate.protocol.audit import Kept
from rotate.protocol.cautions import cautions
from rotate.protocol.events import Event
from rotate.protocol.finding import Found
from rotate.protocol.holding import Holding
from rotate.protocol.incident import BY_HAND, Incident, incident
from rotate.protocol.knock import heeded
from rotate.protocol.model import Dead, Identity, Liveness, Snapshot
from rotate.protocol.policy import Policy
from rotate.protocol.recovery import assess
from rotate.protocol.roster import Row, roster
from rotate.protocol.standing import state_of
from rotate.protocol.steps import Finish, Status
from rotate.protocol.view import View

if TYPE_CHECKING:
    from rotate.protocol.checkup import Checkup

EXIT_CODES = {
    Status.ROTATED: ExitCode.DONE,
    Status.UNCHANGED: ExitCode.DONE,
    Status.PLANNED: ExitCode.DONE,
    Status.INCOMPLETE: ExitCode.INCOMPLETE,
    Status.REFUSED: ExitCode.REFUSED,
    Status.FAILED: ExitCode.FAILED,
}

# From harmless to what needs a person first.
SEVERITY = (
    ExitCode.DONE,
    ExitCode.INCOMPLETE,
    ExitCode.REFUSED,
    ExitCode.CONFIGURATION,
    ExitCode.FAILED,
    ExitCode.BUG,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One destination and how it stands: `confirmed`, `written`, `failed`, `not tried`, `untouched`, `planned`."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A superseded key that stays valid for now, and until when at least. `why`: what still uses it, if that is it."""

    key_id: int
    revoke_after: datetime
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole story of one run, without a secret in it. Times are UTC. `other_keys`: live keys that are not shown.

    `urgent`: an exposed key was to die, and the run ended before it knew which.
    """

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
    pending_revocation: tuple[Pending, ...] = ()
    incident: Incident | None = None
    reason: str = ""
    audit: Kept | None = None
    alert: Alert | None = None
    matrix: str = ""
    found: Found | None = None
    checkup: Checkup | None = None
    urgent: bool = False
    other_keys: int = 0

    @property
    def state(self) -> str:
        """Say in what state things are now, for a person who has to act."""
        return state_of(self)

    @property
    def to_do(self) -> tuple[str, ...]:
        """Say what is left to a person after an exposure, in the order in which to do it."""
        return self.incident.to_do if self.incident else BY_HAND if self.urgent else ()

    @property
    def severity(self) -> int:
        """Rank this run among several: the worst is the verdict of all; where all is well, a rotation is the news."""
        return SEVERITY.index(self.exit_code) * len(Status) - list(Status).index(self.status)

    @property
    def rotates(self) -> bool:
        """Say whether a key was issued, or would be, so that `max_rotations` can be kept."""
        return self.status is Status.PLANNED or any(event.name == "issue" for event in self.events)

    def because(self, reason: str) -> Report:
        """Add why the run was started, in the words of who started it."""
        return replace(self, reason=reason)

    def unfinished(self, *problems: RotateError) -> Report:
        """Add what was not even begun; a run that went well otherwise is incomplete for it."""
        if not problems:
            return self
        well = self.exit_code is ExitCode.DONE
        status = Status.INCOMPLETE if well else self.status
        code = ExitCode.INCOMPLETE if well else self.exit_code
        return replace(self, status=status, exit_code=code, problems=(*self.problems, *problems))

    def warned(self, *warnings: RotateError) -> Report:
        """Add what is worth knowing beside the verdict, which stays as it is."""
        return replace(self, warnings=(*self.warnings, *warnings))


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
    snapshots: tuple[Snapshot, Snapshot],
    holding: Holding,
    policy: Policy,
    events: tuple[Event, ...],
    times: tuple[datetime, datetime],
) -> Report:
    """Make the report of a run that observed the world. `snapshots`: the first and the last; `times`: start and end."""
    first, snapshot = snapshots
    policy = heeded(policy, holding, snapshot)
    view, proof = View(snapshot, holding, policy, times[1], assess(snapshot, policy)), holding.proof
    base, pending = view.situation.base, holding.pending
    current = None if pending is None and base is None else (pending or base)
    ids = [key.key_id for key in view.situation.members]
    rows, others = roster(holding.alive(snapshot, policy.project_id), view.situation, holding, policy)
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
        warnings=cautions(finish, first, view),
        events=events,
        places=tuple(Place(name, _place(name, holding)) for name in policy.destinations),
        keys=rows,
        key_id=current.key_id if current else None,
        key_name=current.name if current else "",
        fingerprint=_fingerprint(snapshot, holding),
        previous_key_ids=tuple(key_id for key_id in ids if current and key_id != current.key_id),
        revoked_key_ids=_revoked(holding),
        next_rotation=policy.cadence.due_at(created, policy.lineage.name) if created else None,
        control=_control(holding, first, policy),
        previous_value=proof.previous if proof else None,
        current_value=proof.current if proof else None,
        seconds_to_dead=(dead[-1] - times[0]).total_seconds() if dead and not still_alive else None,
        pending_revocation=_pending(view),
        incident=incident(first, assess(first, policy), view, events),
        other_keys=others,
    )


def _control(holding: Holding, first: Snapshot, policy: Policy) -> Liveness | None:
    """After an exposure there is no time for a control of its own: the first look was one."""
    standing = first.issuer if policy.self_rotation else first.previous
    if policy.exposure is None or holding.control or not isinstance(standing, Identity | Dead):
        return holding.control
    return Liveness.ALIVE if isinstance(standing, Identity) else Liveness.DEAD


def _pending(view: View) -> tuple[Pending, ...]:
    if view.standing is None:
        return ()
    return tuple(Pending(one.key.key_id, one.until, one.stragglers) for one in overlap.held(view))


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
