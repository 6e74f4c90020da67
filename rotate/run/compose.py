"""Settings in, live objects out: the only constructor of adapters."""

from __future__ import annotations

import secrets
import string
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from rotate.ports import Clock, Hide, Keeper, Notebook, Reporter, Scrub
from rotate.protocol.facts.known_places import FormerNames
from rotate.protocol.facts.marker import NONCE_LENGTH
from rotate.protocol.facts.policy import Command, Policy, Run
from rotate.run import drawing
from rotate.run.engine import Engine
from rotate.run.nowhere import PLACELESS, TOKENLESS, Nowhere
from rotate.run.world import World
from rotate.settings.model import Context, Place, Settings
from rotate.systems.github import budget
from rotate.systems.github.address import account_of, address_of, former_name, present_name
from rotate.systems.github.budget import Directories
from rotate.systems.github.canary import WorkflowCanary
from rotate.systems.github.connections import Connections
from rotate.systems.github.notes.hurried import HurriedVariables
from rotate.systems.github.notes.notebook import GitHubVariables
from rotate.systems.github.notes.variables import Variables
from rotate.systems.github.repositories.identity import Number
from rotate.systems.github.runs import LiveRuns
from rotate.systems.github.secrets import looks
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.stores import SELECTED
from rotate.systems.github.wire.client import GitHub
from rotate.systems.neon import api_key

LEASE = timedelta(minutes=15)
# So many repositories of one owner are looked up in its list.
LISTED = 30
# So many places count as many: a run that has begun to write them stays for what a rate limit asks to wait.
MANY, PATIENCE = 10, 90.0
ALPHABET = string.ascii_lowercase + string.digits


def compose(
    settings: Settings,
    context: Context,
    reporters: Sequence[Reporter],
    hide: Hide,
    scrub: Scrub,
    clock: Clock,
    stop: threading.Event,
    connections: Connections,
) -> Engine:
    """Build everything one run needs; nothing is contacted. `connections` are shared by the credentials of one run."""
    home = connections.to(settings.github_token, settings.home, settings)
    world = world_of(settings, home, hide, clock, stop, connections)
    policy = policy_of(settings, context, clock, tuple(world.destinations), 2 * world.lasting())
    return Engine(world, policy, reporters, tuple(_keepers(settings, context, policy, scrub, clock, home)))


def world_of(
    settings: Settings, home: GitHub, hide: Hide, clock: Clock, stop: threading.Event, connections: Connections
) -> World:
    """Build the live objects; nothing is contacted. `home`: the way to the repository that keeps the note."""
    reach = (settings.scope, settings.org_id, settings.project_id)
    source = api_key.build(settings.api_host, clock, *reach, connections.network, settings.from_scope)
    reached = _reached(settings, connections)
    directories = _directories(reached)
    requests = partial(budget.requests, settings, reached, directories)
    lasting = partial(budget.lasting, settings, requests)
    if len(reached) >= MANY:
        patience = lasting() + PATIENCE
        for github in {home, *(github for github, _ in reached)}:
            github.stay(patience)
    destinations = [_destination(*one, settings, clock, directories) for one in reached]
    number = Number(home, settings.home, settings.origin.number)
    shared = Variables(reached[0][0], settings.organization) if settings.organization else None
    notebook: Notebook = _variables(settings)(home, settings.home, settings.credential, number, shared)
    if not (settings.github_token and settings.places):
        destinations, notebook = [], Nowhere(TOKENLESS if settings.places else PLACELESS)
    return World(
        source=source,
        destinations={destination.name: destination for destination in destinations},
        notebook=notebook,
        readers=LiveRuns([(github, address_of(place), place.secret_name) for github, place in reached]),
        canary=WorkflowCanary(*_canary_home(reached, settings.home, home), clock, stop.is_set),
        clock=clock,
        hide=hide,
        stop=stop,
        issuer=settings.api_key,
        at_hand=settings.at_hand,
        close=source.close,
        lasting=lasting,
        matrix=partial(_matrix, lasting),
        cautions=partial(connections.expiring, {settings.home: home} | {place.owner: one for one, place in reached}),
        shadows=partial(looks.shadows, reached, lambda github: sum(requests()[github])),
        lineage=lambda: settings.lineage(number.known),
        holders=partial(looks.holders, reached, exposed=settings.exposure is not None),
        former_names=FormerNames(present_name, {former_name(one.name): one.name for one in destinations}),
        neighbours=partial(looks.neighbours, reached, (home, settings.home)),
    )


