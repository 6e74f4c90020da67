"""`doctor`: is everything in place for the next rotation? Reads only, and contacts nobody that a rotation would not."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from rotate.commands.doctor import checks, clocks
from rotate.errors import ExitCode, RotateError, listed
from rotate.protocol.decisions.belonging import settled
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import Dead, NoNotebook, Snapshot
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.story.findings import Checkup, Finding, State, Writes
from rotate.protocol.story.report import Report
from rotate.run.compose import policy_of, world_of
from rotate.run.look import Observer
from rotate.run.world import World
from rotate.settings.context import Context
from rotate.settings.model import App, Login, Place, Settings
from rotate.system import Means
from rotate.systems.github import permissions, protection, workflow_files
from rotate.systems.github import workflow_checks as judged
from rotate.systems.github.address import address_of
from rotate.systems.github.connections import Connections
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.workflow_checks import Protection, Workflow
from rotate.wire.clock import time_of
from rotate.wire.together import begin, together

OF_GITHUB = frozenset({Aspect.NOTEBOOK, Aspect.DESTINATIONS})
Known: TypeAlias = dict[tuple[GitHub, str], Mapping[str, Protection] | RotateError]
NOBODY = Snapshot(issuer=Dead(), previous=None, keys=(), destinations={}, notebook=NoNotebook("", ""))


def examine(
    settings: Settings, context: Context, means: Means, stop: threading.Event, connections: Connections
) -> Report:
    """Look at everything that a rotation of one credential rests on."""
    clock = means.clock
    began = clock.monotonic()
    home = connections.to(settings.github_token, settings.home, settings)
    world = world_of(settings, home, means, stop, connections)
    policy = policy_of(settings, context, clock, tuple(world.destinations))
    try:
        seen = _look(world, policy, given=bool(settings.api_key))
        policy = settled(policy, world.lineage(), seen.note, shared=world.notebook.shared)
        doctor = Doctor(settings, context, connections, clock.now())
        findings = [*clocks.compared(clock.ahead(), seen.source_ahead), *doctor.findings(world, policy, seen)]
        refusals = checks.next_rotation(seen, policy, findings, clock.now()) if settings.api_key else ()
        found = Checkup((*findings, *refusals))
    finally:
        world.close()
    status, code = (Status.REFUSED, ExitCode.REFUSED) if found.problems else (Status.UNCHANGED, ExitCode.DONE)
    times = time_of(clock, began), clock.now()
    report = Report(status, code, found.sentence, *times, policy, found.problems, checkup=found)
    return report.warned(*found.warnings)


def _look(world: World, policy: Policy, *, given: bool) -> Snapshot:
    """Read what a rotation reads before its first effect; without a key, what GitHub alone tells."""
    observer = Observer(world, policy)
    observer.last = NOBODY
    issuer = begin(partial(world.source.identify, world.issuer)) if given else None
    at_hand = None if policy.self_rotation or not given else world.at_hand
    previous = begin(partial(world.source.identify, at_hand)) if at_hand else None
    observer.look(OF_GITHUB | {Aspect.KEYS} if given else OF_GITHUB, world.issuer)
    return replace(observer.seen(), issuer=issuer() if issuer else Dead(), previous=previous() if previous else None)


class Doctor:
    """Tells what was seen, thing by thing."""

    def __init__(self, settings: Settings, context: Context, connections: Connections, now: datetime) -> None:
        self._settings = settings
        self._context = context
        self._server = context.server_url
        self._connections = connections
        self._now = now
        self._known: Known = {}

    def findings(self, world: World, policy: Policy, seen: Snapshot) -> Iterator[Finding]:
        """Give them in the order in which they are told: who asks, where, what is kept, the key, the workflows."""
        settings, login = self._settings, self._settings.github_token
        reached = [(place.token or login, place) for place in settings.places]
        home = [(login, settings.home)] if settings.home else []
        yield from self._tokens([*home, *((one, place.owner) for one, place in reached)])
        yield from self._destinations(reached, seen)
        others = [str(one.address) for one in settings.elsewhere]
        yield from (checks.destination(name, seen.destinations[name], writes=False) for name in others)
        for found in checks.notebook(seen, world.notebook.where, self._may_note(world), policy, self._now):
            yield self._paged(found, login)
        if settings.api_key:
            yield from checks.key(seen, policy, self._now)
        else:
            yield Finding("`api_key`", State.UNKNOWN, "none was given, so Neon was not asked")
        if settings.home:
            yield from self._workflows(self._to(login, settings.home))

    def _may_note(self, world: World) -> Writes:
        settings, login = self._settings, self._settings.github_token
        keeper = settings.organization if world.notebook.shared else settings.home
        if not keeper:
            return False
        return permissions.to_variables(login, self._to(login, settings.home), keeper, self._server)

    def _destinations(self, reached: list[tuple[Login, Place]], seen: Snapshot) -> Iterator[Finding]:
        known = self._protections(
            [(self._to(one, place.owner), place.owner) for one, place in reached if place.environment]
        )
        for one, place in reached:
            github, name = self._to(one, place.owner), address_of(place).label_of(place.secret_name)
            writes = permissions.to_address(one, github, address_of(place), self._server)
            found = known.get((github, place.owner), {})
            more = (
                "what protects it is not known" if isinstance(found, RotateError) else _told(found, place.environment)
            )
            yield self._paged(checks.destination(name, seen.destinations[name], writes, more), one)
        owners = dict.fromkeys(
            (self._to(one, place.owner), place.owner) for one, place in reached if not place.repository
        )
        plans = together(*(partial(protection.plan_of, github, owner) for github, owner in owners))
        # Why one was not told, an App that is not installed there say, the destination's own finding says.
        told = ((owner, name) for (_, owner), name in zip(owners, plans, strict=True) if isinstance(name, str))
        yield from (judged.plan(owner, name) for owner, name in told if name)

    def _protections(self, asked: Iterable[tuple[GitHub, str]]) -> Known:
        """Give how the environments of each repository are protected, which is read once."""
        wanted = dict.fromkeys(asked)
        where = [one for one in wanted if one not in self._known]
        found = together(*(partial(protection.protections, github, repository) for github, repository in where))
        self._known.update(zip(where, found, strict=True))
        return {one: self._known[one] for one in wanted}

    def _tokens(self, used: list[tuple[Login, str]]) -> Iterator[Finding]:
        owners: dict[GitHub, tuple[Login, list[str]]] = {}
        for login, owner in used:
            owners.setdefault(self._to(login, owner), (login, []))[1].append(owner)
        for github, (login, names) in owners.items():
            whose = sorted({name.partition("/")[0] for name in names}) if isinstance(login, App) else names
            yield permissions.token(login, github, listed(tuple(dict.fromkeys(whose))), self._now)

    def _workflows(self, github: GitHub) -> Iterator[Finding]:
        home = self._settings.home
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

    def _environments(self, github: GitHub, found: Sequence[Workflow]) -> Iterator[Finding]:
        used = [(one, name) for one in found for name in one.environments]
        known = self._protections((github, self._settings.home) for _ in used)
        for told in known.values():
            for one, name in used:
                yield judged.environment(one, name, told if isinstance(told, RotateError) else told.get(name.lower()))

    def _to(self, login: Login, owner: str) -> GitHub:
        return self._connections.to(login, owner, self._settings)

    def _paged(self, one: Finding, login: Login) -> Finding:
        return replace(one, error=permissions.with_page(one.error, login, self._server)) if one.error else one


def _told(found: Mapping[str, Protection], environment: str) -> str:
    """Say what protects an environment, if that is known of it."""
    return str(found.get(environment.lower(), ""))
