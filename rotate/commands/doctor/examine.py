"""`doctor`: is everything in place for the next rotation? Reads only, and contacts nobody that a rotation would not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from rotate.commands.doctor import checks, clocks
from rotate.errors import ExitCode
from rotate.means import Means
from rotate.protocol.decisions.key_guards import settled
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import Dead, NoNotebook, Snapshot
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.story.findings import Checkup, Finding, State
from rotate.protocol.story.report import Report
from rotate.run.compose import policy_of, world_of
from rotate.run.look import Observer
from rotate.run.world import World
from rotate.settings.context import Context
from rotate.settings.model import Settings
from rotate.systems.github.checks import GitHubChecks
from rotate.systems.github.connections import Connections
from rotate.wire.clock import time_of
from rotate.wire.together import begin

OF_GITHUB = frozenset({Aspect.NOTEBOOK, Aspect.DESTINATIONS})
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
        github = GitHubChecks(settings, context, connections, clock.now())
        told = _findings(github, world, policy, seen, clock.now())
        findings = [*clocks.compared(clock.ahead(), seen.source_ahead), *told]
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


def _findings(github: GitHubChecks, world: World, policy: Policy, seen: Snapshot, now: datetime) -> Iterator[Finding]:
    """Give them in the order in which they are told: who asks, where, what is kept, the key, the workflows."""
    yield from github.tokens()
    known = github.destinations()
    for name in world.destinations:
        writes, more = known.get(name, (False, ""))
        yield github.paged(checks.destination(name, seen.destinations[name], writes, more), name)
    yield from github.plans()
    may_note = github.notebook(shared=world.notebook.shared)
    for found in checks.notebook(seen, world.notebook.where, may_note, policy, now):
        yield github.paged(found)
    if world.issuer:
        yield from checks.key(seen, policy, now)
    else:
        yield Finding("`api_key`", State.UNKNOWN, "none was given, so Neon was not asked")
    yield from github.workflows()
