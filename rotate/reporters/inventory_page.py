"""The inventory as one page of HTML with a timeline of keys: no script, nothing loaded from anywhere.

Names are written by whoever may make a key, so each text is escaped, and the page's own policy (CSP) allows its one
style sheet and nothing else: what slipped through could neither run nor load anything.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import islice

from rotate.errors import counted, one_line
from rotate.protocol.decisions.triggers import days
from rotate.protocol.story.holdings import Holdings, kind_of, last_use, made
from rotate.protocol.story.risks import Flag, Judged
from rotate.reporters.inventory_style import STYLE

MOST_ROWS = 1000
# The timeline's picture, in its own units; what it shows stays inside of the margin.
WIDTH, HEIGHT, MARGIN = 320, 26, 6
A_DAY = timedelta(days=1)
# How far apart the lines of the scale may be: the first that gives no more than so many lines counts.
STEPS, MOST_LINES = (1, 7, 30, 91, 182, 365, 730, 1825, 3650), 6


@dataclass(frozen=True, slots=True)
class Scale:
    """From a time to a place in the picture."""

    first: datetime
    last: datetime

    def at(self, moment: datetime) -> float:
        """Give where a time is, within the picture."""
        share = (moment - self.first) / max(self.last - self.first, A_DAY)
        return round(MARGIN + (WIDTH - 2 * MARGIN) * min(max(share, 0.0), 1.0), 1)

    def lines(self) -> list[datetime]:
        """Give the times of the scale's lines, the last of which is now."""
        span = (self.last - self.first).days
        step = next((step for step in STEPS if span // step < MOST_LINES), STEPS[-1])
        return [self.last - number * step * A_DAY for number in range(min(span // step, MOST_LINES - 1) + 1)]


def page(holdings: Holdings) -> str:
    """Give the whole page."""
    return "\n".join(_page(holdings)) + "\n"


def _page(holdings: Holdings) -> Iterator[str]:
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{allowed}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Neon API keys</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"
    seen = f"{_text(holdings.sentence)}. Seen {_moment(holdings.seen_at)}."
    yield f"<header><h1>Neon API keys</h1>\n<p>{seen}</p></header>"
    yield from _findings(holdings)
    yield from _accounts(holdings)
    yield from _keys(holdings)
    yield "</main>\n</body>\n</html>"


def _findings(holdings: Holdings) -> Iterator[str]:
    yield '<section>\n<h2>What stands out</h2>\n<ul class="findings">'
    for risk, count in holdings.counts.items():
        yield f'<li><span class="badge {risk.severity}">{risk}: {count:,}</span> {_prose(risk.rule.title)}. '
        yield f"<em>{_prose(risk.rule.remedy)}</em></li>"
    yield "</ul>" if holdings.counts else "</ul>\n<p>Nothing.</p>"
    yield "</section>"


def _accounts(holdings: Holdings) -> Iterator[str]:
    yield "<section>\n<h2>Accounts</h2>\n<ul>"
    for one in holdings.accounts:
        kind = "user" if one.personal else "organization"
        name = f" ({_text(one.name)})" if one.name and one.name != one.account_id else ""
        people = "" if one.personal else f", {_members(one.members)}"
        yield f"<li><code>{_text(one.account_id)}</code>{name}: {kind}, {counted(len(one.keys), 'key')}{people}</li>"
    yield "</ul>\n</section>"


def _members(members: frozenset[str] | None) -> str:
    return "members not told" if members is None else counted(len(members), "member")


def _keys(holdings: Holdings) -> Iterator[str]:
    if not holdings.keys:
        return
    first = min(one.held.key.created_at for one in holdings.keys)
    scale = Scale(first, holdings.seen_at)
    yield "<section>\n<h2>Keys, the riskiest first</h2>"
    yield '<p class="legend">The thick part of a line ends at the last use, and the thin part at now; a hollow dot: '
    yield "never used.</p>"
    yield f"<table>\n<thead><tr><th>Key</th><th>Made</th><th>Last used</th><th>{_axis(scale)}</th>"
    yield "<th>What stands out</th></tr></thead>\n<tbody>"
    for one in islice(holdings.keys, MOST_ROWS):
        yield _row(one, scale)
    yield "</tbody>\n</table>"
    if len(holdings.keys) > MOST_ROWS:
        yield f"<p>… and {len(holdings.keys) - MOST_ROWS:,} more, which the JSON report has.</p>"
    yield "</section>"


def _row(one: Judged, scale: Scale) -> str:
    key = one.held.key
    covered = f"covered by {_text(one.credential)}" if one.credential else "no credential"
    cells = (
        f"<strong>{_text(key.name)}</strong><small>{key.key_id}, {_text(kind_of(one))}<br>{_text(one.account)}</small>",
        f"{days(scale.last - key.created_at)} ago<small>{_text(made(one))}<br>{covered}</small>",
        _text(last_use(key, scale.last)),
        _bar(one, scale),
        "".join(_badge(flag) for flag in one.flags),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _badge(flag: Flag) -> str:
    return f'<p><span class="badge {flag.risk.severity}">{flag.risk}</span> {_prose(flag.told)}</p>'


def _picture(label: str, height: int, *parts: str) -> str:
    head = f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{label}">'
    return f"{head}{''.join(parts)}</svg>"


def _axis(scale: Scale) -> str:
    form = "%Y" if (scale.last - scale.first).days > STEPS[-4] * MOST_LINES else "%b %Y"
    form = "%d %b" if (scale.last - scale.first).days <= STEPS[1] * MOST_LINES else form
    shown = scale.lines()
    texts = [
        f'<text class="axis" x="{scale.at(moment)}" y="14" text-anchor="{"end" if number == 0 else "middle"}">'
        f"{'now' if number == 0 else moment.strftime(form)}</text>"
        for number, moment in enumerate(shown)
        if number == 0 or MARGIN * 4 < scale.at(moment) < WIDTH - MARGIN * 8
    ]
    return _picture("Time", 18, *texts)


def _bar(one: Judged, scale: Scale) -> str:
    key, middle = one.held.key, HEIGHT // 2
    begin, end = scale.at(key.created_at), scale.at(scale.last)
    worst = one.flags[0].risk.severity.value if one.flags else "well"
    grid = [f'<path class="grid" d="M{scale.at(moment)} 0V{HEIGHT}"/>' for moment in scale.lines()]
    parts = [*grid, f'<path class="life {worst}" d="M{begin} {middle}H{end}"/>']
    if key.last_used_at is not None:
        used = scale.at(key.last_used_at)
        parts.append(f'<path class="used {worst}" d="M{begin} {middle}H{used}"/>')
        parts.append(f'<circle class="dot {worst}" cx="{used}" cy="{middle}" r="4"/>')
    else:
        parts.append(f'<circle class="hollow {worst}" cx="{begin}" cy="{middle}" r="4"/>')
    label = f"made {key.created_at:%F}, last used {f'{key.last_used_at:%F}' if key.last_used_at else 'never'}"
    return _picture(label, HEIGHT, f"<title>{label}</title>", *parts)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%F %H:%M} UTC"


def _prose(text: str) -> str:
    """What is code in prose is shown as it is."""
    return _text(text.replace("`", ""))


def _text(text: str) -> str:
    """Escape a text from elsewhere, and let its letters order nothing around it."""
    return f"<bdi>{escape(one_line(text, 500))}</bdi>"
