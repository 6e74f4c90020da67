"""When a person is alarmed, when an alarm ends, and when neither."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotate.errors import ExitCode, Incomplete, Refused, SourceError
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Command
from rotate.protocol.story.alert import Alarm, ends, judge, late
from rotate.protocol.story.report import Pending, Report
from tests.support.build import NOW, report


def ended(status: Status, code: ExitCode, *reasons: str) -> Report:
    kinds = {ExitCode.REFUSED: Refused, ExitCode.INCOMPLETE: Incomplete}
    return report(
        status=status, exit_code=code, problems=tuple(kinds.get(code, SourceError)(one, "") for one in reasons)
    )


FAILED = ended(Status.FAILED, ExitCode.FAILED, "neon-unreachable")
IN_ORDER = ended(Status.UNCHANGED, ExitCode.DONE)


@pytest.mark.parametrize(
    ("one", "alarm"),
    [
        (FAILED, Alarm.RAISE),
        (ended(Status.FAILED, ExitCode.BUG, "internal-error"), Alarm.RAISE),
        (ended(Status.INCOMPLETE, ExitCode.INCOMPLETE, "revoke-failed"), Alarm.RAISE),
        (ended(Status.INCOMPLETE, ExitCode.INCOMPLETE, "cancelled"), Alarm.RAISE),
        (ended(Status.REFUSED, ExitCode.REFUSED, "key-too-old"), Alarm.RAISE),
        (ended(Status.REFUSED, ExitCode.REFUSED, "lock-held", "old-key-unknown"), Alarm.RAISE),
        (ended(Status.REFUSED, ExitCode.REFUSED, "lock-held"), Alarm.LEAVE),
        (ended(Status.REFUSED, ExitCode.REFUSED, "cancelled"), Alarm.LEAVE),
        (ended(Status.ROTATED, ExitCode.DONE), Alarm.CLEAR),
        (IN_ORDER, Alarm.CLEAR),
    ],
)
def test_an_end_alarms_or_ends_the_alarm(one: Report, alarm: Alarm) -> None:
    for command in (Command.ROTATE, Command.CHECK, Command.SWEEP):
        assert judge(one, command) is alarm
    assert judge(one, Command.PLAN) is Alarm.LEAVE, "a plan does nothing"


@pytest.mark.parametrize(("hours", "alarm"), [(-1, Alarm.CLEAR), (23, Alarm.CLEAR), (24, Alarm.RAISE)])
def test_a_revocation_that_is_a_day_late_alarms(hours: int, alarm: Alarm) -> None:
    due = NOW - timedelta(hours=hours)
    one = report(finished_at=NOW, pending_revocation=(Pending(3, due), Pending(2, NOW + timedelta(days=9))))
    assert judge(one, Command.SWEEP) is alarm
    assert [pending.key_id for pending in late(one)] == ([3] if alarm is Alarm.RAISE else [])


def test_an_alarm_is_ended_by_the_command_that_raised_it_or_by_a_finished_rotation() -> None:
    rotated = ended(Status.ROTATED, ExitCode.DONE)
    assert ends(IN_ORDER, Command.CHECK, "check")
    assert not ends(IN_ORDER, Command.CHECK, "rotate"), "a living key is no sign that it will be rotated"
    assert not ends(IN_ORDER, Command.ROTATE, "check"), "a key that is not due may be too old for the check"
    assert ends(rotated, Command.ROTATE, "check")
    assert ends(IN_ORDER, Command.SWEEP, ""), "where nothing says who raised it"
