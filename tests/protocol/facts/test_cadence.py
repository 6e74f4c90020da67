"""When a key is due, and when nothing routine may begin."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.decisions.recovery import assess
from rotate.protocol.decisions.triggers import why_rotate
from rotate.protocol.facts.cadence import Cadence, Freeze, Window
from rotate.protocol.facts.policy import Exposure
from tests.support.build import NOW, key, policy, snapshot

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset(range(7))
MONTH, THREE_DAYS = timedelta(days=30), timedelta(days=3)
MADE = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text(max_size=35))
def test_jitter_makes_a_key_due_earlier_by_a_stable_share_and_never_later(lineage: str) -> None:
    cadence = Cadence(MONTH, THREE_DAYS)
    due = cadence.due_at(MADE, lineage)
    assert due
    assert due == Cadence(MONTH, THREE_DAYS).due_at(MADE, lineage)
    assert MADE + MONTH - THREE_DAYS < due <= MADE + MONTH


def test_jitter_spreads_an_organization_over_its_span() -> None:
    dues = {Cadence(MONTH, THREE_DAYS).due_at(MADE, f"repository-{number}") for number in range(300)}
    days = {due.date() for due in dues if due}
    assert len(dues) == 300
    assert len(days) == 3


def test_without_a_cadence_every_run_rotates() -> None:
    assert Cadence().due_at(MADE, "any") is None


@pytest.mark.parametrize(
    ("window", "moment", "is_open"),
    [
        (Window(WEEK, time(2), time(5), UTC), "2026-11-23T02:00", True),
        (Window(WEEK, time(2), time(5), UTC), "2026-11-23T05:00", False),
        (Window(WEEK, time(2), time(5), UTC), "2026-11-23T01:59", False),
        (Window(frozenset({0}), time(2), time(5), UTC), "2026-11-23T03:00", True),
        (Window(frozenset({1}), time(2), time(5), UTC), "2026-11-23T03:00", False),
        (Window(frozenset({0}), time(22), time(4), UTC), "2026-11-23T23:00", True),
        (Window(frozenset({0}), time(22), time(4), UTC), "2026-11-24T03:59", True),
        (Window(frozenset({0}), time(22), time(4), UTC), "2026-11-24T04:00", False),
        (Window(frozenset({0}), time(22), time(4), UTC), "2026-11-23T03:00", False),
        (Window(frozenset({6}), time(22), time(4), UTC), "2026-11-23T03:00", True),
        (Window(frozenset({0}), time(0), time(0), UTC), "2026-11-23T23:59", True),
        (Window(frozenset({0}), time(0), time(0), UTC), "2026-11-24T00:00", False),
        (Window(WEEK, time(2), time(5), BERLIN), "2026-11-23T01:30", True),
        (Window(WEEK, time(2), time(5), BERLIN), "2026-07-23T00:30", True),
        (Window(WEEK, time(2), time(5), BERLIN), "2026-07-23T03:30", False),
    ],
)
def test_a_window_is_open_at_its_hours_in_its_zone(window: Window, moment: str, is_open: bool) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert window.open_at(at) is is_open
    assert (Cadence(window=window).closed(at) is None) is is_open


@pytest.mark.parametrize(
    ("moment", "frozen"),
    [
        ("2026-12-19T23:30", True),
        ("2026-12-19T22:30", False),
        ("2027-01-03T22:59", True),
        ("2027-01-03T23:00", False),
    ],
)
def test_a_freeze_holds_whole_days_of_the_zone(moment: str, frozen: bool) -> None:
    cadence = Cadence(freezes=(Freeze(date(2026, 12, 20), date(2027, 1, 3)),), zone=BERLIN)
    said = cadence.closed(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert said == ("rotations are frozen from 2026-12-20 to 2027-01-03" if frozen else None)


def test_without_a_zone_a_freeze_is_in_utc() -> None:
    cadence = Cadence(freezes=(Freeze(date(2026, 12, 20), date(2026, 12, 20)),))
    assert cadence.closed(datetime(2026, 12, 20, tzinfo=UTC))


FROZEN = Cadence(MONTH, freezes=(Freeze(NOW.date(), NOW.date()),))


@pytest.mark.parametrize(
    ("keys", "changes", "reason"),
    [
        ((3,), {}, None),
        ((3,), {"exposure": Exposure()}, "exposed"),
        ((3, 4), {}, "unfinished-distribution"),
        ((), {}, "confirmed-key-gone"),
    ],
)
def test_a_freeze_keeps_back_what_is_routine_and_nothing_else(
    keys: tuple[int, ...], changes: dict[str, Any], reason: str | None
) -> None:
    seen, asked = snapshot(keys=tuple(map(key, keys))), policy(cadence=FROZEN, **changes)
    found = why_rotate(seen, assess(seen, asked), asked, NOW)
    assert (found.reason if found else None) == reason


@pytest.mark.parametrize("missed", range(5))
def test_a_missed_cron_heals_itself_at_the_next_one(missed: int) -> None:
    """The key of the note is 40 days old: due for ten days, and for as many more as no run came."""
    seen, asked, late = snapshot(), policy(cadence=Cadence(MONTH)), NOW + timedelta(days=missed)
    found = why_rotate(seen, assess(seen, asked), asked, late)
    assert found
    assert found.reason == "age"
