"""One annotation for each thing that a person must act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from rotate.protocol.story.report import Report
from rotate.reporters.wording import more
from rotate.wire.workflow_commands import LONGEST_ANNOTATION, command, send, shortened

# GitHub shows ten of a kind for a step, and drops the rest without a word (facts: GitHub §5.4).
MOST_OF_A_KIND = 10


class Annotations:
    """Tells the whole story only."""

    def __init__(self, out: TextIO, scrub: Callable[[str], str], docs: str) -> None:
        self._out = out
        self._scrub = scrub
        self._docs = docs

    def close(self, report: Report) -> None:
        """Send errors for what ended the run, and warnings for the rest."""
        for kind, problems in (("error", report.problems), ("warning", report.warnings)):
            for problem in problems[:MOST_OF_A_KIND]:
                parts = (problem.message, f"State now: {report.state}", problem.remedy, more(self._docs, problem))
                text = shortened(self._scrub("\n".join(filter(None, parts))), LONGEST_ANNOTATION)
                send(self._out, command(kind, text, {"title": problem.reason}))
