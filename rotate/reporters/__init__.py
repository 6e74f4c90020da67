"""Who is told: the log, the job summary, annotations, outputs and the JSON report.

A reporter sees events and the report, never a secret, and lets every text through `scrub` before it leaves. One that
cannot write says so in the log and does not end the run: what was done at Neon and GitHub stands either way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from rotate.errors import DestinationError
from rotate.ports import Reporter
from rotate.protocol.events import Event
from rotate.protocol.summary import Report
from rotate.reporters.annotations import Annotations
from rotate.reporters.console import Console
from rotate.reporters.outputs import Outputs
from rotate.reporters.report_file import ReportFile
from rotate.reporters.step_summary import StepSummary
from rotate.wire.workflow_commands import command, send

Scrub = Callable[[str], str]


def for_runner(
    out: TextIO, scrub: Scrub, *, output: str, summary: str, workspace: str, docs: str
) -> tuple[Reporter, ...]:
    """Tell a workflow run. Paths are the runner's own; an empty one means that there is no such file.

    `docs`: the page that has a heading for each reason code.
    """
    reporters: list[Reporter] = [Console(out, scrub, docs), Annotations(out, scrub, docs)]
    if summary:
        reporters.append(_Careful(StepSummary(Path(summary), scrub, docs), "the job summary", out))
    if workspace:
        reporters.append(_Careful(ReportFile(Path(workspace), scrub, docs), "the report", out))
    if output:
        reporters.append(_Careful(Outputs(Path(output), scrub, reported=bool(workspace)), "the outputs", out))
    return tuple(reporters)


def for_terminal(
    out: TextIO, scrub: Scrub, *, docs: str, report: str = "", colour: bool = False
) -> tuple[Reporter, ...]:
    """Tell a person at a terminal; `report` is the directory for the JSON report, if one is wanted."""
    console = Console(out, scrub, docs, colour=colour)
    if not report:
        return (console,)
    return console, _Careful(ReportFile(Path(report), scrub, docs), "the report", out)


class _Careful:
    """Lets no failed write end the run."""

    def __init__(self, reporter: Reporter, what: str, out: TextIO) -> None:
        self._reporter = reporter
        self._what = what
        self._out = out

    def tell(self, event: Event) -> None:
        """Pass it on."""
        self._reporter.tell(event)

    def close(self, report: Report) -> None:
        """Pass it on, and say if it could not be written."""
        try:
            self._reporter.close(report)
        except OSError as error:
            told = DestinationError("report-not-written", f"{self._what} could not be written: {error.strerror}.")
            send(self._out, command("warning", told.message, {"title": told.reason}))
