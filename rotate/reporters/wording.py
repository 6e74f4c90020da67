"""The words that more than one reporter uses: the verdict in a line, and where to read more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.errors import RotateError
from rotate.protocol.facts.moves import Status
from rotate.registry import system

if TYPE_CHECKING:
    from rotate.protocol.story.report import Place, Report

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
    """Say in one line how it ended; after an exposure, first of all whether the exposed key is dead."""
    found = report.incident
    if report.found:
        return f"Found: {report.why}"
    if report.holdings:
        return f"{'Keys need a person' if report.problems else 'Inventory'}: {report.why}"
    if report.checkup and report.problems:
        return f"Not ready to rotate: {report.why}"
    if found is None:
        alarm = "The exposed key may still be alive: this run did not get to it. " if report.urgent else ""
        return f"{alarm}{WORDS[report.status]}: {report.why}"
    if not found.dead:
        return f"{found.standing}. {WORDS[report.status]}: {report.why}"
    seconds = report.seconds_to_dead
    when = (
        " already when this run began" if found.found_dead else f" {seconds:.1f} s after the start" if seconds else ""
    )
    return f"{found.which} is dead{when}. {WORDS[report.status]}: {report.why}"


def picked_up(place: Place, report: Report) -> str:
    """Say when what uses a destination sees the new value."""
    if report.policy and place.name in report.policy.redeploys:
        return "with the deploy that this run starts, and waits for"
    return system(place.name.partition(":")[0]).traits.when(place.name)


def name_of(report: Report) -> str:
    """Name the credential, as far as it is known."""
    return report.policy.lineage.name if report.policy else "(not begun)"


def told(report: Report) -> list[tuple[str, str]]:
    """Give the exposure's own facts as rows of two: what, and the finding."""
    found = report.incident
    if found is None:
        return []
    used, since = "never", ""
    if found.last_used_at is not None:
        used = f"{found.last_used_at:%F %T} UTC from {found.last_used_from or '?'}"
        since = {True: ": AFTER the exposure", False: ": before the exposure", None: ""}[found.used_since]
        if found.last_used_at >= report.started_at.replace(microsecond=0):  # Neon tells whole seconds
            since += " (this run's own look counts as a use)"
    rows = [
        ("Exposed since", f"{found.since:%F %T} UTC" if found.since else "not given (`exposed_at`)"),
        ("Last use seen before it died", used + since),
        ("Seen dead", f"{found.died_at:%F %T} UTC" if found.died_at else "found dead" if found.found_dead else "no"),
        *((f"Seconds to {name}", f"{seconds:.2f}") for name, seconds in found.phases),
    ]
    if found.also_revoked:
        rows.append(("Also revoked", ", ".join(map(str, found.also_revoked))))
    return rows


def examined(report: Report) -> list[tuple[str, str, str]]:
    """Give each thing that `doctor` looked at as a row of three: what, how it stands, and the finding."""
    return [(one.about, one.state.value, one.told) for one in (report.checkup.findings if report.checkup else ())]


def due(report: Report) -> str:
    """Say when the key is to be rotated next; nothing without a cadence."""
    moment = report.next_rotation
    if moment is None:
        return ""
    return f"{'next rotation' if moment > report.finished_at else 'due since'} {moment:%F %H:%M} UTC"


def more(docs: str, problem: RotateError) -> str:
    """Say where to read more about a reason code."""
    return f"{docs}#{problem.reason}"
