"""`inventory`: every key in reach, what covers it, and what stands out. Changes nothing at Neon."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rotate.context import Context
from rotate.errors import DestinationError, ExitCode, RotateError
from rotate.line import Attached
from rotate.ports import Notebook, Scrub
from rotate.protocol.facts.holdings import Account
from rotate.protocol.facts.model import NoNotebook, Scope
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.note import Note
from rotate.protocol.facts.policy import Policy
from rotate.protocol.story.holdings import Holdings, in_order_of_risk
from rotate.protocol.story.report import Report, without_contact
from rotate.protocol.story.risks import Cover, judge
from rotate.registry import system
from rotate.reporters.report_file import write_whole
from rotate.run.compose import policy_of
from rotate.run.joined import joined
from rotate.run.lines import Lines
from rotate.run.seals import note_in
from rotate.settings.model import DEFAULT_POLICY, Settings
from rotate.systems.neon.account import Reached, accounts
from rotate.wire import journal
from rotate.wire.clock import time_of

NAME = "inventory"
UNWRITTEN = "Let `{name}` name a file in the workspace that can be written; the JSON report has the same."


def survey(every: Sequence[Settings], context: Context, scrub: Scrub, lines: Lines) -> Report:
    """Look at everything that the keys of all credentials reach, and give one report of it."""
    clock, first = lines.means.clock, every[0]
    began = clock.monotonic()
    given = {one.credential: _attached(one, lines) for one in every}
    policy = _policy(first, context, lines)
    unread: list[RotateError] = []
    reached = _reached(every, lines)
    if not reached.accounts:
        report = replace(without_contact(reached.unread, time_of(clock, began), clock.now()), policy=policy)
        return _alerted(report, every, policy, given, context, scrub)
    covers = [_cover(one, given[one.credential], every, unread) for one in every]
    limits = [one.max_age for one in every if one.max_age]
    keys = [judged for one in reached.accounts for judged in judge(one, covers, max(limits, default=None), clock.now())]
    holdings = Holdings(reached.accounts, in_order_of_risk(keys), clock.now(), DEFAULT_POLICY)
    problems = holdings.refusals(first.fail_on)
    status, code = (Status.REFUSED, ExitCode.REFUSED) if problems else (Status.UNCHANGED, ExitCode.DONE)
    times = time_of(clock, began), clock.now()
    report = Report(status, code, holdings.sentence, *times, policy, problems, holdings=holdings)
    report = report.warned(*reached.unread, *unread, *_written(holdings, first, context, scrub))
    return _alerted(report, every, policy, given, context, scrub)


def _attached(settings: Settings, lines: Lines) -> Attached:
    """Open what keeps the note and the issues; no place is asked for anything."""
    kind = settings.keeper.kind if settings.keeper else ""
    known = replace(settings, places=tuple(one for one in settings.places if one.kind == kind and not one.patterned))
    return joined([line.attach(known, threading.Event()) for line in lines.of(known)])


def _policy(first: Settings, context: Context, lines: Lines) -> Policy:
    """The alert of an inventory is its own: it is about an account, and about no credential."""
    return policy_of(replace(first, credential=NAME, key_name=NAME), context, lines.means.clock, ())


def _reached(every: Sequence[Settings], lines: Lines) -> Reached:
    """Ask with each key once, and keep each account once."""
    found: dict[str, Account] = {}
    unread: list[RotateError] = []
    for key in dict.fromkeys(one.api_key for one in every):
        source = accounts(every[0].api_host, lines.means.clock, lines.means.network)
        try:
            reached = source.reached(key)
        except RotateError as error:
            reached = Reached(unread=(error,))
        finally:
            source.close()
        found = {one.account_id: one for one in reached.accounts} | found
        unread += reached.unread
    return Reached(tuple(found.values()), tuple(dict.fromkeys(unread)))


def _cover(settings: Settings, given: Attached, every: Sequence[Settings], unread: list[RotateError]) -> Cover:
    """Say which keys are those of a credential: by the note, by their names, and by what a person says."""
    note = None
    if given.notebook:
        try:
            note = _noted(given.notebook)
        except RotateError as error:
            unread.append(error)
    known = given.lineage() or settings.lineage(settings.keeper.number if settings.keeper else 0)
    named = (note.pending, note.confirmed, *note.previous) if note else ()
    ids = {one.key_id for one in named if one} | ({settings.old_key_id} if settings.old_key_id else set())
    return Cover(
        settings.credential,
        known,
        settings.scope,
        frozenset(ids),
        settings.max_age,
        # What lies in the files of a person's own machine is used by that person.
        any(system(one.kind).sightings is None for one in settings.places) and not _mints(settings, every),
    )


def _mints(settings: Settings, every: Sequence[Settings]) -> bool:
    """Say whether a credential's key issues those of another: only a personal key can (facts: Neon §2)."""
    return any(one.api_key == settings.at_hand for one in every if one.scope is not Scope.PERSONAL)


def _noted(notebook: Notebook) -> Note | None:
    pages = notebook.read()
    if isinstance(pages, NoNotebook) or pages.note is None:
        return None
    return note_in(pages.note, notebook.where[0], (), "").note


def _written(holdings: Holdings, settings: Settings, context: Context, scrub: Scrub) -> Iterator[RotateError]:
    """Write the files that were asked for, and say which could not be."""

    def sarif() -> str:
        from rotate.reporters.sarif import document

        return json.dumps(document(holdings), indent=2) + "\n"

    def html() -> str:
        from rotate.reporters.inventory_page import page

        return page(holdings)

    wanted: dict[str, tuple[str, Callable[[], str]]] = {"sarif": (settings.sarif, sarif), "html": (settings.html, html)}
    for name, (file, text) in wanted.items():
        try:
            if file:
                path = journal.within(Path(context.workspace), file) if context.in_actions else Path(file)
                write_whole(path, scrub(text()))
        except OSError as error:
            message = f"`{name}` could not be written: {error.strerror}."
            yield DestinationError("report-not-written", message, UNWRITTEN.format(name=name))


def _alerted(
    report: Report,
    every: Sequence[Settings],
    policy: Policy,
    given: dict[str, Attached],
    context: Context,
    scrub: Scrub,
) -> Report:
    """Keep one issue open while a finding is there that the run fails on, where any credential asks for it."""
    wanting = [one for one in every if one.alert_issue]
    if not wanting:
        return report
    from rotate.reporters.alert_issue import AlertIssue

    home = wanting[0].keeper.where if wanting[0].keeper else ""
    page = f"{context.server_url}/{home}/issues"
    return AlertIssue(given[wanting[0].credential].issues(), page, policy, scrub, context.docs).conclude(report)
