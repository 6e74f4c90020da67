"""What every front-end does between reading its inputs and exiting: check, run, tell, answer.

Nothing gets out of here as a traceback: an unforeseen exception becomes a report that names its type and place, never
its text, which could hold anything.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rotate.errors import ExitCode, InvariantViolated, RotateError
from rotate.means import Means
from rotate.ports import Clock, Hide, Reporter, Scrub
from rotate.protocol.facts.policy import Command
from rotate.settings.asked import Asked, ask
from rotate.settings.context import Context
from rotate.settings.model import Settings
from rotate.settings.network import Found, network_of
from rotate.settings.parse import Problems, truth

if TYPE_CHECKING:
    from rotate.protocol.story.report import Report
    from rotate.systems.github.connections import Connections
    from rotate.systems.github.resolver import Resolver


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
    from rotate.systems.github.connections import Connections

    total = len(asked.credentials)
    connections = Connections(context.api_url, around.clock, around.hide, road.network)
    resolver = _resolver(asked, around.clock, connections)
    try:
        for number, settings in enumerate(asked.credentials, 1):
            if total > 1:
                for reporter in around.reporters:
                    reporter.begin(f"{settings.credential} ({number} of {total})")
            rotated = sum(report.rotates for report in reports)
            spent = asked.max_rotations is not None and rotated >= asked.max_rotations
            allowed = replace(settings, may_issue=not spent)
            if resolver and settings.patterned:
                report = _resolve_and_run(resolver, allowed, context, around, connections)
            else:
                report = _compose_and_run(allowed, context, around, connections)
            # What an installation gave is given back before the last report, which tells if that fails.
            _tell(around, reports, report.warned(*connections.close(), *road.warnings) if number == total else report)
    finally:
        connections.close()


def _resolver(asked: Asked, clock: Clock, connections: Connections) -> Resolver | None:
    """Load what finds repositories by pattern, where there is a pattern."""
    if not any(settings.patterned for settings in asked.credentials):
        return None
    from rotate.systems.github.resolver import Resolver

    return Resolver(connections, clock, asked.credentials)


def _resolve_and_run(
    resolver: Resolver, settings: Settings, context: Context, around: Surroundings, connections: Connections
) -> Report:
    """Find the repositories first, and tell which they are before anything else happens."""
    started = around.clock.now()
    found = resolver.resolve(settings)
    for event in found.events:
        for reporter in around.reporters:
            reporter.tell(event)
    # An exposed key does not wait for a list to be put right: it dies, and what could not be found is told.
    urgent = settings.exposure is not None and bool(found.settings.places)
    if found.problems and not urgent:
        report = _without_contact(found.problems, started, around.clock)
    else:
        report = _compose_and_run(found.settings, context, around, connections).unfinished(*found.problems)
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


def _compose_and_run(settings: Settings, context: Context, around: Surroundings, connections: Connections) -> Report:
    if settings.command is Command.AUDIT:
        return _inspect(Path(context.workspace, settings.audit), settings.audit, around.clock)
    with closing(_means(settings, around, connections)) as means:
        return _run(settings, context, around, means, connections).because(settings.reason)


def _run(settings: Settings, context: Context, around: Surroundings, means: Means, connections: Connections) -> Report:
    if settings.command is Command.FIND:
        from rotate.commands.find.search import find

        return find(settings, context, means, connections)
    if settings.command is Command.DOCTOR:
        from rotate.commands.doctor.examine import examine

        return examine(settings, context, means, around.stop, connections)
    from rotate.run.compose import compose

    if settings.shard:
        from rotate.settings.shards import mine

        others = settings.elsewhere if settings.shard.number == 1 else ()
        settings = replace(settings, places=mine(settings.places, settings.shard), elsewhere=others)
    return compose(settings, context, around.reporters, means, around.scrub, around.stop, connections).run()


def _means(settings: Settings, around: Surroundings, connections: Connections) -> Means:
    reads_only = settings.command is Command.CHECK
    return Means(around.environment, around.clock, around.hide, connections.network, reads_only=reads_only)


def inspect(file: str, around: Surroundings) -> Report:
    """Verify an audit anywhere on this machine, and tell the reporters."""
    reports: list[Report] = []
    _tell(around, reports, _inspect(Path(file), file, around.clock))
    return reports[0]


def _inspect(path: Path, name: str, clock: Clock) -> Report:
    from rotate.reporters import audit_json

    return audit_json.inspect(path, name, clock)
