"""When a token ends, as GitHub words it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rotate.systems.github.wire.bearers import ended, expiration, warning

ENDS = datetime(2026, 12, 8, 13, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-12-08 13:00:00 UTC", "2026-12-08 08:00:00 -0500"])
def test_the_header_is_read(text: str) -> None:
    assert expiration(text) == ENDS


@pytest.mark.parametrize("text", ["", "soon", "2026-13-08 13:00:00 UTC", "2026-12-08"])
def test_what_is_not_understood_is_not_known(text: str) -> None:
    assert expiration(text) is None
    assert ended(text) == ""


@pytest.mark.parametrize(("left", "words"), [(14, "in 14 days"), (1, "in 1 day."), (0, "in 0 days"), (-1, "in 0 days")])
def test_a_token_that_ends_soon_is_told(left: int, words: str) -> None:
    found = warning(ENDS, "octo-org/payments", ENDS - timedelta(days=left))
    assert found
    assert "octo-org/payments expires on 2026-12-08 13:00 UTC" in found.message
    assert words in found.message


def test_a_token_that_lasts_is_not() -> None:
    assert warning(ENDS, "o/r", ENDS - timedelta(days=14, seconds=1)) is None
    assert warning(None, "o/r", ENDS) is None
