"""`find`: where a secret is, and who mentions it. Reads only, and needs no Neon key."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from rotate.commands.find.found import Found
from rotate.context import Context
from rotate.errors import ExitCode, RotateError
from rotate.line import Line, Seen
from rotate.ports import Notebook
from rotate.problems import Problems
from rotate.protocol.facts.found import Generation, Wanted
from rotate.protocol.facts.model import NoNotebook
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Report, without_contact
from rotate.registry import USUAL, reached
from rotate.run.compose import policy_of
from rotate.run.lines import Lines
from rotate.run.seals import note_in
from rotate.settings.model import Settings
from rotate.settings.places import keeper
from rotate.wire.clock import time_of


def find(settings: Settings, context: Context, lines: Lines) -> Report:
    """Look at everything that the credentials in the environment and in the inputs reach."""
    clock = lines.means.clock
    began = clock.monotonic()
    named = [place.names_credential for place in settings.places if place.names_credential]
    names = tuple(dict.fromkeys(named or [settings.credential]))
    reach = [kind for kind in reached(lines.means.environment) if kind not in settings.kinds]
    ours, others = list(lines.of(settings)), list(lines.named(reach))
    # GitHub shows no value: where it is asked alone, there is nothing to compare.
    compares = bool(others or set(settings.kinds) - {USUAL})
    kept = replace(settings, keeper=keeper(settings.places, context, Problems()))
    wanted = Wanted(names, _known(kept, ours) if compares else {})
    try:
        seen = reduce(Seen.and_also, (line.find(settings, wanted) for line in (*ours, *others)))
    except RotateError as error:
        return without_contact((error,), time_of(clock, began), clock.now())
    found = Found(wanted, seen.repositories, seen.secrets, seen.mentions, seen.missing)
    policy = policy_of(settings, context, clock, ())
    times = time_of(clock, began), clock.now()
    report = Report(Status.UNCHANGED, ExitCode.DONE, found.sentence, *times, policy, found=found.told())
    return report.warned(*seen.unread)


def _known(settings: Settings, lines: Sequence[Line]) -> dict[str, Generation]:
    """Give the fingerprints of the keys of the lineage: of the value that was given, and those that the note has."""
    known: dict[str, Generation] = {}
    for line in lines:
        notebook = line.attach(settings, threading.Event()).notebook
        if notebook:
            known |= _noted(notebook)
    given = settings.at_hand
    return known | ({given.fingerprint: Generation.CURRENT} if given else {})


def _noted(notebook: Notebook) -> dict[str, Generation]:
    """Read the note. Where it cannot be read, what holds a key is told by its name alone."""
    try:
        pages = notebook.read()
    except RotateError:
        return {}
    if isinstance(pages, NoNotebook) or pages.note is None:
        return {}
    note = note_in(pages.note, notebook.where[0], (), "").note
    if note is None:
        return {}
    known = dict.fromkeys(note.fingerprints().values(), Generation.PREVIOUS)
    newest = [one for one in (note.pending, note.confirmed) if one]
    return known | {one.fingerprint: Generation.CURRENT for one in newest}