def _destination(
    github: GitHub, place: Place, settings: Settings, clock: Clock, directories: Directories
) -> GitHubSecret:
    return GitHubSecret(
        github,
        replace(address_of(place), reads_only=settings.command is Command.CHECK),
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


def _keepers(
    settings: Settings, context: Context, policy: Policy, scrub: Scrub, clock: Clock, home: GitHub
) -> Iterator[Keeper]:
    """Give who keeps the story outside the run: the audit first, since an alert takes requests and so time."""
    if settings.audit:
        from rotate.protocol.story.records import Actor, Scribe
        from rotate.reporters.audit_json import AuditFile

        scribe = Scribe(policy, Actor(context.actor, context.triggering_actor), settings.reason, scrub)
        yield AuditFile(Path(context.workspace), settings.audit, scribe, clock.now())
    if settings.alert_issue:
        from rotate.reporters.alert_issue import AlertIssue
        from rotate.systems.github.issues import RepositoryIssues

        issues = RepositoryIssues(home, settings.home) if settings.github_token else None
        yield AlertIssue(issues, f"{context.server_url}/{settings.home}/issues", policy, scrub, context.docs)


def _matrix(lasting: Callable[[], float]) -> str:
    from rotate.settings.shards import matrix

    return matrix(lasting())


def _canary_home(reached: Sequence[tuple[GitHub, Place]], home: str, github: GitHub) -> tuple[GitHub, str]:
    """Give where the canary runs: the first repository that holds the secret, else the workflow's own."""
    return next(((reach, place.repository) for reach, place in reached if place.repository), (github, home))


def _reached(settings: Settings, connections: Connections) -> list[tuple[GitHub, Place]]:
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


def policy_of(
    settings: Settings, context: Context, clock: Clock, destinations: tuple[str, ...], lasting: float = 0.0
) -> Policy:
    """Reduce what was asked to what decisions need. `lasting`: how many seconds the writes may take.

    The lineage is at home in the repository that keeps its note. A runner knows that one's number and a laptop asks
    for it, so that both mean the same keys.
    """
    canary = settings.canary.wait if settings.canary else timedelta()
    waits = settings.overlap.wait + canary + drawing.lasting(settings)
    return Policy(
        command=settings.command,
        scope=settings.scope,
        lineage=settings.lineage(settings.origin.number),
        destinations=destinations,
        run=_run(context, clock),
        self_rotation=settings.self_rotation,
        org_id=settings.org_id,
        project_id=settings.project_id,
        value_at_hand=settings.at_hand.fingerprint if settings.at_hand else None,
        old_key_id=settings.old_key_id,
        nothing_before=settings.nothing_before,
        cadence=settings.cadence,
        overlap=settings.overlap,
        canary=settings.canary,
        exposure=settings.exposure,
        on_failure=settings.on_failure,
        max_age=settings.max_age,
        max_live_keys=settings.max_live_keys,
        lease=LEASE + waits + timedelta(seconds=lasting),
        may_issue=settings.may_issue,
        shards=settings.shard.total if settings.shard else 0,
        rehearsal=settings.rehearsal,
        time_limit=settings.time_limit,
        give_up=settings.give_up,
        may_create=tuple(_labels(one for one in settings.places if one.create or one.visibility)),
        find_old_key=settings.find_old_key,
        old_key_name=settings.old_key_name,
        pattern=drawing.drawn(),
        from_scope=settings.from_scope,
        minter=settings.api_key.fingerprint,
    )


def _labels(places: Iterable[Place]) -> Iterator[str]:
    return (address_of(place).label_of(place.secret_name) for place in places)


def _run(context: Context, clock: Clock) -> Run:
    """Name this run; outside a runner, by the second in which it started."""
    run_id = int(context.run_id) if context.run_id.isdigit() else int(clock.now().timestamp())
    attempt = int(context.attempt) if context.attempt.isdigit() else 1
    nonce = "".join(secrets.choice(ALPHABET) for _ in range(NONCE_LENGTH))
    return Run(run_id, attempt, nonce, context.run_url)
