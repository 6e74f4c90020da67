"""The job summary: Markdown whose first line is the verdict, for somebody who is woken at 3 a.m."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from rotate.errors import RotateError, one_line
from rotate.protocol.decisions.triggers import days
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.model import LiveKey
from rotate.protocol.story.report import Pending, Place, Report
from rotate.reporters.wording import SIGNS, due, examined, more, name_of, picked_up, told, verdict

# The runner refuses a larger summary as a whole (facts: GitHub §5.4).
LARGEST = 1024 * 1024
CUT = "\n\n*The rest of this summary is left out: it may have 1 MiB. The JSON report has everything.*\n"
MOST_ROWS = 500
INDENT = "    "
A_MINUTE = timedelta(minutes=1)
LONGEST_CELL = 1000


class StepSummary:
    """Implements `ports.Reporter`: appends to the file that the runner shows."""

    def __init__(self, path: Path, scrub: Callable[[str], str], docs: str) -> None:
        self._path = path
        self._scrub = scrub
        self._docs = docs
        self._before: bytes | None = None
        self._told: list[Report] = []

    def close(self, report: Report) -> None:
        """Append the summary; with several credentials, an overview first and then each of them.

        Raises:
            OSError: the file cannot be written.
        """
        if self._before is None:
            self._before = self._path.read_bytes() if self._path.exists() else b""
        self._told.append(report)
        whole = "\n".join([*_overview(self._told), *(render(one, self._docs) for one in self._told)])
        self._path.write_bytes(self._before + fitted(self._scrub(whole), LARGEST - len(self._before)))


def fitted(text: str, room: int) -> bytes:
    """Give as much of the text as fits into so many bytes, whole lines, and say where it was cut."""
    data = text.encode()
    if len(data) <= room:
        return data
    kept = data[: max(0, room - len(CUT.encode()))]
    return kept[: kept.rfind(b"\n") + 1] + CUT.encode() if kept else b""


def _overview(reports: list[Report]) -> Iterator[str]:
    if len(reports) > 1:
        worst = max(reports, key=lambda report: report.severity)
        yield f"# {SIGNS[worst.status]} {len(reports)} credentials: {_text(verdict(worst))}\n"
        lines = (f"| {_cell(name_of(one))} | {SIGNS[one.status]} {_cell(verdict(one))} |" for one in reports)
        yield "\n".join(["| Credential | Verdict |", "|---|---|", *lines]) + "\n"


def render(report: Report, docs: str) -> str:
    """Give the whole summary as Markdown."""
    parts = [
        *essence(report, docs),
        *_table("The exposure", ("What", "Finding"), told(report)),
        *_table("What was looked at", ("What", "State", "Finding"), map(_plain, examined(report))),
        *_table("Where the secret is", ("Secret", "Written", "State"), report.found.secrets if report.found else ()),
        *_table("Workflow files that mention it", ("Line", "Name"), report.found.mentions if report.found else ()),
        *_pasted(report),
        *_inventory(report),
        *_table("Still valid", ("Id", "Until at least", "Because"), map(_still_valid, report.pending_revocation)),
        *_table("What would be done", ("#", "Step"), ((str(n), one) for n, one in enumerate(report.plan, 1))),
        *_table("Keys", ("Id", "Name", "Role", "Age", "Last used"), _keys(report)),
        *_not_shown(report),
        *_table(
            "Destinations",
            ("Destination", "State", "Write shown by", "New value seen"),
            (_place(one, report) for one in report.places),
        ),
        *_table("Steps", ("#", "Step", "About", "Outcome", "Detail", "Seconds"), map(_step, report.events)),
        _footer(report),
    ]
    return "\n\n".join(parts) + "\n"


def essence(report: Report, docs: str) -> Iterator[str]:
    """Give the parts that a person must read: the verdict, the state, what to do."""
    yield f"## {SIGNS[report.status]} {_text(verdict(report))}"
    yield f"**State now.** {_text(report.state)}"
    yield from _next(report)
    yield from _problems("What to do", report.problems, docs)
    yield from _problems("Worth knowing", report.warnings, docs)


def _next(report: Report) -> Iterator[str]:
    if report.to_do:
        yield "### What a person must do next"
        yield "\n".join(f"{number}. {_text(step)}" for number, step in enumerate(report.to_do, 1))


def _still_valid(pending: Pending) -> tuple[str, ...]:
    return str(pending.key_id), f"{pending.revoke_after:%F %T} UTC", "; ".join(pending.why) or "its overlap"


def _problems(title: str, problems: tuple[RotateError, ...], docs: str) -> Iterator[str]:
    if problems:
        yield f"### {title}"
    for problem in problems:
        link = more(docs, problem)
        where = f"[`{problem.reason}`]({link})" if "://" in link else f"`{problem.reason}` ({link})"
        yield f"**{_text(problem.message)}** {where}"
        yield from _blocks(problem.remedy)


def _blocks(remedy: str) -> Iterator[str]:
    """Give prose as it is and indented lines as code to paste."""
    for code, group in groupby(remedy.splitlines(), lambda line: line.startswith(INDENT)):
        lines = list(group)
        if code:
            block = "\n".join(line.removeprefix(INDENT) for line in lines)
            fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", block))])
            yield f"{fence}yaml\n{block}\n{fence}"
        elif any(lines):
            yield _text("\n".join(lines).strip())


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    every = [*rows]
    if not every:
        return
    shown = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in every[:MOST_ROWS]]
    left = [f"… and {len(every) - MOST_ROWS} more."] if len(every) > MOST_ROWS else []
    yield f"### {title}"
    yield "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *shown, *left])


def _plain(row: tuple[str, ...]) -> tuple[str, ...]:
    """What is code in prose is shown as it is in a cell."""
    return tuple(cell.replace("`", "") for cell in row)


def _pasted(report: Report) -> Iterator[str]:
    if report.found and report.found.policy:
        yield "### A policy file with all of them"
        yield f"```yaml\n{report.found.policy}\n```"


def _inventory(report: Report) -> Iterator[str]:
    if report.holdings:
        head = ("Id", "Name", "Kind", "Account", "Age", "Last used", "Made", "Covered by", "Findings")
        yield from _table("Findings", ("Severity", "Finding", "Means"), report.holdings.finding_rows())
        yield from _table("Keys of the account and its organizations", head, report.holdings.rows())


def _keys(report: Report) -> Iterator[tuple[str, ...]]:
    for row in report.keys:
        key = row.key
        age = days(report.finished_at - key.created_at)
        yield str(key.key_id), key.name, row.role or "not ours", age, _last_use(key, report.finished_at)


def _not_shown(report: Report) -> Iterator[str]:
    if report.other_keys:
        yield f"{report.other_keys:,} more keys are alive that are not ours and were not used as lately."


def _last_use(key: LiveKey, now: datetime) -> str:
    if key.last_used_at is None:
        return "never"
    ago = now - key.last_used_at
    when = f"{days(ago)} ago" if ago >= A_MINUTE else "just now"
    return f"{when} from {key.last_used_from}" if key.last_used_from else when


def _place(place: Place, report: Report) -> tuple[str, ...]:
    return place.name, place.state, place.proof or "not known", picked_up(place, report)


def _step(event: Event) -> tuple[str, ...]:
    mark = "✓" if event.ok else "✗"
    return (
        str(event.step),
        event.name,
        event.subject,
        f"{mark} {event.outcome.value}",
        event.detail,
        f"{event.seconds:.2f}",
    )


def _footer(report: Report) -> str:
    took = (report.finished_at - report.started_at).total_seconds()
    facts = [f"Started {report.started_at:%F %T} UTC, took {took:.1f} s"]
    if report.seconds_to_dead is not None:
        facts.append(f"old key dead after {report.seconds_to_dead:.1f} s")
    if report.trigger:
        facts.append(f"why now: {report.trigger}")
    if report.reason:
        facts.append(f"reason given: {report.reason}")
    if report.audit:
        facts.append(f"audit: {report.audit.records} records, head {report.audit.head}")
    if report.alert:
        facts.append(f"alert: {report.alert.did} {report.alert.url}")
    facts += filter(None, [due(report)])
    return f"<sub>{_text(' · '.join(facts))}</sub>"


def _text(text: str) -> str:
    """Keep what came from outside from becoming HTML, a link or an image; our own `code` and **bold** stay."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("[", "\\[")


def _cell(text: str) -> str:
    """The same for a table's cell, where nothing of ours needs Markdown."""
    escaped = re.sub(r"([\\`*_|\[\]~])", r"\\\1", one_line(text, LONGEST_CELL))
    return escaped.replace("&", "&amp;").replace("<", "&lt;") or " "
