"""`local find`: where keys lie on this machine. Reads only, and contacts nobody unless Neon is to be asked."""

from __future__ import annotations

from dataclasses import replace

from rotate.commands.local.survey import Survey, Wanted, survey
from rotate.errors import ExitCode
from rotate.means import Means
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.findings import State
from rotate.protocol.story.report import Report
from rotate.secret import Secret
from rotate.wire.clock import time_of


def find(wanted: Wanted, means: Means) -> Report:
    """Search, and say of each place what is to be done. The exit code tells whether something is to mend."""
    began = means.clock.monotonic()
    seen = survey(wanted, means, standing(wanted), ask=wanted.probe)
    mend = any(one.lying.state is State.PROBLEM for one in seen.found)
    status, code = (Status.REFUSED, ExitCode.REFUSED) if mend else (Status.UNCHANGED, ExitCode.DONE)
    return report(means, began, seen, Report(status, code, seen.sentence, means.clock.now(), means.clock.now()))


def standing(wanted: Wanted) -> Secret | None:
    """Give the value that counts now, if it is at hand: the one that the note confirms; without one, the given one."""
    confirmed = wanted.note.confirmed if wanted.note else None
    if confirmed is None:
        return wanted.settings.at_hand or wanted.settings.api_key or None
    return next((one for one in wanted.at_hand if one.fingerprint == confirmed.fingerprint), None)


def report(means: Means, began: float, seen: Survey, verdict: Report, changed: str = "") -> Report:
    """Add to a verdict all that was found, and when it began."""
    whole = replace(verdict, started_at=time_of(means.clock, began), machine=seen.told(changed))
    return whole.warned(*seen.left_out)
