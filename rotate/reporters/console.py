"""The story for a terminal or a job's log: one line a move, then the verdict, the state, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from rotate.errors import RotateError
from rotate.wire.workflow_commands import disarmed, send

if TYPE_CHECKING:
    from rotate.protocol.facts.events import Event
    from rotate.protocol.story.report import Report

GREEN, RED, BOLD, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[1m", "\x1b[0m"


class Console:
    """Implements `ports.Reporter`. `spoken`: how a remedy, which is written for a workflow, is said here."""

    def __init__(
        self,
        out: TextIO,
        scrub: Callable[[str], str],
        docs: str,
        *,
        colour: bool = False,
        spoken: Callable[[str], str] = str,
    ) -> None:
        self._out = out
        self._scrub = scrub
        self._docs = docs
        self._colour = colour
        self._spoken = spoken

    def begin(self, credential: str) -> None:
        """Write a heading."""
        self._say("")
        self._say(self._painted(f"── {credential}", BOLD))

    def tell(self, event: Event) -> None:
        """Write one line as the move ends."""
        mark = self._painted("✓", GREEN) if event.ok else self._painted("✗", RED)
        detail = f": {event.detail}" if event.detail else ""
        self._say(f"{mark} {event.step:>2} {event.name:<8} {event.subject}{detail} ({event.seconds:.2f} s)")

    def close(self, report: Report) -> None:
        """Write how it ended."""
        from rotate.reporters.wording import SIGNS, due, examined, told, verdict

        self._say("")
        self._say(self._painted(f"{SIGNS[report.status]} {verdict(report)}", BOLD))
        self._say(f"State now: {report.state}")
        for what, finding in told(report):
            self._say(f"  {what}: {finding}")
        for number, step in enumerate(report.to_do, 1):
            self._say(f"  Next {number}. {step}")
        seen = report.found
        for row in (*(seen.secrets if seen else ()), *(seen.mentions if seen else ()), *examined(report)):
            self._say(f"  {'  '.join(row)}")
        if seen and seen.policy:
            self._say("A policy file with all of them:\n\n" + seen.policy)
        if report.holdings:
            from rotate.reporters.inventory_text import lines

            for line in lines(report.holdings):
                self._say(line)
        for sentence in report.plan:
            self._say(f"  · {sentence}")
        for heading, problems in (("Problem", report.problems), ("Note", report.warnings)):
            for problem in problems:
                self._explain(heading, problem)
        when = due(report)
        if when:
            self._say(f"The key: {when}")

    def _explain(self, heading: str, problem: RotateError) -> None:
        from rotate.reporters.wording import more

        self._say("")
        self._say(f"{heading}: {problem.message} [{problem.reason}]")
        if problem.remedy:
            apart = "\n" if problem.remedy.startswith(" ") else " "
            self._say(f"What to do:{apart}{self._spoken(problem.remedy)}")
        self._say(f"Read more: {more(self._docs, problem)}")

    def _painted(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._colour else text

    def _say(self, text: str) -> None:
        lines = self._scrub(text).splitlines() or [""]
        for line in lines:
            send(self._out, disarmed(line))
