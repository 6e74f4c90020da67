"""`doctor`: is everything in place for the next rotation? Reads only, and contacts nobody that a rotation would not."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from rotate.commands.doctor import checks, clocks
from rotate.context import Context
from rotate.errors import ExitCode
from rotate.line import Checks
from rotate.protocol.decisions.key_guards import settled
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import Dead, NoNotebook, Snapshot
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.story.findings import Checkup, Finding, State
from rotate.protocol.story.report import Report
from rotate.run.compose import policy_of, world_of
from rotate.run.lines import Lines
from rotate.run.look import Observer
from rotate.run.world import World
from rotate.settings.model import Settings
from rotate.wire.clock import time_of
from rotate.wire.together import begin

WITHOUT_A_KEY = frozenset({Aspect.NOTEBOOK, Aspect.DESTINATIONS})
NOBODY = Snapshot(issuer=Dead(), previous=None, keys=(), destinations={}, notebook=NoNotebook("", ""))


def examine(settings: Settings, context: Context, stop: threading.Event, lines: Lines) -> Report:
    """Look at everything that a rotation of one credential rests on."""
    clock = lines.means.clock
    began = clock.monotonic()
    world = world_of(settings, stop, lines)
    policy = policy_of(settings, context, clock, tuple(world.destinations))
    try:
        seen = _look(world, policy, given=bool(settings.api_key))
        policy = settled(policy, world.given.lineage(), seen.note, shared=world.notebook.shared)
        every = [line.checks(settings, context, clock.now()) for line in lines.of(settings)]
        told = _findings(every, world, policy, seen, clock.now())
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
    """Read what a rotation reads before its first effect; without a key, what the other systems tell."""
    observer = Observer(world, policy)
    observer.last = NOBODY
    issuer = begin(partial(world.source.identify, world.issuer)) if given else None
    at_hand = None if policy.self_rotation or not given else world.at_hand
    previous = begin(partial(world.source.identify, at_hand)) if at_hand else None
    observer.look(WITHOUT_A_KEY | {Aspect.KEYS} if given else WITHOUT_A_KEY, world.issuer)
    return replace(observer.seen(), issuer=issuer() if issuer else Dead(), previous=previous() if previous else None)


def _findings(
    every: Sequence[Checks], world: World, policy: Policy, seen: Snapshot, now: datetime
) -> Iterator[Finding]:
    """Give them in the order in which they are told: who asks, where, what is kept, the key, the workflows.

    The first system keeps the note.
    """
    for one in every:
        yield from one.tokens()
    known = {name: (one, *told) for one in every for name, told in one.destinations().items()}
    for name in world.destinations:
        of, writes, more = known.get(name, (every[0], False, ""))
        yield of.paged(checks.destination(name, seen.destinations[name], writes, more), name)
    for one in every:
        yield from one.plans()
    may_note = every[0].notebook(shared=world.notebook.shared)
    for found in checks.notebook(seen, world.notebook.where, may_note, policy, now):
        yield every[0].paged(found)
    if world.issuer:
        yield from checks.key(seen, policy, now)
    else:
        yield Finding("`api_key`", State.UNKNOWN, "none was given, so Neon was not asked")
    for one in every:
        yield from one.workflows()
