"""`find`: where a secret is, and who mentions it. Reads only, and needs no Neon key."""

from __future__ import annotations

from functools import reduce

from rotate.commands.find.found import Found
from rotate.context import Context
from rotate.errors import ExitCode, RotateError
from rotate.line import Seen
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Report, without_contact
from rotate.run.compose import policy_of
from rotate.run.lines import Lines
from rotate.settings.model import Settings
from rotate.wire.clock import time_of


def find(settings: Settings, context: Context, lines: Lines) -> Report:
    """Look at everything that the credentials in the environment and in the inputs reach."""
    clock = lines.means.clock
    began = clock.monotonic()
    named = [place.names_credential for place in settings.places if place.names_credential]
    names = tuple(dict.fromkeys(named or [settings.credential]))
    try:
        seen = reduce(Seen.and_also, (line.find(settings, names) for line in lines.of(settings)))
    except RotateError as error:
        return without_contact((error,), time_of(clock, began), clock.now())
    found = Found(names, seen.repositories, seen.secrets, seen.mentions, seen.missing)
    policy = policy_of(settings, context, clock, ())
    times = time_of(clock, began), clock.now()
    report = Report(Status.UNCHANGED, ExitCode.DONE, found.sentence, *times, policy, found=found.told())
    return report.warned(*seen.unread)
