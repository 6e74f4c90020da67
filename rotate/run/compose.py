"""Settings in, live objects out: the only constructor of adapters."""

from __future__ import annotations

import math
import secrets
import string
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from rotate.context import Context
from rotate.line import Attached
from rotate.ports import Clock, Keeper, Reporter, Scrub
from rotate.protocol.facts.marker import NONCE_LENGTH
from rotate.protocol.facts.policy import Command, Policy, Run
from rotate.run import drawing
from rotate.run.engine import Engine
from rotate.run.joined import joined
from rotate.run.lines import Lines
from rotate.run.nowhere import PLACELESS, TOKENLESS, Nowhere
from rotate.run.world import World
from rotate.settings.model import NOTE_FILE, Settings
from rotate.systems.neon import api_key
from rotate.wire.together import MOST_AT_ONCE

LEASE = timedelta(minutes=15)
ALPHABET = string.ascii_lowercase + string.digits


def compose(
    settings: Settings,
    context: Context,
    reporters: Sequence[Reporter],
    scrub: Scrub,
    stop: threading.Event,
    lines: Lines,
) -> Engine:
    """Build everything one run needs; nothing is contacted."""
    world = world_of(settings, stop, lines)
    policy = policy_of(settings, context, world.clock, tuple(world.destinations), 2 * world.given.lasting())
    return Engine(world, policy, reporters, tuple(_keepers(settings, context, policy, scrub, world)))


def world_of(settings: Settings, stop: threading.Event, lines: Lines) -> World:
    """Build the live objects; nothing is contacted."""
    means, reach = lines.means, (settings.scope, settings.org_id, settings.project_id)
    source = api_key.build(settings.api_host, means.clock, *reach, means.network, settings.from_scope)
    given = _noted(settings, joined([line.attach(settings, stop) for line in lines.of(settings)]))
    opened = {destination.name: destination for destination in given.destinations}
    nowhere = Nowhere(TOKENLESS if settings.keeper else PLACELESS)
    return World(
        source=source,
        destinations={place.name: opened[place.name] for place in settings.places if place.name in opened},
        notebook=given.notebook or nowhere,
        readers=given.readers or nowhere,
        canary=given.canary or nowhere,
        clock=means.clock,
        hide=means.hide,
        stop=stop,
        issuer=settings.api_key,
        at_hand=settings.at_hand,
        close=source.close,
        matrix=partial(_matrix, given.lasting),
        given=given,
    )


def _noted(settings: Settings, given: Attached) -> Attached:
    """Let a file keep the note, where one was asked for."""
    if settings.keeper is None or settings.keeper.kind != NOTE_FILE:
        return given
    from rotate.systems.note_file.notebook import FileNotebook

    writes = settings.command in (Command.ROTATE, Command.SWEEP, Command.SYNC)
    book = FileNotebook(Path(settings.keeper.where), writes=writes)
    return given._replace(notebook=book, lineage=lambda: settings.lineage(book.number))


def _keepers(settings: Settings, context: Context, policy: Policy, scrub: Scrub, world: World) -> Iterator[Keeper]:
    """Give who keeps the story outside the run: the audit first, since an alert takes requests and so time."""
    if settings.audit:
        from rotate.protocol.story.records import Actor, Scribe
        from rotate.reporters.audit_json import AuditFile

        scribe = Scribe(policy, Actor(context.actor, context.triggering_actor), settings.reason, scrub)
        yield AuditFile(Path(context.workspace), settings.audit, scribe, world.clock.now())
    if settings.alert_issue:
        from rotate.reporters.alert_issue import AlertIssue

        home = settings.keeper.where if settings.keeper and settings.keeper.kind != NOTE_FILE else ""
        yield AlertIssue(world.given.issues(), f"{context.server_url}/{home}/issues", policy, scrub, context.docs)


def _matrix(lasting: Callable[[], float]) -> str:
    from rotate.settings.shards import matrix

    return matrix(lasting())


def policy_of(
    settings: Settings, context: Context, clock: Clock, destinations: tuple[str, ...], lasting: float = 0.0
) -> Policy:
    """Reduce what was asked to what decisions need. `lasting`: how many seconds the writes may take.

    The lineage is at home in the repository that keeps its note. A runner knows that one's number and a laptop asks
    for it, so that both mean the same keys.
    """
    canary = settings.canary.wait if settings.canary else timedelta()
    waits = settings.overlap.wait + canary + drawing.lasting(settings) + _redeploys(settings)
    return Policy(
        command=settings.command,
        scope=settings.scope,
        lineage=settings.lineage(settings.keeper.number if settings.keeper else 0),
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
        may_create=tuple(place.name for place in settings.places if place.creates),
        find_old_key=settings.find_old_key,
        old_key_name=settings.old_key_name,
        pattern=drawing.drawn(),
        from_scope=settings.from_scope,
        minter=settings.api_key.fingerprint,
        require_proof=settings.require_proof,
        redeploys=tuple(place.name for place in settings.places if place.redeploy),
    )


def _redeploys(settings: Settings) -> timedelta:
    """Give how long it may take until all was started anew; so many as are confirmed at once are waited for at once."""
    waits = [place.redeploy for place in settings.places if place.redeploy]
    return max(waits, default=timedelta()) * math.ceil(len(waits) / MOST_AT_ONCE)


def _run(context: Context, clock: Clock) -> Run:
    """Name this run; outside a runner, by the second in which it started."""
    run_id = int(context.run_id) if context.run_id.isdigit() else int(clock.now().timestamp())
    attempt = int(context.attempt) if context.attempt.isdigit() else 1
    nonce = "".join(secrets.choice(ALPHABET) for _ in range(NONCE_LENGTH))
    return Run(run_id, attempt, nonce, context.run_url)
