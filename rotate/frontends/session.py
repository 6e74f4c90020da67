"""What every front-end does between reading its inputs and exiting: check, run, tell, answer.

Nothing gets out of here as a traceback: an unforeseen exception becomes a report that names its type and place, never
its text, which could hold anything.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rotate.context import Context
from rotate.errors import ExitCode, InvariantViolated, RotateError
from rotate.line import Resolved
from rotate.means import Means
from rotate.ports import Clock, Hide, Reporter, Scrub
from rotate.problems import Problems
from rotate.protocol.facts.policy import Command
from rotate.settings.asked import Asked, ask
from rotate.settings.model import Settings
from rotate.settings.network import Found, network_of
from rotate.settings.parse import truth

if TYPE_CHECKING:
    from rotate.protocol.story.report import Report
    from rotate.run.lines import Lines


ROTATE = Command.ROTATE.value


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a front-end brings: who is told, what hides a secret and what takes it out of a text, the time, a signal,
    and the environment in which a policy file's references are looked up. `urgent`: an exposed key is to die."""

    reporters: Sequence[Reporter]
    hide: Hide
    scrub: Scrub
    clock: Clock
    stop: threading.Event
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    urgent: bool = False


def run(raw: Mapping[str, str], context: Context, around: Surroundings, faults: Sequence[RotateError] = ()) -> Report:
    """Do what was asked for each credential, tell the reporters, and give the worst report.

    `faults`: what the front-end found wrong before the inputs.
    """
    started = around.clock.now()
    reports: list[Report] = []
    around = replace(around, urgent=truth(raw, "exposed", Problems()) and raw.get("command", ROTATE) == ROTATE)
    try:
        road = network_of(raw, context.workspace, around.environment, around.hide)
        asked = ask(raw, context, around.environment, around.hide)
        if isinstance(asked, Asked) and not (faults or road.problems):
            _each(asked, context, around, reports, road)
        else:
            found = asked if isinstance(asked, tuple) else ()
            _tell(around, reports, _without_contact((*faults, *road.problems, *found), started, around.clock))
    except Exception as error:
        _tell(around, reports, _without_contact((InvariantViolated.of(error),), started, around.clock))
    return max(reports, key=lambda report: report.severity)


def _each(asked: Asked, context: Context, around: Surroundings, reports: list[Report], road: Found) -> None:
    """Rotate one after the other: one that fails does not stop the next, and a minter's own key goes last."""
    from rotate.run.lines import Lines

    total = len(asked.credentials)
    lines = Lines(Means(around.environment, around.clock, around.hide, road.network), context)
    try:
        if any(one.command is Command.INVENTORY for one in asked.credentials):
            _survey(asked.credentials, context, around, reports, road, lines)
            return
        for number, settings in enumerate(asked.credentials, 1):
            if total > 1:
                for reporter in around.reporters:
                    reporter.begin(f"{settings.credential} ({number} of {total})")
            rotated = sum(report.rotates for report in reports)
            spent = asked.max_rotations is not None and rotated >= asked.max_rotations
            allowed = replace(settings, may_issue=not spent)
            if settings.patterned:
                report = _resolve_and_run(allowed, asked.credentials, context, around, lines)
            else:
                report = _compose_and_run(allowed, context, around, lines)
            # What was given for the run is given back before the last report, which tells if that fails.
            _tell(around, reports, report.warned(*lines.close(), *road.warnings) if number == total else report)
    finally:
        lines.close()


def _survey(
    every: Sequence[Settings], context: Context, around: Surroundings, reports: list[Report], road: Found, lines: Lines
) -> None:
    """An account is one, whichever credentials are described: one report tells of all its keys."""
    from rotate.commands.inventory.survey import survey

    report = survey(every, context, around.scrub, lines).because(every[0].reason)
    _tell(around, reports, report.warned(*lines.close(), *road.warnings))


def _resolve_and_run(
    settings: Settings, every: Sequence[Settings], context: Context, around: Surroundings, lines: Lines
) -> Report:
    """Find what the patterns mean first, and tell it before anything else happens."""
    started = around.clock.now()
    found = Resolved(settings)
    for line in lines.of(settings):
        found = found.and_then(line.resolve(found.settings, every))
    for event in found.events:
        for reporter in around.reporters:
            reporter.tell(event)
    # An exposed key does not wait for a list to be put right: it dies, and what could not be found is told.
    urgent = settings.exposure is not None and bool(found.settings.places)
    if found.problems and not urgent:
        report = _without_contact(found.problems, started, around.clock)
    else:
        report = _compose_and_run(found.settings, context, around, lines).unfinished(*found.problems)
    return replace(report, events=(*found.events, *report.events)).warned(*found.warnings)


def _tell(around: Surroundings, reports: list[Report], report: Report) -> None:
    if around.urgent and report.incident is None and report.exit_code is not ExitCode.DONE:
        report = replace(report, urgent=True)
    reports.append(report)
    for reporter in around.reporters:
        reporter.close(report)


def _without_contact(problems: tuple[RotateError, ...], started: datetime, clock: Clock) -> Report:
    from rotate.protocol.story.report import without_contact

    return without_contact(problems, started, clock.now())


def _compose_and_run(settings: Settings, context: Context, around: Surroundings, lines: Lines) -> Report:
    if settings.command is Command.AUDIT:
        return _inspect(Path(context.workspace, settings.audit), settings.audit, around.clock)
    return _run(settings, context, around, lines).because(settings.reason)


def _run(settings: Settings, context: Context, around: Surroundings, lines: Lines) -> Report:
    if settings.command is Command.FIND:
        from rotate.commands.find.search import find

        return find(settings, context, lines)
    if settings.command is Command.DOCTOR:
        from rotate.commands.doctor.examine import examine

        return examine(settings, context, around.stop, lines)
    from rotate.run.compose import compose

    if settings.shard:
        from rotate.settings.shards import mine

        settings = replace(settings, places=mine(settings.places, settings.shard))
    return compose(settings, context, around.reporters, around.scrub, around.stop, lines).run()


def inspect(file: str, around: Surroundings) -> Report:
    """Verify an audit anywhere on this machine, and tell the reporters."""
    reports: list[Report] = []
    _tell(around, reports, _inspect(Path(file), file, around.clock))
    return reports[0]


def _inspect(path: Path, name: str, clock: Clock) -> Report:
    from rotate.reporters import audit_json

    return audit_json.inspect(path, name, clock)
