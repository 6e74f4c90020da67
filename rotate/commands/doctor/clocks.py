"""What `doctor` says of clocks: a run goes by GitHub's, whatever the machine's own shows.

A machine whose clock is far off fails elsewhere: certificates seem not valid yet, or no longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rotate.errors import Incomplete
from rotate.protocol.story.findings import Finding, State

# `Date` tells whole seconds, and an answer takes some time; what is less than this is nobody's fault.
NOTICEABLE = timedelta(minutes=1)
MACHINE, NEON = "This machine's clock", "Neon's clock"


def compared(machine: timedelta | None, neon: timedelta) -> Iterator[Finding]:
    """Tell by how much both clocks are ahead of GitHub's. `machine` is `None` where GitHub did not tell its time."""
    if machine is None:
        yield Finding(MACHINE, State.UNKNOWN, "GitHub did not tell its time")
    elif abs(machine) < NOTICEABLE:
        yield Finding(MACHINE, State.WELL, "it shows GitHub's time")
    else:
        yield Finding(MACHINE, State.WELL, f"it is {_said(machine)} GitHub's", _set_it(machine))
    if machine is not None and abs(neon) >= NOTICEABLE:
        yield Finding(NEON, State.WELL, f"it is {_said(neon)} GitHub's, which is allowed for")


def _set_it(ahead: timedelta) -> Incomplete:
    return Incomplete(
        "clock-differs",
        f"This machine's clock is {_said(ahead)} GitHub's. Rotations go by GitHub's clock, so nothing is decided by "
        "it, but a clock that is far off makes good certificates look invalid.",
        "Let the machine set its clock by itself (NTP): `timedatectl set-ntp true`.",
    )


def _said(ahead: timedelta) -> str:
    """Say it to the minute: an answer that takes long leaves the seconds open."""
    hours, minutes = divmod(round(abs(ahead) / NOTICEABLE), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return f"{' '.join(parts)} {'ahead of' if ahead > timedelta() else 'behind'}"
