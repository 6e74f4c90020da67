"""Whether a run's end should alarm a person, end an alarm, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from rotate.errors import ExitCode
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Command
from rotate.protocol.story.report import Pending, Report

# Another run is at work, or somebody stopped this one: neither says anything of the credential.
PASSING = frozenset({"lock-held", "cancelled"})
# A workflow run that holds the previous value lives hours, not days.
GRACE = timedelta(days=1)


class Alarm(Enum):
    """What to do about the alert of a lineage."""

    RAISE = "raise"
    CLEAR = "clear"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """An open issue, by which people are alerted: its number, and its body as it is now."""

    number: int
    body: str


def judge(report: Report, command: Command) -> Alarm:
    """Decide by one run's end.

    A failure, an incomplete rotation, a refusal (among them a check's: a key that is dead or too old), and a key whose
    revocation is a day late alarm. A plan does nothing.
    """
    if command is Command.PLAN:
        return Alarm.LEAVE
    if report.exit_code is ExitCode.DONE:
        return Alarm.RAISE if late(report) else Alarm.CLEAR
    passing = report.status is Status.REFUSED and {problem.reason for problem in report.problems} <= PASSING
    return Alarm.LEAVE if passing else Alarm.RAISE


def late(report: Report) -> tuple[Pending, ...]:
    """Give the superseded keys that should have been revoked long ago."""
    return tuple(one for one in report.pending_revocation if one.revoke_after + GRACE <= report.finished_at)


def ends(report: Report, command: Command, raised_by: str) -> bool:
    """Say whether an orderly run ends the alarm that a run of `raised_by` raised.

    One of the same command does, and a finished rotation; a check that finds a living key does not say that the next
    rotation will succeed, nor does a rotation that was not due say that the check will.
    """
    return report.status is Status.ROTATED or raised_by in ("", command.value)
