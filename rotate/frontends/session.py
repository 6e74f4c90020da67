"""What every front-end does between reading its inputs and exiting: check, run, tell, answer.

Nothing gets out of here as a traceback: an unforeseen exception becomes a report that names its type and place, never
its text, which could hold anything.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rotate.errors import InvariantViolated, RotateError
from rotate.ports import Clock, Hide, Reporter
from rotate.settings.model import Context, Settings
from rotate.settings.validate import validate

if TYPE_CHECKING:
    from rotate.protocol.summary import Report


def run(
    raw: Mapping[str, str],
    context: Context,
    reporters: Sequence[Reporter],
    hide: Hide,
    clock: Clock,
    stop: threading.Event,
    faults: Sequence[RotateError] = (),
) -> Report:
    """Do what was asked and tell the reporters. `faults`: what the front-end found wrong before the inputs."""
    started = clock.now()
    try:
        settings = validate(raw, context)
        if isinstance(settings, Settings) and not faults:
            report = _compose_and_run(settings, context, reporters, hide, clock, stop)
        else:
            found = settings if isinstance(settings, tuple) else ()
            report = _without_contact((*faults, *found), started, clock)
    except Exception as error:
        report = _without_contact((InvariantViolated.of(error),), started, clock)
    for reporter in reporters:
        reporter.close(report)
    return report


def _without_contact(problems: tuple[RotateError, ...], started: datetime, clock: Clock) -> Report:
    from rotate.protocol.summary import without_contact

    return without_contact(problems, started, clock.now())


def _compose_and_run(
    settings: Settings,
    context: Context,
    reporters: Sequence[Reporter],
    hide: Hide,
    clock: Clock,
    stop: threading.Event,
) -> Report:
    from rotate.compose import compose

    report = compose(settings, context, reporters, hide, clock, stop).run()
    return report.because(settings.reason)
