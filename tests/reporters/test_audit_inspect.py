"""Verifying an audit: the chain that holds with its head, the first line that does not with its reason."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rotate.errors import Outcome
from rotate.protocol.story.report import Report
from rotate.reporters.audit_json import inspect
from tests.reporters.test_audit_json import NAME, kept, records
from tests.reporters.test_reporters import REPORTS
from tests.support.build import NOW, event, report
from tests.support.fakes import FakeClock
from tests.support.runner import ROOT


def inspected(path: Path) -> Report:
    return inspect(path, "audit.jsonl", FakeClock())


def test_a_chain_that_holds_is_told_with_its_head(tmp_path: Path) -> None:
    told = kept(tmp_path, report(finished_at=NOW + timedelta(seconds=2)))
    found = inspected(tmp_path / NAME)
    assert told.audit
    assert found.why == (
        f"audit.jsonl holds: 2 records from 2026-11-23 04:23:00 UTC to 2026-11-23 04:23:02 UTC, head {told.audit.head}"
    )
    assert (found.exit_code, found.state) == (0, "Nothing was contacted or changed.")
    assert found.audit == replace(told.audit, file="audit.jsonl")


@pytest.mark.parametrize(
    ("data", "code", "reason", "said"),
    [
        (b"", 3, "audit-broken", "is empty"),
        (b"{}\n", 3, "audit-broken", "Line 1 of the audit audit.jsonl does not hold"),
        (None, 2, "audit-unreadable", "No such file"),
    ],
)
def test_what_does_not_hold_is_refused(data: bytes | None, code: int, reason: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    if data is not None:
        path.write_bytes(data)
    found = inspected(path)
    assert (found.exit_code, found.problems[0].reason) == (code, reason)
    assert said in found.problems[0].message


def test_the_line_before_the_flaw_is_told_with_its_hash(tmp_path: Path) -> None:
    kept(tmp_path, report(events=(event(outcome=Outcome.UNKNOWN),)))
    lines = (tmp_path / NAME).read_bytes().splitlines(keepends=True)
    (tmp_path / NAME).write_bytes(lines[0] + lines[2])
    message = inspected(tmp_path / NAME).problems[0].message
    assert message.startswith("Line 2 of the audit audit.jsonl does not hold: its `seq` is 3, where 2 is due.")
    assert json.loads(lines[0])["hash"] in message


def test_a_hash_can_be_recomputed_with_the_tools_of_a_shell(tmp_path: Path) -> None:
    """As docs/audit.md says; skipped where there is no jq."""
    kept(tmp_path, REPORTS["unchanged"])
    command = f"head -1 {tmp_path / NAME} | jq -acS 'del(.hash)' | tr -d '\\n' | sha256sum"
    assert command.split("|", 1)[1] in (ROOT / "docs/audit.md").read_text()
    done = subprocess.run(["bash", "-c", f"command -v jq && {command}"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("no jq")
    assert done.stdout.split()[1] == records(tmp_path)[0]["hash"]
