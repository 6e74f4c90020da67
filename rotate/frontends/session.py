"""What every front-end does between reading its inputs and exiting: check, run, tell, answer.

Nothing gets out of here as a traceback: an unforeseen exception becomes a report that names its type and place, never
its text, which could hold anything.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rotate.errors import InvariantViolated, RotateError
from rotate.ports import Clock, Hide, Reporter, Scrub
from rotate.protocol.policy import Command
from rotate.settings.model import Context, Settings
from rotate.settings.validate import validate

if TYPE_CHECKING:
    from rotate.protocol.summary import Report


def run(
    raw: Mapping[str, str],
    context: Context,
    reporters: Sequence[Reporter],
    hide: Hide,
    scrub: Scrub,
    clock: Clock,
    stop: threading.Event,
    faults: Sequence[RotateError] = (),
) -> Report:
    """Do what was asked and tell the reporters. `faults`: what the front-end found wrong before the inputs."""
    started = clock.now()
    try:
        settings = validate(raw, context)
        if isinstance(settings, Settings) and not faults:
            report = _compose_and_run(settings, context, reporters, hide, scrub, clock, stop)
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
    scrub: Scrub,
    clock: Clock,
    stop: threading.Event,
) -> Report:
    if settings.command is Command.AUDIT:
        return _inspect(Path(context.workspace, settings.audit), settings.audit, clock)
    from rotate.compose import compose

    report = compose(settings, context, reporters, hide, scrub, clock, stop).run()
    return report.because(settings.reason)


def inspect(file: str, reporters: Sequence[Reporter], clock: Clock) -> Report:
    """Verify an audit anywhere on this machine, and tell the reporters."""
    report = _inspect(Path(file), file, clock)
    for reporter in reporters:
        reporter.close(report)
    return report


def _inspect(path: Path, name: str, clock: Clock) -> Report:
    from rotate.reporters import audit_json

    return audit_json.inspect(path, name, clock)
