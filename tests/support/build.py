"""Builders with defaults: each test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rotate.errors import ExitCode, Outcome
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.marker import Lineage, Marker
from rotate.protocol.facts.model import Identity, LiveKey, LockFacts, NotebookFacts, Scope, Snapshot
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.note import ConfirmedKey, Note, PendingKey, latest
from rotate.protocol.facts.policy import Command, Policy, Run
from rotate.protocol.story.report import Report

NOW = datetime(2026, 11, 23, 4, 23, tzinfo=UTC)
LINEAGE = Lineage("acme", "0a1b")
RUN = Run(77, 1, "aaaa", "https://github.example/octo-org/payments/actions/runs/77")
PLACE = "github://octo-org/payments#NEON_API_KEY"
ADA = Identity("ada", organization=False)
ORGANIZATION = Identity("org-a", organization=True)


def key(key_id: int, name: str = "", **changes: Any) -> LiveKey:
    """A live key of the lineage, unless it has a name of its own; a higher id is younger."""
    marker = Marker(LINEAGE, 70, 1, f"k{key_id:03d}", 1).name()
    return replace(LiveKey(key_id, name or marker, NOW - timedelta(days=40) + timedelta(seconds=key_id)), **changes)


def confirmed(key_id: int) -> ConfirmedKey:
    """That key as the note confirms it."""
    one = key(key_id)
    return ConfirmedKey(key_id, one.name, f"f{key_id}", one.created_at)


def pending(key_id: int) -> PendingKey:
    """That key as the note has it pending."""
    one = key(key_id)
    return PendingKey(key_id, one.name, f"f{key_id}", one.created_at)


def note(**changes: Any) -> Note:
    """A note that confirms key 3 everywhere."""
    until = latest({PLACE: NOW})
    base = Note(LINEAGE.name, confirmed=confirmed(3), destinations=(PLACE,), home=LINEAGE.home, stood_until=until)
    return replace(base, **changes)


def lock(**changes: Any) -> LockFacts:
    """Another run's lock, good for ten more minutes."""
    return replace(LockFacts(66, 1, "zzzz", NOW + timedelta(minutes=10), run_completed=False), **changes)


def snapshot(**changes: Any) -> Snapshot:
    """Key 3 is confirmed, alive, and all there is."""
    base = Snapshot(
        issuer=ADA,
        previous=None,
        keys=(key(3),),
        destinations={PLACE: DestinationFacts(NOW - timedelta(days=40))},
        notebook=NotebookFacts(note(), None),
    )
    return replace(base, **changes)


def policy(**changes: Any) -> Policy:
    """Rotate a personal key with itself, now."""
    base = Policy(
        command=Command.ROTATE,
        scope=Scope.PERSONAL,
        lineage=LINEAGE,
        destinations=(PLACE,),
        run=RUN,
        self_rotation=True,
        value_at_hand="f3",
    )
    return replace(base, **changes)


def minted(**changes: Any) -> Policy:
    """Rotate an organization key with a minter."""
    base = policy(scope=Scope.ORGANIZATION, org_id="org-a", self_rotation=False)
    return replace(base, **changes)


def event(**changes: Any) -> Event:
    """A put that went well."""
    return replace(Event(4, "put", PLACE, Outcome.APPLIED, "written", NOW, 0.25), **changes)


def report(**changes: Any) -> Report:
    """A rotation that went well."""
    base = Report(
        status=Status.ROTATED,
        exit_code=ExitCode.DONE,
        why="key 3 is dead: its value answers 401 (200 before), absent from the list",
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=2),
        policy=policy(),
        key_id=4,
        key_name=key(4).name,
    )
    return replace(base, **changes)
