"""The step's outputs, in `GITHUB_OUTPUT`. Never a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rotate.protocol.steps import Status
from rotate.protocol.summary import Report
from rotate.reporters.report_file import file_name
from rotate.wire.workflow_commands import entry


class Outputs:
    """Tells the whole story only. `reported`: whether a JSON report is written too."""

    def __init__(self, path: Path, scrub: Callable[[str], str], *, reported: bool) -> None:
        self._path = path
        self._scrub = scrub
        self._reported = reported

    def close(self, report: Report) -> None:
        """Write every output of action.yml, in its order.

        Raises:
            OSError: the file cannot be written.
        """
        values = {
            "status": str(report.status),
            "rotated": str(report.status is Status.ROTATED).lower(),
            "key_id": "" if report.key_id is None else str(report.key_id),
            "key_name": report.key_name,
            "previous_key_ids": ",".join(map(str, report.previous_key_ids)),
            "revoked_key_ids": ",".join(map(str, report.revoked_key_ids)),
            "next_rotation": "" if report.next_rotation is None else report.next_rotation.isoformat(),
            "report": file_name(report) if self._reported else "",
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(entry(name, self._scrub(value)) for name, value in values.items()))
