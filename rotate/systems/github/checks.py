"""What GitHub tells `doctor`: of tokens, of the right to write, of what surrounds a place, and of workflows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from rotate.context import Context
from rotate.errors import RotateError, listed
from rotate.line import Checks
from rotate.protocol.story.findings import Finding, State, Writes
from rotate.systems.github import permissions, protection, workflow_files
from rotate.systems.github import workflow_checks as judged
from rotate.systems.github.connections import Connections
from rotate.systems.github.settings.model import App, AtGitHub, Login, Place
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.workflow_checks import Protection, Workflow
from rotate.wire.together import together

Known: TypeAlias = dict[tuple[GitHub, str], Mapping[str, Protection] | RotateError]


class GitHubChecks(Checks):
    """Looks at what a rotation of one credential rests on at GitHub; it reads alone."""

    def __init__(self, settings: AtGitHub, context: Context, connections: Connections, now: datetime) -> None:
        self._settings = settings
        self._context = context
        self._server = context.server_url
        self._connections = connections
        self._now = now
        self._known: Known = {}
        self._reached: dict[str, tuple[Login, Place]] = {
            place.name: (place.token or settings.github_token, place) for place in settings.places
        }

    def tokens(self) -> Iterator[Finding]:
        """Say of each token, and of each installation, what GitHub told of it."""
        home = [(self._settings.github_token, self._settings.home)] if self._settings.home else []
        used = [*home, *((login, place.owner) for login, place in self._reached.values())]
        owners: dict[GitHub, tuple[Login, list[str]]] = {}
        for login, owner in used:
            owners.setdefault(self._to(login, owner), (login, []))[1].append(owner)
        for github, (login, names) in owners.items():
            whose = sorted({name.partition("/")[0] for name in names}) if isinstance(login, App) else names
            yield permissions.token(login, github, listed(tuple(dict.fromkeys(whose))), self._now)

    def destinations(self) -> dict[str, tuple[Writes, str]]:
        """Give of each destination, by its name, whether it may be written, and what else is to be known of it."""
        inside = [(self._to(login, one.owner), one.owner) for login, one in self._reached.values() if one.environment]
        known = self._protections(inside)
        told = {}
        for name, (login, place) in self._reached.items():
            github = self._to(login, place.owner)
            found = known.get((github, place.owner), {})
            more = "what protects it is not known"
            if not isinstance(found, RotateError):
                more = str(found.get(place.environment.lower(), ""))
            told[name] = permissions.to_address(login, github, place.address, self._server), more
        return told

    def plans(self) -> Iterator[Finding]:
        """Say on which plan an organization is that holds a destination, where it matters."""
        alone = ((login, place.owner) for login, place in self._reached.values() if not place.repository)
        owners = dict.fromkeys((self._to(login, owner), owner) for login, owner in alone)
        plans = together(*(partial(protection.plan_of, github, owner) for github, owner in owners))
        # Why one was not told, an App that is not installed there say, the destination's own finding says.
        told = ((owner, name) for (_, owner), name in zip(owners, plans, strict=True) if isinstance(name, str))
        yield from (judged.plan(owner, name) for owner, name in told if name)

    def notebook(self, *, shared: bool) -> Writes:
        """Say whether note and lock may be written, the organization's where they are `shared`."""
        settings, login = self._settings, self._settings.github_token
        keeper = settings.organization if shared else settings.home
        return permissions.to_variables(login, self._to(login, settings.home), keeper, self._server)

    def workflows(self) -> Iterator[Finding]:
        """Say how the workflows of the home that rotate exclude each other, are started, and wait for people."""
        home = self._settings.home
        if not home:
            return
        github = self._to(self._settings.github_token, home)
        (found,) = together(partial(workflow_files.workflows, github, home, self._context.action_repository))
        about = f"Workflows of {home}"
        if isinstance(found, RotateError):
            yield Finding(about, State.UNKNOWN, found.message, judged.unread(found))
        elif not found:
            yield Finding(about, State.UNKNOWN, "none of them uses this action")
        else:
            timed = [one for one in found if one.crons]
            timers = together(*(partial(workflow_files.timer, github, home, one.path) for one in timed))
            (activity,) = together(partial(workflow_files.activity, github, home))
            for one in found:
                yield from judged.concurrency(one)
            for one, state in zip(timed, timers, strict=True):
                yield judged.schedule(one, state, activity, self._now)
            yield from self._environments(github, found)

    def paged(self, one: Finding, name: str = "") -> Finding:
        """Add to a finding of a destination, or of the notebook, the page where the token's permissions are set."""
        login, _ = self._reached.get(name, (self._settings.github_token, None))
        return replace(one, error=permissions.with_page(one.error, login, self._server)) if one.error else one

    def _protections(self, asked: Iterable[tuple[GitHub, str]]) -> Known:
        """Give how the environments of each repository are protected, which is read once."""
        wanted = dict.fromkeys(asked)
        where = [one for one in wanted if one not in self._known]
        found = together(*(partial(protection.protections, github, repository) for github, repository in where))
        self._known.update(zip(where, found, strict=True))
        return {one: self._known[one] for one in wanted}

    def _environments(self, github: GitHub, found: Sequence[Workflow]) -> Iterator[Finding]:
        used = [(one, name) for one in found for name in one.environments]
        known = self._protections((github, self._settings.home) for _ in used)
        for told in known.values():
            for one, name in used:
                yield judged.environment(one, name, told if isinstance(told, RotateError) else told.get(name.lower()))

    def _to(self, login: Login, owner: str) -> GitHub:
        return self._connections.to(login, owner, self._settings)
