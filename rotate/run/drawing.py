"""What of a knock is known before the run begins: its pattern, which nobody else knows, and how long it may take."""

from __future__ import annotations

import secrets
from datetime import timedelta

from rotate.settings.model import Settings

# Of twelve windows six can be drawn in 924 ways.
WINDOWS = 12
# Before the first knock, so that rows which move without it are known.
SILENCE = 1.0
# A use that takes longer than this to show is not waited for: twelve windows of it would keep a job for many minutes.
LONGEST_DELAY = 12.0
# The next uses may take a little longer to show than the first did.
ROOM, LEAST = 1.5, 0.3
LONGEST_WINDOW = ROOM * LONGEST_DELAY + LEAST
# An earlier use that shows late may pass for a quick one, and the windows are then too short for any key to follow: so
# often they are tried, longer each time, while the whole has taken no longer than this.
TRIES, PATIENCE = 3, 60.0
REQUESTS = timedelta(minutes=1)
MOST = timedelta(seconds=SILENCE + 2 * LONGEST_DELAY + PATIENCE + (WINDOWS + 1) * LONGEST_WINDOW) + REQUESTS


def drawn() -> tuple[bool, ...]:
    """Draw the windows in which the old value is used: half of them."""
    used = secrets.SystemRandom().sample(range(WINDOWS), WINDOWS // 2)
    return tuple(window in used for window in range(WINDOWS))


def lasting(settings: Settings) -> timedelta:
    """Give how long a knock may take; nothing where nobody will knock."""
    named = settings.old_key_id or settings.find_old_key or settings.old_key_name
    return MOST if named and settings.exposure is None else timedelta()
