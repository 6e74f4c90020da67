"""The whole story of one run: what reporters tell, and in what state the run leaves things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from rotate.errors import ExitCode, RotateError, listed
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.model import LiveKey, Liveness
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.story.audit import Kept
from rotate.protocol.story.findings import Checkup
from rotate.protocol.story.incident import BY_HAND, Incident

if TYPE_CHECKING:
    from rotate.protocol.story.holdings import Holdings

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
class Row:
    """One live key as people see it. `role`: current, pending, previous, or empty for a key outside the lineage."""

    key: LiveKey
    role: str


@dataclass(frozen=True, slots=True)
class Place:
    """One destination and how it stands: `confirmed`, `written, not confirmed`, `failed` or `untouched`. `proof`: by
    what it shows that a write stands; empty where that is not known."""

    name: str
    state: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A superseded key that stays valid for now, and until when at least. `why`: what still uses it, if that is it."""

    key_id: int
    revoke_after: datetime
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """What was done about the alert: `opened`, `updated` or `closed` an issue, and where that is."""

    did: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Where secrets of a name are. `secrets`: what, when written, how it stands; then the destinations that were not
    seen. `mentions`: a line of a file, and the name. `policy`: a policy file with all of them, where there are any.
    `record`: the same for a machine, as JSON takes it."""

    secrets: tuple[tuple[str, str, str], ...]
    mentions: tuple[tuple[str, str], ...]
    policy: str
    record: Mapping[str, object]


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
    found: Inventory | None = None
    checkup: Checkup | None = None
    holdings: Holdings | None = None
    urgent: bool = False
    other_keys: int = 0

    @property
    def state(self) -> str:
        """Say in what state things are now, for a person who has to act."""
        return f"THE EXPOSED KEY MAY STILL BE ALIVE. {_state(self)}" if self.urgent else _state(self)

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


def without_contact(problems: tuple[RotateError, ...], started_at: datetime, finished_at: datetime) -> Report:
    """Report a run that ended before it could observe anything."""
    worst = max(problems, key=lambda problem: problem.exit_code)
    status = Status.FAILED if worst.exit_code in (ExitCode.FAILED, ExitCode.BUG) else Status.REFUSED
    return Report(status, worst.exit_code, problems[0].message, started_at, finished_at, problems=problems)


def _state(report: Report) -> str:
    failed = listed([place.name for place in report.places if place.state not in ("confirmed", "untouched")])
    revoked = ", ".join(map(str, report.revoked_key_ids))
    live = listed([f"{row.key.key_id} ({row.role})" for row in report.keys if row.role])
    if report.exit_code is ExitCode.BUG:
        return "Unknown: the steps show what was done before the bug. Nothing was revoked after it."
    if report.incident:
        # Where nothing was written, a destination holds what it held: that lives as long as a current key does.
        well = {"confirmed", "untouched"} if any(row.role == "current" for row in report.keys) else {"confirmed"}
        unsure = listed([place.name for place in report.places if place.state not in well])
        return _after_exposure(report.incident, unsure, live)
    if report.found or report.checkup or report.holdings:
        return "Nothing was changed: this command only reads."
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
        case _ if report.policy is None:
            return "Nothing was contacted or changed."
        case _:
            return f"Live keys of this lineage: {live or 'none'}."


def _after_exposure(found: Incident, failed: str, live: str) -> str:
    said = found.standing if found.dead else found.standing.upper()
    where = f" These destinations do not surely hold a valid key: {failed}." if failed else ""
    return f"{said}. Live keys of this lineage: {live or 'none known'}.{where}"
