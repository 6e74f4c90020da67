"""Times as services write them: what tells none, or not in which zone, is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rotate.service.moments import moment


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-29T10:00:00Z", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        ("2026-11-29T11:00:00.000+01:00", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        ("2026-11-29T10:00:00", None),
        ("yesterday", None),
        (None, None),
        (1764410400, None),
    ],
)
def test_a_time_with_its_zone_is_one(text: object, found: datetime | None) -> None:
    assert moment(text) == found
