"""Who is told: the log, the job summary, annotations, outputs and the JSON report.

A reporter sees events and the report, never a secret, and lets every text through `scrub` before it leaves. One that
cannot write says so in the log and does not end the run: what was done at Neon and GitHub stands either way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias

from rotate.errors import DestinationError
from rotate.reporters.console import Console
from rotate.wire.workflow_commands import command, send

if TYPE_CHECKING:
    from rotate.ports import Reporter, Scrub
    from rotate.protocol.facts.events import Event
    from rotate.protocol.story.report import Report

# Hears the whole story, at its end, and tells it on. It may raise `OSError`.
Ending: TypeAlias = "Callable[[Report], None]"


def for_runner(
    out: TextIO, scrub: Scrub, *, output: str, summary: str, workspace: str, docs: str
) -> tuple[Reporter, ...]:
    """Tell a workflow run. Paths are the runner's own; an empty one means that there is no such file.

    `docs`: the page that has a heading for each reason code.
    """

    def annotations() -> Ending:
        from rotate.reporters.runner import Annotations

        return Annotations(out, scrub, docs).close

    def step_summary() -> Ending:
        from rotate.reporters.step_summary import StepSummary

        return StepSummary(Path(summary), scrub, docs).close

    def outputs() -> Ending:
        from rotate.reporters.runner import Outputs

        return Outputs(Path(output), scrub, reported=bool(workspace)).close

    at_the_end = [_AtTheEnd(annotations, "the annotations", out)]
    if summary:
        at_the_end.append(_AtTheEnd(step_summary, "the job summary", out))
    if workspace:
        at_the_end.append(_report_file(workspace, scrub, docs, out))
    if output:
        at_the_end.append(_AtTheEnd(outputs, "the outputs", out))
    return Console(out, scrub, docs), *at_the_end


def for_terminal(
    out: TextIO, scrub: Scrub, *, docs: str, report: str = "", colour: bool = False, spoken: Callable[[str], str] = str
) -> tuple[Reporter, ...]:
    """Tell a person at a terminal; `report` is the directory for the JSON report, if one is wanted.

    `spoken`: how a remedy, which is written for a workflow, is said there.
    """
    console = Console(out, scrub, docs, colour=colour, spoken=spoken)
    if not report:
        return (console,)
    return console, _report_file(report, scrub, docs, out)


def _report_file(directory: str, scrub: Scrub, docs: str, out: TextIO) -> _AtTheEnd:
    def report_file() -> Ending:
        from rotate.reporters.report_file import ReportFile

        return ReportFile(Path(directory), scrub, docs).close

    return _AtTheEnd(report_file, "the report", out)


class _AtTheEnd:
    """A reporter that tells the whole story only, and so is made only then: it is no part of the start-up.

    A write that fails does not end the run.
    """

    def __init__(self, make: Callable[[], Ending], what: str, out: TextIO) -> None:
        self._make = make
        self._what = what
        self._out = out
        self._made: Ending | None = None

    def begin(self, credential: str) -> None:
        """Wait for the end."""

    def tell(self, event: Event) -> None:
        """Wait for the end."""

    def close(self, report: Report) -> None:
        """Make the reporter the first time, let it tell, and say if it could not."""
        try:
            self._made = self._made or self._make()
            self._made(report)
        except OSError as error:
            told = DestinationError("report-not-written", f"{self._what} could not be written: {error.strerror}.")
            send(self._out, command("warning", told.message, {"title": told.reason}))
