"""The words that more than one reporter uses: the verdict in a line, and where to read more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.errors import RotateError
from rotate.protocol.steps import Status

if TYPE_CHECKING:
    from rotate.protocol.summary import Report

SIGNS = {
    Status.ROTATED: "✅",
    Status.UNCHANGED: "✅",
    Status.PLANNED: "📋",
    Status.INCOMPLETE: "⚠️",
    Status.REFUSED: "⛔",
    Status.FAILED: "❌",
}
WORDS = {
    Status.ROTATED: "Rotated",
    Status.UNCHANGED: "In order",
    Status.PLANNED: "Planned",
    Status.INCOMPLETE: "Incomplete, run it again",
    Status.REFUSED: "Refused, nothing was changed",
    Status.FAILED: "Failed",
}


def verdict(report: Report) -> str:
    """Say in one line how it ended."""
    return f"{WORDS[report.status]}: {report.why}"


def due(report: Report) -> str:
    """Say when the key is to be rotated next; nothing without a cadence."""
    moment = report.next_rotation
    if moment is None:
        return ""
    return f"{'next rotation' if moment > report.finished_at else 'due since'} {moment:%F %H:%M} UTC"


def more(docs: str, problem: RotateError) -> str:
    """Say where to read more about a reason code."""
    return f"{docs}#{problem.reason}"
