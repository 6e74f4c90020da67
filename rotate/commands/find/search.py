"""`find`: where a secret is, and who mentions it. Reads only, and needs no Neon key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rotate.commands.find.found import Found
from rotate.errors import ExitCode, RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Report, without_contact
from rotate.registry import system
from rotate.run.compose import policy_of
from rotate.settings.context import Context
from rotate.settings.model import Settings
from rotate.system import System
from rotate.systems.github.connections import Connections
from rotate.systems.github.everywhere import everything
from rotate.wire.clock import time_of


def find(settings: Settings, context: Context, means: Means, connections: Connections) -> Report:
    """Look at everything that the tokens of one credential reach."""
    clock = means.clock
    began = clock.monotonic()
    names = tuple(dict.fromkeys([place.secret_name for place in settings.places] or [settings.credential]))
    try:
        github = everything(settings, names, connections)
        others = [one for kind in _kinds(settings) for one in _elsewhere(kind, settings, names, means)]
    except RotateError as error:
        return without_contact((error,), time_of(clock, began), clock.now())
    seen = {one.address for one in others}
    missing = (str(one.address) for one in settings.elsewhere if str(one.address) not in seen)
    secrets, lost = (*github.secrets, *others), (*github.missing, *missing)
    found = Found(names, github.repositories, secrets, github.mentions, lost)
    policy = policy_of(settings, context, clock, ())
    times = time_of(clock, began), clock.now()
    report = Report(Status.UNCHANGED, ExitCode.DONE, found.sentence, *times, policy, found=found.told())
    return report.warned(*github.unread)


def _kinds(settings: Settings) -> list[System]:
    """Give the systems beside GitHub that hold a destination, each once."""
    return [system(kind) for kind in dict.fromkeys(one.address.kind for one in settings.elsewhere)]


def _elsewhere(kind: System, settings: Settings, names: tuple[str, ...], means: Means) -> Iterator[FoundSecret]:
    """Look beside the destinations of one system, where it can list what it has."""
    ours = [one.address for one in settings.elsewhere if one.address.kind == kind.kind]
    known = {str(address) for address in ours}
    if kind.find:
        for one in kind.find(ours, names, means):
            yield replace(one, configured=one.address in known)
