"""What `doctor` says of clocks that differ."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotate.commands.doctor.clocks import MACHINE, NEON, compared
from rotate.protocol.story.findings import State

NONE = timedelta()


@pytest.mark.parametrize(
    ("machine", "told", "warned"),
    [
        (timedelta(seconds=59), "it shows GitHub's time", None),
        (timedelta(minutes=14, seconds=58), "it is 15 min ahead of GitHub's", "clock-differs"),
        (-timedelta(hours=2, seconds=5), "it is 2 h behind GitHub's", "clock-differs"),
    ],
)
def test_a_difference_of_a_minute_is_told(machine: timedelta, told: str, warned: str | None) -> None:
    (found,) = compared(machine, NONE)
    assert (found.about, found.state, found.told) == (MACHINE, State.WELL, told)
    assert (found.error.reason if found.error else None) == warned


def test_a_clock_that_nobody_compared_is_not_known() -> None:
    (found,) = compared(None, timedelta(hours=1))
    assert (found.about, found.state) == (MACHINE, State.UNKNOWN)


def test_that_neon_and_github_disagree_is_told() -> None:
    _, neon = compared(NONE, -timedelta(minutes=2))
    assert (neon.about, neon.told, neon.error) == (NEON, "it is 2 min behind GitHub's, which is allowed for", None)
