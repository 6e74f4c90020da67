"""What GitHub brings to a run: its destinations, the notebook, who runs and reads, and every look that it needs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from rotate.line import Attached, Issues
from rotate.ports import Clock, Destination
from rotate.protocol.facts.policy import Command
from rotate.settings.model import Settings
from rotate.systems.github import budget
from rotate.systems.github.address import account_of, former_name, present_name
from rotate.systems.github.budget import Directories
from rotate.systems.github.canary import WorkflowCanary
from rotate.systems.github.connections import Connections
from rotate.systems.github.notes.notebook import GitHubVariables, HurriedVariables, Number
from rotate.systems.github.notes.variables import Variables
from rotate.systems.github.runs import LiveRuns
from rotate.systems.github.secrets import looks
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.settings.model import AtGitHub, Place
from rotate.systems.github.stores import SELECTED
from rotate.systems.github.wire.client import GitHub

if TYPE_CHECKING:
    from rotate.protocol.facts.known_places import FormerNames

# So many repositories of one owner are looked up in its list.
LISTED = 30
# So many places count as many: a run that has begun to write them stays for what a rate limit asks to wait.
MANY, PATIENCE = 10, 90.0


def attach(settings: AtGitHub, clock: Clock, stop: threading.Event, connections: Connections) -> Attached:
    """Build them; nothing is contacted. Nobody asks GitHub without a login."""
    if not settings.github_token:
        return Attached()
    home = connections.to(settings.github_token, settings.home, settings)
    reached = _reached(settings, connections)
    directories = _directories(reached)
    requests = partial(budget.requests, settings.asked, reached, directories)
    lasting = partial(budget.lasting, settings.pace, requests)
    if len(reached) >= MANY:
        patience = lasting() + PATIENCE
        for github in {home, *(github for github, _ in reached)}:
            github.stay(patience)
    destinations = tuple(_destination(*one, settings.asked, clock, directories) for one in reached)
    number = Number(home, settings.home, settings.number)
    asked = settings.asked
    shared = Variables(reached[0][0], settings.organization) if settings.organization else None
    return Attached(
        destinations=destinations,
        notebook=_variables(asked)(home, settings.home, asked.credential, number, shared) if settings.home else None,
        readers=LiveRuns([(github, place.address, place.secret_name) for github, place in reached]),
        canary=WorkflowCanary(*_canary_home(reached, settings.home, home), clock, stop.is_set),
        lasting=lasting,
        cautions=partial(connections.expiring, {settings.home: home} | {place.owner: one for one, place in reached}),
        shadows=partial(looks.shadows, reached, lambda github: sum(requests()[github])),
        lineage=lambda: asked.lineage(number.known),
        holders=partial(looks.holders, reached, exposed=asked.exposure is not None),
        neighbours=partial(looks.neighbours, reached, (home, settings.home)),
        former_names=partial(_former_names, destinations),
        issues=partial(_issues, home, settings.home),
    )


def _issues(home: GitHub, repository: str) -> Issues:
    """Open the issues, where somebody is to be alerted."""
    from rotate.systems.github.issues import RepositoryIssues

    return RepositoryIssues(home, repository)


def _former_names(destinations: Sequence[Destination]) -> FormerNames:
    """Tell what notes of earlier versions call the places; made where a note is read."""
    from rotate.protocol.facts.known_places import FormerNames

    return FormerNames(present_name, lambda: {former_name(one.name): one.name for one in destinations})


def _destination(
    github: GitHub, place: Place, settings: Settings, clock: Clock, directories: Directories
) -> GitHubSecret:
    return GitHubSecret(
        github,
        replace(place.address, reads_only=settings.command is Command.CHECK),
        place.secret_name,
        clock,
        visibility=_visibility(place, settings),
        directory=directories.get((github, account_of(place.owner))),
    )


def _variables(settings: Settings) -> type[GitHubVariables]:
    return HurriedVariables if settings.exposure else GitHubVariables


def _visibility(place: Place, settings: Settings) -> str:
    """An exposed key dies once its successor is stored, be it where nobody reads it yet."""
    return place.visibility or (SELECTED if settings.exposure else "")


def _canary_home(reached: Sequence[tuple[GitHub, Place]], home: str, github: GitHub) -> tuple[GitHub, str]:
    """Give where the canary runs: the first repository that holds the secret, else the workflow's own."""
    return next(((reach, place.repository) for reach, place in reached if place.repository), (github, home))


def _reached(settings: AtGitHub, connections: Connections) -> list[tuple[GitHub, Place]]:
    """Give each place with the connection through which it is reached.

    Each is asked for once: that of an App looks through all places for what it will need.
    """
    to = cache(partial(connections.to, settings=settings))
    login = settings.github_token
    return [(to(place.token or login, place.owner.partition("/")[0]), place) for place in settings.places]


def _directories(reached: Sequence[tuple[GitHub, Place]]) -> Directories:
    """Give who tells how the repositories of an owner stand, wherever there are many."""
    counts = Counter((github, account_of(place.owner)) for github, place in reached if place.repository)
    many = {who: count for who, count in counts.items() if count >= LISTED}
    if not many:
        return {}
    from rotate.systems.github.repositories.directory import Directory

    return {(github, owner): Directory(github, owner, count) for (github, owner), count in many.items()}
