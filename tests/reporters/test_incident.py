"""What is said of an exposure: whether the key was used after it, and which destinations may be down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rotate.protocol.story.incident import Incident
from rotate.protocol.story.report import Place, Row
from rotate.reporters.wording import told
from tests.support.build import NOW, PLACE, key, report

FOUND = Incident(
    key_id=3,
    since=NOW,
    found_dead=False,
    dead=True,
    died_at=NOW,
    phases=(),
    last_used_at=NOW,
    last_used_from="192.0.2.1",
    used_since=True,
    also_revoked=(),
    holders=(),
)
EARLY, LATE, ITSELF = (NOW - timedelta(hours=ago) for ago in (2, 1, -1))


@pytest.mark.parametrize(
    ("last_used_at", "used_since", "said"),
    [
        (LATE, True, f"{LATE:%F %T} UTC from 192.0.2.1: AFTER the exposure"),
        (EARLY, False, f"{EARLY:%F %T} UTC from 192.0.2.1: before the exposure"),
        (EARLY, None, f"{EARLY:%F %T} UTC from 192.0.2.1"),
        (
            ITSELF,
            True,
            f"{ITSELF:%F %T} UTC from 192.0.2.1: AFTER the exposure (this run's own look counts as a use)",
        ),
        (None, False, "never"),
    ],
)
def test_the_last_use_is_set_against_the_exposure(
    last_used_at: datetime | None, used_since: bool | None, said: str
) -> None:
    found = replace(FOUND, last_used_at=last_used_at, used_since=used_since)
    assert dict(told(report(incident=found)))["Last use seen before it died"] == said


@pytest.mark.parametrize(
    ("role", "state", "down"),
    [
        ("current", "untouched", False),
        ("current", "confirmed", False),
        ("current", "written, not confirmed", True),
        ("pending", "untouched", True),
        ("pending", "confirmed", False),
    ],
)
def test_a_destination_that_was_not_written_is_well_while_a_current_key_lives(
    role: str, state: str, down: bool
) -> None:
    found = report(incident=FOUND, keys=(Row(key(4), role),), places=(Place(PLACE, state),))
    assert ("do not surely hold a valid key" in found.state) is down
