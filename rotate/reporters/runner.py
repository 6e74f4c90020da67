"""What the runner shows of the end: the step's outputs, in `GITHUB_OUTPUT`, and annotations. Never a secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Report
from rotate.reporters.report_file import file_name, pending_revocation
from rotate.reporters.wording import more
from rotate.wire.workflow_commands import LONGEST_ANNOTATION, command, entry, send, shortened

# GitHub shows ten of a kind for a step, and drops the rest without a word (facts: GitHub §5.4).
MOST_OF_A_KIND = 10


class Outputs:
    """Tells the whole story only. `reported`: whether a JSON report is written too.

    With several credentials in one run, lists hold those of all of them, and `status` is the worst. What is written
    last counts, so each credential writes what holds so far.
    """

    def __init__(self, path: Path, scrub: Callable[[str], str], *, reported: bool) -> None:
        self._path = path
        self._scrub = scrub
        self._reported = reported
        self._told: list[Report] = []

    def close(self, report: Report) -> None:
        """Write every output of action.yml, in its order.

        Raises:
            OSError: the file cannot be written.
        """
        self._told.append(report)
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(entry(name, self._scrub(value)) for name, value in self._values().items()))

    def _values(self) -> dict[str, str]:
        reports = self._told
        worst = max(reports, key=lambda report: report.severity)
        due = [report.next_rotation for report in reports if report.next_rotation]
        return {
            "status": str(worst.status),
            "rotated": str(any(report.status is Status.ROTATED for report in reports)).lower(),
            "reasons": ",".join(dict.fromkeys(error.reason for report in reports for error in report.problems)),
            "key_id": _list(report.key_id for report in reports),
            "key_name": _list(report.key_name for report in reports),
            "previous_key_ids": _list(key for report in reports for key in report.previous_key_ids),
            "revoked_key_ids": _list(key for report in reports for key in report.revoked_key_ids),
            "pending_revocation": json.dumps([one for report in reports for one in pending_revocation(report)]),
            "next_rotation": min(due).isoformat() if due else "",
            "matrix": next((report.matrix for report in reports if report.matrix), ""),
            "report": _list(file_name(report) for report in reports) if self._reported else "",
        }


def _list(values: Iterable[object]) -> str:
    return ",".join(str(value) for value in values if value not in (None, ""))


class Annotations:
    """One annotation for each thing that a person must act on."""

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
