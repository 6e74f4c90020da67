"""In what state a run leaves things, for a person who has to act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.errors import ExitCode, listed
from rotate.protocol.incident import Incident
from rotate.protocol.steps import Status

if TYPE_CHECKING:
    from rotate.protocol.summary import Report


def state_of(report: Report) -> str:
    """Say it in a sentence or two."""
    return f"THE EXPOSED KEY MAY STILL BE ALIVE. {_state(report)}" if report.urgent else _state(report)


def _state(report: Report) -> str:
    failed = listed([place.name for place in report.places if place.state not in ("confirmed", "untouched")])
    revoked = ", ".join(map(str, report.revoked_key_ids))
    live = listed([f"{row.key.key_id} ({row.role})" for row in report.keys if row.role])
    if report.exit_code is ExitCode.BUG:
        return "Unknown: the steps show what was done before the bug. Nothing was revoked after it."
    if report.incident:
        # Where nothing was written, a destination holds what it held: that lives as long as a current key does.
        well = {"confirmed", "untouched"} if any(row.role == "current" for row in report.keys) else {"confirmed"}
        unsure = listed([place.name for place in report.places if place.state not in well])
        return _after_exposure(report.incident, unsure, live)
    if report.found or report.checkup:
        return "Nothing was changed: this command only reads."
    match report.status:
        case Status.REFUSED:
            return "Nothing was changed."
        case Status.FAILED if not revoked:
            return "Nothing was changed: the key in use is as it was."
        case Status.FAILED:
            return f"The key in use is as it was; key {revoked} of this run was revoked again."
        case Status.INCOMPLETE:
            where = f" Not confirmed: {failed}." if failed else ""
            return f"No destination lost a valid key. Live keys of this lineage: {live or 'unknown'}.{where}"
        case _ if report.policy is None:
            return "Nothing was contacted or changed."
        case _:
            return f"Live keys of this lineage: {live or 'none'}."


def _after_exposure(found: Incident, failed: str, live: str) -> str:
    said = found.standing if found.dead else found.standing.upper()
    where = f" These destinations do not surely hold a valid key: {failed}." if failed else ""
    return f"{said}. Live keys of this lineage: {live or 'none known'}.{where}"
