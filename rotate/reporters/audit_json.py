"""The audit: who did what, when, why, and on which evidence, as JSON lines that are chained by hashes.

Its schema (docs/audit.schema.json) has a version. Records are written as the moves end, so that a run that is cut off
leaves what it did. A file whose end does not hold is left as it is, and said: a new chain never begins over an old one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError, DestinationError, ExitCode, Refused, RotateError
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.audit import Chain, Kept, Link, Record, chained, read, verify
from rotate.protocol.story.records import Scribe
from rotate.wire import journal

if TYPE_CHECKING:
    from rotate.ports import Clock
    from rotate.protocol.facts.events import Event
    from rotate.protocol.story.report import Report

BROKEN_REMEDY = (
    "Compare the file with an earlier copy of it, and with the hashes that the reports and summaries of earlier runs "
    "tell. To begin a new chain, keep this file under another name."
)
UNWRITTEN_REMEDY = (
    "What was done at Neon and GitHub stands, and the JSON report has it. Let `audit` name a file in the workspace "
    "that can be written:\n\n    audit: neon-rotate-audit.jsonl"
)


class AuditFile:
    """Implements `ports.Keeper`. `name` is the file's path in the workspace."""

    def __init__(self, workspace: Path, name: str, scribe: Scribe, began_at: datetime) -> None:
        self._workspace = workspace
        self._name = name
        self._scribe = scribe
        self._waiting: list[Record] = [scribe.began(began_at)]
        self._end = Link()
        self._problem: RotateError | None = None
        self._torn: tuple[RotateError, ...] = ()

    def tell(self, event: Event) -> None:
        """Record one move. What cannot be written waits for the next record."""
        self._write(self._scribe.moved(event), event.at)

    def conclude(self, report: Report) -> Report:
        """Record the verdict, and tell the chain's last hash, or why there is none."""
        self._write(self._scribe.ended(report), report.finished_at, last=True)
        if self._problem:
            return report.warned(*self._torn, self._problem)
        return replace(report.warned(*self._torn), audit=Kept(self._name, self._end.seq, self._end.head))

    def _write(self, record: Record, at: datetime, *, last: bool = False) -> None:
        """Write what waits. Only the last waits for the disk: an exposed key's death does not."""
        self._waiting.append(record)
        try:
            journal.append(journal.within(self._workspace, self._name), partial(self._continued, at), sync=last)
        except OSError as error:
            message = f"The audit {self._name} could not be written: {error.strerror}."
            self._problem = DestinationError("audit-not-written", message, UNWRITTEN_REMEDY)
        except ValueError as error:
            message = f"Nothing was added to the audit {self._name}, since its last line does not hold: {error}."
            self._problem = Refused("audit-broken", message, BROKEN_REMEDY)
        else:
            self._waiting, self._problem = [], None

    def _continued(self, at: datetime, last: bytes | None, torn: bytes) -> bytes:
        end = Link() if last is None else read(last)
        if torn:
            self._waiting.insert(0, self._scribe.mended(at, torn))
            message = f"The last line of the audit {self._name} was unfinished, and was taken away; a record says so."
            remedy = "An earlier run was cut off while it wrote. Nothing is left to do."
            self._torn = (DestinationError("audit-torn", message, remedy),)
        data, self._end = chained(self._waiting, end)
        return data


def inspect(path: Path, name: str, clock: Clock) -> Report:
    """Verify a whole audit. `name`: the file as people know it."""
    from rotate.protocol.story.report import Report, without_contact

    began = clock.now()
    try:
        chain = verify(path.read_bytes())
    except OSError as error:
        message = f"The audit {name} could not be read: {error.strerror}."
        remedy = "Name the file that the runs write (`audit` in the policy file), or check the branch that has it out."
        return without_contact((ConfigurationError("audit-unreadable", message, remedy),), began, clock.now())
    problem = _broken(chain, name)
    if problem:
        return Report(Status.REFUSED, ExitCode.REFUSED, problem.message, began, clock.now(), problems=(problem,))
    kept = Kept(name, chain.end.seq, chain.end.head)
    why = f"{name} holds: {kept.records} records from {_shown(chain.since)} to {_shown(chain.end.at)}, head {kept.head}"
    return Report(Status.UNCHANGED, ExitCode.DONE, why, began, clock.now(), audit=kept)


def _broken(chain: Chain, name: str) -> Refused | None:
    if chain.flaw:
        before = (
            f" Up to it the chain holds; the line before it has the hash {chain.end.head}." if chain.end.seq else ""
        )
        message = f"Line {chain.flaw.line} of the audit {name} does not hold: {chain.flaw.why}.{before}"
    elif not chain.end.seq:
        message = f"The audit {name} is empty."
    else:
        return None
    return Refused("audit-broken", message, BROKEN_REMEDY)


def _shown(moment: datetime | None) -> str:
    return f"{moment:%F %T} UTC"
