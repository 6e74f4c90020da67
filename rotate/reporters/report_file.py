"""The JSON report, for machines. Its schema (docs/report.schema.json) has a version; fields are added, not changed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rotate import __version__
from rotate.errors import RotateError
from rotate.protocol.facts.events import Event
from rotate.protocol.story.findings import Checkup
from rotate.protocol.story.incident import Incident
from rotate.protocol.story.report import Report, Row
from rotate.reporters.wording import more, picked_up
from rotate.wire.workflow_commands import disarmed

SCHEMA_VERSION = 1
READABLE = 0o644


def file_name(report: Report) -> str:
    """Name the file after the lineage, so that two credentials of one job do not overwrite each other's."""
    lineage = f"-{report.policy.lineage.name}" if report.policy else ""
    return f"neon-rotate-report{lineage}.json"


class ReportFile:
    """Tells the whole story only."""

    def __init__(self, directory: Path, scrub: Callable[[str], str], docs: str) -> None:
        self._directory = directory
        self._scrub = scrub
        self._docs = docs

    def close(self, report: Report) -> None:
        """Write the file.

        Raises:
            OSError: it cannot be written.
        """
        text = json.dumps(_disarmed(document(report, self._docs)), indent=2, ensure_ascii=False) + "\n"
        write_whole(self._directory / file_name(report), self._scrub(text))


def _disarmed(value: object) -> object:
    """Break up in each text what the runner would obey: a step may print a single one."""
    if isinstance(value, str):
        return disarmed(value)
    if isinstance(value, dict):
        return {name: _disarmed(one) for name, one in value.items()}
    return [_disarmed(one) for one in value] if isinstance(value, list) else value


def document(report: Report, docs: str) -> dict[str, object]:
    """Give the report as JSON values. Times are ISO 8601 in UTC, durations seconds."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "status": report.status,
        "exit_code": report.exit_code,
        "why": report.why,
        "state": report.state,
        "reason": report.reason,
        "trigger": report.trigger,
        "started_at": _time(report.started_at),
        "finished_at": _time(report.finished_at),
        **_asked(report),
        "key_id": report.key_id,
        "key_name": report.key_name,
        "fingerprint": report.fingerprint,
        "previous_key_ids": list(report.previous_key_ids),
        "revoked_key_ids": list(report.revoked_key_ids),
        "next_rotation": _time(report.next_rotation),
        "control": report.control and report.control.value,
        "previous_value": report.previous_value and report.previous_value.value,
        "current_value": report.current_value and report.current_value.value,
        "seconds_to_dead": report.seconds_to_dead,
        "pending_revocation": pending_revocation(report),
        "incident": _incident(report.incident),
        "audit": asdict(report.audit) if report.audit else None,
        "alert": asdict(report.alert) if report.alert else None,
        "found": report.found and report.found.record,
        "checkup": _checkup(report.checkup),
        "inventory": report.holdings and report.holdings.record(),
        "destinations": [{**asdict(place), "picked_up": picked_up(place, report)} for place in report.places],
        "keys": [_key(row) for row in report.keys],
        "other_keys": report.other_keys,
        "plan": list(report.plan),
        "matrix": json.loads(report.matrix) if report.matrix else None,
        "problems": [_problem(problem, docs) for problem in report.problems],
        "warnings": [_problem(problem, docs) for problem in report.warnings],
        "steps": [_step(event) for event in report.events],
    }


def _asked(report: Report) -> dict[str, object]:
    policy = report.policy
    if policy is None:
        return {"command": None, "scope": None, "lineage": None, "run": None}
    run = policy.run
    return {
        "command": policy.command,
        "scope": policy.scope,
        "lineage": policy.lineage.name,
        "run": {"id": run.run_id, "attempt": run.attempt, "url": run.url},
    }


def pending_revocation(report: Report) -> list[dict[str, object]]:
    """Give the superseded keys that are still valid, with the time until which they stay at least."""
    return [
        {"key_id": one.key_id, "revoke_after": _time(one.revoke_after), "why": list(one.why)}
        for one in report.pending_revocation
    ]


def _checkup(found: Checkup | None) -> list[dict[str, object]] | None:
    if found is None:
        return None
    return [
        {"about": one.about, "state": one.state, "finding": one.told, "reason": one.error.reason if one.error else None}
        for one in found.findings
    ]


def _incident(found: Incident | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "key_id": found.key_id,
        "exposed_at": _time(found.since),
        "dead": found.dead,
        "alive": found.alive,
        "found_dead": found.found_dead,
        "died_at": _time(found.died_at),
        "seconds": dict(found.phases),
        "last_used_at": _time(found.last_used_at),
        "last_used_from": found.last_used_from,
        "used_since_exposure": found.used_since,
        "also_revoked": list(found.also_revoked),
        "runs_holding_it": None if found.holders is None else list(found.holders),
        "to_do": list(found.to_do),
    }


def _key(row: Row) -> dict[str, object]:
    key = row.key
    return {
        "id": key.key_id,
        "name": key.name,
        "role": row.role,
        "project_id": key.project_id,
        "created_at": _time(key.created_at),
        "last_used_at": _time(key.last_used_at),
        "last_used_from": key.last_used_from,
    }


def _problem(problem: RotateError, docs: str) -> dict[str, object]:
    return {
        "reason": problem.reason,
        "message": problem.message,
        "remedy": problem.remedy,
        "documentation": more(docs, problem),
    }


def _step(event: Event) -> dict[str, object]:
    return {
        "step": event.step,
        "name": event.name,
        "subject": event.subject,
        "outcome": event.outcome.value,
        "detail": event.detail,
        "at": _time(event.at),
        "seconds": round(event.seconds, 3),
        "reason": event.error.reason if event.error else None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def write_whole(path: Path, text: str) -> None:
    """Put `text` at `path`, so that a reader sees the whole of it or nothing: beside it, synced, renamed.

    A file that is there keeps its mode; a new one is readable to all.

    Raises:
        OSError: it could not be written; what was there is as it was.
    """
    mode = path.stat().st_mode & 0o777 if path.exists() else READABLE
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
